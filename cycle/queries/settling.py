"""What keeps a year's results from being closed: windows that are open, appeals and approvals under way."""

import datetime as dt
from collections.abc import Iterator

from cycle.models import KINDS, Appeal, Cycle, Feedback, Matter, ScoringRun, Subject
from cycle.models.matter import unfinished
from cycle.queries.results import approved_run, latest_run
from cycle.queries.windows import Window, second_window, windows_of

RUNS_ON = ("rectification", "extension")
"""Kinds that may run on into the next year: they hold up neither the lock nor the archive."""
_MOVING = ("appeal", "recusal", "reapproval", "recheck")


def run_to_lock(cycle: Cycle) -> ScoringRun | None:
    """Return the approved run where its results are the newest there are; None while others wait."""
    approved, newest = approved_run(cycle), latest_run(cycle)
    if approved is None or newest is None or approved.result_digest != newest.result_digest:
        return None
    return approved


def obstacles_to_lock(cycle: Cycle, at: dt.datetime) -> list[str]:
    """Return in words why the results cannot be locked yet; empty once everything is settled."""
    return list(_obstacles(cycle, at))


def is_settled(cycle: Cycle, at: dt.datetime) -> bool:
    """Whether nothing keeps the results from being locked; stops at the first thing that does."""
    return next(_obstacles(cycle, at), None) is None


def _obstacles(cycle: Cycle, at: dt.datetime) -> Iterator[str]:
    if run_to_lock(cycle) is None:
        yield "最新的计分结果还没有批准"
    moving = list(under_way(cycle))
    if moving:
        shown = "、".join(f"“{each.title}”（{each.state_title}）" for each in moving[:3])
        yield f"{shown}{f'等 {len(moving)} 件' if len(moving) > 3 else ''}还没有办结"
    missing = cycle.subjects.count() - Feedback.objects.filter(cycle=cycle, served_at__isnull=False).count()
    if missing:
        yield f"还有 {missing} 家单位的反馈书没有送达"
        return
    window = next(_open_windows(cycle, at), None)
    if window:
        yield f"申诉期还没有届满：{window}"


def under_way(cycle: Cycle) -> Iterator[Matter]:
    """Yield the appeals, re-approvals and rechecks that can still change a result."""
    rows = Matter.objects.filter(unfinished(), cycle=cycle, kind__in=_MOVING)
    for each in rows.order_by("created_at", "id"):
        if each.kind != Appeal.KIND or each.state in Appeal.UNDECIDED:
            yield each


def _open_windows(cycle: Cycle, at: dt.datetime) -> Iterator[str]:
    for subject in Subject.objects.filter(cycle=cycle).select_related("cycle").order_by("position"):
        yield from (_words(subject, each) for each in windows_of(subject) if each.is_open(at))
    decided = Appeal.objects.filter(cycle=cycle, decided_at__isnull=False)
    for appeal in decided.select_related("cycle", "subject", "run"):
        window = second_window(appeal)
        if window and window.is_open(at) and not appeal.later.exists():
            yield _words(appeal.unit, window)


def _words(subject: Subject, window: Window) -> str:
    return f"{subject.title}，{window.words.rstrip('。')}"


def finishing(cycle: Cycle) -> list[Matter]:
    """Return the matters beside the gates that hold up the archive: whatever must not run on."""
    rows = Matter.objects.filter(unfinished(), cycle=cycle).exclude(kind__in=RUNS_ON)
    return [each for each in rows.order_by("created_at", "id") if not KINDS[each.kind].HOLDS_GATE]


def running_on(cycle: Cycle) -> int:
    """Return how many rectifications run on when the year is archived."""
    return Matter.objects.filter(unfinished(), cycle=cycle, kind="rectification").count()
