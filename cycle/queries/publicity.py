"""What was shown of whom: which results count as shown, who may read a publicity, which window is open.

Results are shown group by group. A run that leaves a group's table as it was shown is, for this group, the
same result: nobody has to be shown it twice.
"""

import datetime as dt
from collections import defaultdict
from typing import Any
from uuid import UUID

from cycle.models import Cycle, Grade, Publication, Score, ScoringRun, Subject
from cycle.queries.packs import rules_of
from cycle.queries.results import latest_run
from policies.packs.procedure import StepRule

Row = dict[str, Any]
_WHAT = Publication.What


def rule_of(cycle: Cycle, what: str) -> StepRule:
    """Return what the policy says about a publicity: whose task, by when, for whom, or that there is none."""
    return rules_of(cycle).step("assessment", "publicity", what)


def takes_place(cycle: Cycle, what: str) -> bool:
    """Whether the policy has this publicity at all."""
    return not rule_of(cycle, what).skip


def tables_of(run: ScoringRun) -> dict[str, list[Row]]:
    """Return a run's results as they are shown: group → units with every number, best first."""
    scores: dict[UUID, dict[str, str]] = defaultdict(dict)
    for subject, component, value in Score.objects.filter(run=run).values_list(
        "subject_id", "component", "value"
    ):
        scores[subject][component] = value
    grades = Grade.objects.filter(run=run).select_related("subject")
    tables: dict[str, list[Row]] = defaultdict(list)
    for grade in sorted(grades, key=lambda each: (each.rank or 9999, each.subject.position)):
        tables[grade.subject.group].append(_row(grade, scores[grade.subject_id]))
    return dict(tables)


def _row(grade: Grade, scores: dict[str, str]) -> Row:
    return {
        "code": grade.subject.code,
        "unit": grade.subject.title,
        "rank": grade.rank,
        "total": grade.total,
        "components": scores,
        "bonus": grade.bonus,
        "deduction": grade.deduction,
        "grade": grade.grade_title,
        "barred": bool(grade.barred),
    }


def same_results(one: ScoringRun | None, other: ScoringRun | None, group: str) -> bool:
    """Whether two runs give a group the same table."""
    if one is None or other is None:
        return False
    if one.pk == other.pk or one.result_digest == other.result_digest:
        return True
    return tables_of(one).get(group) == tables_of(other).get(group)


def newest_of(cycle: Cycle, what: str) -> dict[str, Publication]:
    """Return the newest publicity of a kind for each group, shown already or not."""
    rows = Publication.objects.filter(cycle=cycle, what=what).select_related("run", "cycle")
    return {each.group: each for each in rows.order_by("run__number", "created_at", "pk")}


def showing(run: ScoringRun, what: str = _WHAT.SHOW) -> dict[str, Publication]:
    """Return the publicity that shows, or is about to show, this run's results, for each group that has one.

    Only a group's newest publicity counts: results that were replaced and come back are shown again.
    """
    newest = newest_of(run.cycle, what)
    if all(each.run_id == run.pk for each in newest.values()):
        return newest
    now, known = tables_of(run), {each.run_id: each.run for each in newest.values() if each.run}
    tables = {pk: now if pk == run.pk else tables_of(other) for pk, other in known.items()}
    return {
        group: each
        for group, each in newest.items()
        if each.run_id and tables[each.run_id].get(group) == now.get(group)
    }


def groups_to_show(run: ScoringRun, what: str = _WHAT.SHOW) -> list[str]:
    """Return the groups, in the policy's order, whose results in this run no publicity shows yet."""
    shown = showing(run, what)
    return [group for group in rules_of(run.cycle).groups if group not in shown]


def publications_of(run: ScoringRun) -> list[Publication]:
    """Return the publicity that showed exactly this run's results, one for each group that was shown them."""
    return sorted(showing(run).values(), key=lambda each: (each.created_at, each.pk))


def is_newest(cycle: Cycle, run: ScoringRun | None, group: str = "") -> bool:
    """Whether the newest run of the cycle has this run's results (of a group)."""
    newest = latest_run(cycle)
    if run is None or newest is None:
        return False
    return newest.result_digest == run.result_digest or bool(group and same_results(run, newest, group))


def open_publication(subject: Subject, at: dt.datetime) -> Publication | None:
    """Return the publicity of the unit's group in whose window `at` lies; None outside any.

    The window runs to 24:00 of its last working day, whoever presses what and when.
    """
    rows = Publication.objects.filter(cycle=subject.cycle_id, what=_WHAT.SHOW)
    rows = rows.filter(published_at__lte=at, closes_at__gt=at).order_by("-published_at")
    return next((each for each in rows.select_related("run") if each.group == subject.group), None)


def earlier_than(publication: Publication) -> Publication | None:
    """Return what was shown of the same group and kind before."""
    return _neighbour(publication, later=False)


def later_than(publication: Publication) -> Publication | None:
    """Return what was shown of the same group and kind since; the newest."""
    return _neighbour(publication, later=True)


def _neighbour(publication: Publication, *, later: bool) -> Publication | None:
    rows = Publication.objects.filter(cycle=publication.cycle_id, what=publication.what)
    rows = rows.exclude(pk=publication.pk).exclude(published_at=None).order_by("-published_at")
    shown = publication.published_at
    if shown is not None:
        rows = rows.filter(published_at__gt=shown) if later else rows.filter(published_at__lt=shown)
    elif later:
        return None
    return next((each for each in rows if each.group == publication.group), None)
