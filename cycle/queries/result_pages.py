"""Results as their pages show them: tables by group, one unit with every number explained."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cycle.models import Approval, Cycle, Grade, Publication, Score, ScoringRun, Subject
from cycle.queries.packs import rules_of
from cycle.queries.publicity import same_results
from cycle.queries.results import approved_run, latest_run, recomputed
from cycle.queries.scopes import (
    groups_of,
    groups_seen,
    published_groups,
    published_to,
    sees_all,
    subjects_seen,
)
from policies.explain import Node, explain
from policies.packs import Pack


@dataclass(frozen=True, slots=True)
class GroupTable:
    """One group's ranking in one run."""

    group: str
    title: str
    run: ScoringRun
    state: str
    publication: Publication | None
    components: list[tuple[str, str]]
    rows: list["UnitLine"]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit in the ranking."""

    grade: Grade
    scores: list[str]
    linked: bool
    tone: str


def runs_seen(seat: Any, cycle: Cycle) -> dict[str, ScoringRun]:
    """The run that the office sees of each group: overseers the approved or newest, others the published.

    A group's own units see what was approved as soon as it is, and so does who carries out what follows
    from it; others what was published to them.
    """
    approved = approved_run(cycle)
    if sees_all(seat):
        run = approved or latest_run(cycle)
        return dict.fromkeys(groups_seen(seat, cycle), run) if run else {}
    shown = published_to(seat, cycle)
    runs = {group: each.run for group, each in shown.items() if each.run}
    if approved is not None:
        runs |= dict.fromkeys(groups_of(seat, cycle) & set(shown), approved)
        runs |= {group: runs.get(group, approved) for group in _groups_used(seat, cycle)}
    return runs


def _groups_used(seat: Any, cycle: Cycle) -> set[str]:
    """The groups with units of which the office uses the results."""
    rows = Subject.objects.filter(matters__kind="consequence", matters__office=seat.office, cycle=cycle)
    return set(rows.values_list("group", flat=True))


def units_explained(seat: Any, cycle: Cycle) -> set[str]:
    """Codes of the units whose result the office may open: its own, those it answers for or has uses of."""
    if sees_all(seat):
        return set(cycle.subjects.values_list("code", flat=True))
    if seat.office.capacity in ("unit", "county_leader"):
        return set(subjects_seen(seat, cycle).values_list("code", flat=True))
    uses = Subject.objects.filter(matters__kind="consequence", matters__office=seat.office, cycle=cycle)
    return set(uses.values_list("code", flat=True))


def tables(seat: Any, cycle: Cycle) -> list[GroupTable]:
    """The rankings that the office may see, in the policy's order of groups."""
    seen = groups_seen(seat, cycle)
    runs = {group: run for group, run in runs_seen(seat, cycle).items() if group in seen}
    published = published_groups(cycle) if sees_all(seat) else published_to(seat, cycle)
    pack = rules_of(cycle)
    lines = _lines(cycle, runs, units_explained(seat, cycle))
    found = []
    for group, definition in pack.groups.items():
        if group in runs and lines[group]:
            titles = [(key, one.title) for key, one in pack.content[group].components.items()]
            state = _state(cycle, runs[group], published.get(group))
            found.append(
                GroupTable(
                    group, definition.title, runs[group], state, published.get(group), titles, lines[group]
                )
            )
    return found


def _lines(cycle: Cycle, runs: dict[str, ScoringRun], linked: set[str]) -> dict[str, list[UnitLine]]:
    scores: dict[tuple[UUID, UUID], dict[str, str]] = defaultdict(dict)
    for score in Score.objects.filter(run__in=set(runs.values())):
        scores[score.run_id, score.subject_id][score.component] = score.value
    pack = rules_of(cycle)
    lines: dict[str, list[UnitLine]] = defaultdict(list)
    grades = Grade.objects.filter(run__in=set(runs.values())).select_related("subject")
    for grade in sorted(grades, key=lambda each: (each.rank or 9999, each.subject.position)):
        group = grade.subject.group
        if group in runs and grade.run_id == runs[group].pk:
            found = scores[grade.run_id, grade.subject_id]
            values = [found.get(key, "—") for key in pack.content[group].components]
            tone = grade_tone(pack, group, grade.grade)
            lines[group].append(UnitLine(grade, values, grade.subject.code in linked, tone))
    return lines


def grade_tone(pack: Pack, group: str, grade: str) -> str:
    """The colour of a grade's badge: the best green, the worst red, one that waits for a decision amber."""
    levels = list(pack.grades[group].levels) if group in pack.grades else []
    if not grade:
        return "warn"
    return (
        {0: "good", len(levels) - 1: "bad"}.get(levels.index(grade), "neutral")
        if grade in levels
        else "neutral"
    )


def _state(cycle: Cycle, run: ScoringRun, publication: Publication | None) -> str:
    if Approval.objects.filter(cycle=cycle, run=run, state="approved").exists():
        return "已批准"
    if publication is None or not same_results(publication.run, run, publication.group):
        return "已计分，未公示"
    return str(publication.state_title)


@dataclass(frozen=True, slots=True)
class Explained:
    """One unit's result with the tree that explains it."""

    grade: Grade
    run: ScoringRun
    node: Node

    @property
    def tree(self) -> dict[str, Any]:
        """The tree for components/explanation.html."""
        return tree_of(self.node)


def explained(run: ScoringRun, subject: Subject) -> Explained:
    """Compute a unit's result again from the run's stored inputs, with every number explained."""
    grade = Grade.objects.select_related("subject").get(run=run, subject=subject)
    return Explained(grade, run, explain(recomputed(run.pk), subject.code))


def tree_of(node: Node, urls: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a node and all below it for components/explanation.html; `urls` by the nodes' keys."""
    return {
        "appeal_url": (urls or {}).get(node.key, "") if node.key else "",
        "label": node.label,
        "value": node.value,
        "formula": node.formula,
        "text": f"{node.numbers} = {node.value}" if node.numbers else "",
        "cite": node.cite or "",
        "children": [tree_of(child, urls) for child in node.children],
    }
