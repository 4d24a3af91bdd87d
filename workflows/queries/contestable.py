"""What a unit can contest now, until when and how that was counted; and why not, where it cannot."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from audit.clock import last_day
from cycle.models import Appeal, Cycle, PointKind, Subject
from cycle.queries.appeal_links import new_url
from cycle.queries.calendar import current_calendar
from cycle.queries.points import Point, points_of
from cycle.queries.windows import OCCASIONS, Window, windows_of
from cycle.services.appeals import CLOSED
from workflows.queries.deadlines import Due, day_text, due_of

TONES = {
    "draft": "neutral", "filed": "info", "incomplete": "warn", "accepted": "info", "answered": "info",
    "investigated": "info", "proposed": "info", "decided": "good", "signed": "good", "refused": "bad",
    "withdrawn": "neutral", "lapsed": "neutral",
}  # fmt: skip
SECTIONS = {
    PointKind.INDICATOR: "指标得分",
    PointKind.CLAIM: "加分和减分",
    PointKind.VETO: "否决事项",
    PointKind.GRADE: "等次和名次",
}


@dataclass(frozen=True, slots=True)
class PointLine:
    """One point of a unit's result: its appeal if there was one, else whether and why it can be contested."""

    point: Point
    section: str
    appeal: Appeal | None = None
    url: str = ""
    why_not: str = ""

    @property
    def tone(self) -> str:
        """The colour of its appeal's state."""
        return TONES.get(self.appeal.state, "info") if self.appeal else "neutral"


@dataclass(frozen=True, slots=True)
class Shown:
    """A window as the page shows it."""

    window: Window
    title: str
    due: Due
    is_open: bool


@dataclass(frozen=True, slots=True)
class Contestable:
    """A unit's result as something to object to."""

    subject: Subject
    windows: list[Shown]
    lines: list[PointLine]

    @property
    def open_windows(self) -> list[Shown]:
        """The windows in which an appeal can be filed now."""
        return [each for each in self.windows if each.is_open]


def contestable(subject: Subject, at: dt.datetime) -> Contestable:
    """Return every point of a unit's result with what the unit can do about it at a moment."""
    windows = windows_of(subject)
    shown = [_shown(each, at) for each in windows]
    appeals = _appeals(subject)
    lines = [
        _line(subject, point, window, appeals, at)
        for window, points in _by_window(subject, windows, at)
        for point in points
    ]
    return Contestable(subject, shown, sorted(lines, key=lambda line: list(SECTIONS).index(line.point.kind)))


def window_for(windows: Iterable[Window], kind: PointKind, at: dt.datetime) -> Window | None:
    """Return the window in which a kind of point can be contested now, else the last in which it could."""
    fitting = [each for each in windows if kind == PointKind.GRADE or not each.only_grade]
    return next((each for each in fitting if each.is_open(at)), fitting[0] if fitting else None)


def _by_window(
    subject: Subject, windows: list[Window], at: dt.datetime
) -> Iterable[tuple[Window, list[Point]]]:
    """Each kind of point as it stands in the run of the window that it is contested in."""
    known: dict[Any, list[Point]] = {}
    for kind in SECTIONS:
        window = window_for(windows, kind, at)
        if window is not None:
            if window.run.pk not in known:
                known[window.run.pk] = points_of(subject, window.run)
            for point in known[window.run.pk]:
                if point.kind == kind:
                    yield _reopened(windows, point, at) or window, [point]


def _reopened(windows: list[Window], point: Point, at: dt.datetime) -> Window | None:
    """The open window in which exactly this point can be contested: its facts were corrected, say."""
    return next((each for each in windows if each.is_open(at) and each.admits(point)), None)


def _appeals(subject: Subject) -> dict[tuple[str, Any], Appeal]:
    """The newest appeal of each point, of whatever version of an indicator; lapsed drafts do not count."""
    rows = Appeal.objects.filter(subject=subject).exclude(state="lapsed").select_related("indicator")
    return {_key(each.point, each): each for each in rows.order_by("created_at")}


def _key(kind: str, holder: Point | Appeal) -> tuple[str, Any]:
    if holder.indicator:
        return kind, holder.indicator.key
    claim = holder.claim.pk if isinstance(holder, Point) and holder.claim else None
    return kind, claim or getattr(holder, "claim_id", None)


def _line(
    subject: Subject, point: Point, window: Window, appeals: dict[tuple[str, Any], Appeal], at: dt.datetime
) -> PointLine:
    section, appeal = SECTIONS[point.kind], appeals.get(_key(point.kind, point))
    if appeal:
        return PointLine(point, section, appeal, url=reverse("appeal", args=[appeal.pk]))
    why_not = _why_not(subject.cycle, window, at)
    if why_not:
        return PointLine(point, section, why_not=why_not)
    return PointLine(point, section, url=new_url(subject, point.id))


def _why_not(cycle: Cycle, window: Window, at: dt.datetime) -> str:
    if cycle.state in CLOSED:
        return f"本年度{cycle.get_state_display()}"
    if not window.is_open(at) and window.closes_at:
        return f"申诉期已于 {day_text(last_day(window.closes_at), at)} 24 时届满"
    return ""


def _shown(window: Window, at: dt.datetime) -> Shown:
    due = due_of(window.closes_at, at, current_calendar()) if window.closes_at else Due(None, "")
    title = OCCASIONS[window.occasion] + ("（只能对名次和等次提出）" if window.only_grade else "")
    return Shown(window, title, due, window.is_open(at))
