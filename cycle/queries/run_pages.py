"""Scoring runs as their pages show them: the list with causes, what one changed against the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from cycle.models import Appeal, ChangeNotice, Cycle, Feedback, Grade, Matter, ScoringRun
from cycle.queries.fact_words import FactWords, facts_in_words
from cycle.queries.packs import rules_of
from cycle.queries.results import approved_run
from cycle.queries.scopes import groups_seen, published_to, sees_all, subjects_seen


@dataclass(frozen=True, slots=True)
class GradeMoved:
    """How a unit's published outcome differs between two runs; a pair is (before, after)."""

    code: str
    title: str
    group: str
    total: tuple[str, str]
    rank: tuple[int | None, int | None]
    grade: tuple[str, str]


def grades_between(before: ScoringRun, after: ScoringRun) -> list[GradeMoved]:
    """Return the units whose total, rank or grade differ between two runs of a cycle, in their order."""
    old, new = _grades(before), _grades(after)
    found = []
    for key, grade in new.items():
        was = old.get(key)
        if was is None or (was.total, was.rank, was.grade) == (grade.total, grade.rank, grade.grade):
            continue
        found.append(
            GradeMoved(
                grade.subject.code,
                grade.subject.title,
                grade.subject.group,
                (was.total, grade.total),
                (was.rank, grade.rank),
                (was.grade_title or "待定", grade.grade_title or "待定"),
            )
        )
    return found


def _grades(run: ScoringRun) -> dict[object, Grade]:
    rows = Grade.objects.filter(run=run).select_related("subject").order_by("subject__position")
    return {grade.subject_id: grade for grade in rows}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in the list: what made it, who moved, and how far it has come."""

    run: ScoringRun
    cause: Matter | None
    moved: int
    grades: int
    standing: str


def runs_listed(seat: Any, cycle: Cycle) -> list[RunRow]:
    """Return the runs that the office may see, the newest first, with how much each changed for it."""
    rows = ScoringRun.objects.filter(cycle=cycle).defer("inputs").select_related("because_of")
    if not sees_all(seat):
        rows = rows.filter(pk__in=_shown(seat, cycle))
    groups, approved = groups_of(seat, cycle), approved_run(cycle)
    approved_ids = set(rows.filter(approvals__state="approved").values_list("pk", flat=True))
    found = []
    for run in rows.order_by("-number"):
        moved = units_moved(run, groups)
        standing = _standing(run, approved, run.pk in approved_ids)
        changed = sum(each["grade"][0] != each["grade"][1] for each in moved)
        found.append(RunRow(run, run.because_of, len(moved), changed, standing))
    return found


def _standing(run: ScoringRun, approved: ScoringRun | None, was_approved: bool) -> str:
    if run.locked_at:
        return "已锁定"
    if approved is not None and run.pk == approved.pk:
        return "已批准，现行结果"
    return "曾批准，已被变更" if was_approved else "未报批"


def _shown(seat: Any, cycle: Cycle) -> set[UUID]:
    """The runs whose results an office outside the overseers was shown: published, served, approved."""
    units = subjects_seen(seat, cycle)
    served = Feedback.objects.filter(cycle=cycle, subject__in=units, served_at__isnull=False)
    notices = ChangeNotice.objects.filter(cycle=cycle, subject__in=units)
    published = published_to(seat, cycle)
    found = {each.run_id for each in published.values() if each.run_id}
    approved = approved_run(cycle) if published else None
    return (
        found
        | {*served.values_list("run", flat=True), *notices.values_list("run", flat=True)}
        | ({approved.pk} if approved else set())
    )


def groups_of(seat: Any, cycle: Cycle) -> set[str]:
    """The groups whose tables the office sees, and so the units that it may see moving."""
    return groups_seen(seat, cycle)


def units_moved(run: ScoringRun, groups: Iterable[str]) -> list[dict[str, Any]]:
    """Return the units of these groups that a run moved, with titles of grades, largest change first."""
    seen = set(groups)
    pack = rules_of(run.cycle)
    group_of = dict(run.cycle.subjects.values_list("code", "group"))
    found = []
    for each in run.changes.get("units", []):
        group = group_of.get(each["unit"], "")
        if group in seen:
            levels = pack.grades[group].levels if group in pack.grades else {}
            titles = [levels[key].title if key in levels else "待定" for key in each["grade"]]
            found.append(each | {"group": pack.groups[group].title, "grade": titles})
    return found


def places_moved(run: ScoringRun, groups: Iterable[str]) -> list[str]:
    """Return, in words, which units took or lost places of a level with a quota."""
    seen, pack = set(groups), rules_of(run.cycle)
    return [_place_words(each, pack.groups[each["group"]].title) for each in run.changes.get("quotas", [])
            if each["group"] in seen]  # fmt: skip


def _place_words(each: dict[str, Any], group: str) -> str:
    taken = f"{'、'.join(each['taken'])}进入" if each["taken"] else ""
    lost = f"{'、'.join(each['lost'])}退出" if each["lost"] else ""
    parts = [taken, lost]
    return f"{group}“{each['title']}”：{'，'.join(part for part in parts if part)}"


def facts_seen(seat: Any, run: ScoringRun) -> list[FactWords]:
    """Return a run's changed facts: all for overseers, a unit's own for the unit and who answers for it."""
    facts = facts_in_words(run)
    if sees_all(seat):
        return facts
    own = set(subjects_seen(seat, run.cycle).values_list("code", flat=True))
    return [each for each in facts if each.unit in own]


def appeal_behind(run: ScoringRun) -> Appeal | None:
    """Return the appeal whose decision, or recheck, made the run necessary."""
    if run.because_of_id is None:
        return None
    mine = Q(pk=run.because_of_id) | Q(sent_back=run.because_of_id)
    return Appeal.objects.filter(mine).first()
