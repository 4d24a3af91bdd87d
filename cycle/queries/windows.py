"""When a unit may object: how each window opens, how its days are counted, when it ends (24:00, local)."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audit import clock
from cycle.models import Appeal, ChangeNotice, Feedback, PointKind, Publication, ScoringRun, Subject
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import rules_of
from cycle.queries.points import Point
from cycle.queries.receipts import Served, received_on
from policies.clocks import ORIGINS, deadline
from policies.packs.procedure import StepRule

OCCASIONS = {
    "publicity": "结果公示",
    "feedback": "绩效反馈书",
    "change": "结果变更告知书",
    "decision": "复核决定书",
}


@dataclass(frozen=True, slots=True)
class Window:
    """One time for objections. `closes_at` is None while it has not begun (nobody has signed yet).

    `origin` is `service` or `receipt` (`deemed`: nobody had signed in time); `basis` the derivation as
    deadlines keep it; `only_grade`: what changed is the unit's place, so that only its rank and grade can be
    contested – and its `own` points whose facts were corrected (keys of indicators, items of claims).
    """

    occasion: str
    run: ScoringRun
    origin: str
    begins_on: dt.date | None
    closes_at: dt.datetime | None
    basis: dict[str, Any]
    cite: str
    only_grade: bool = False
    own: frozenset[str] = frozenset()
    decided: Appeal | None = None
    deemed: bool = False

    def admits(self, point: Point) -> bool:
        """Whether the point can be contested in this window at all."""
        named = point.indicator.key if point.indicator else point.claim.item if point.claim else ""
        return not self.only_grade or point.kind == PointKind.GRADE or named in self.own

    def is_open(self, at: dt.datetime) -> bool:
        """Whether an appeal may be filed at this moment."""
        return self.closes_at is None or at < self.closes_at

    @property
    def words(self) -> str:
        """How the window was counted, in one sentence that anybody can count again."""
        what, start = OCCASIONS[self.occasion], ORIGINS[self.origin]
        begun = f"视为{start}" if self.deemed else start
        rule = self.basis.get("rule_text", "")
        if self.begins_on is None or self.closes_at is None:
            return f"{what}尚未{start}，申诉期从{start}之日起算，共 {rule}。"
        days = "、".join(f"{day.month} 月 {day.day} 日" for day in self.counted)
        last = clock.last_day(self.closes_at)
        named = f"（{days}）" if 0 < len(self.counted) <= 15 else ""
        return (
            f"{what}于 {_day(self.begins_on)}{begun}，当日不计，申诉期为 {rule}{named}，"
            f"到 {_day(last)} 24 时止。"
        )

    @property
    def counted(self) -> list[dt.date]:
        """The days that count."""
        return [dt.date.fromisoformat(day) for day in self.basis.get("counted", [])]


def windows_of(subject: Subject) -> list[Window]:
    """Return every window that the unit has or had on its result, the newest first."""
    found = [*_publicity(subject), *_letters(subject), *_changes(subject)]
    return sorted(found, key=lambda one: one.begins_on or dt.date.max, reverse=True)


def second_window(appeal: Appeal) -> Window | None:
    """Return the window for a second instance after a decision; None where the policy has none (复议)."""
    rule = rules_of(appeal.cycle).step("feedback", "appeal", "second")
    if rule.skip or appeal.instance != 1 or appeal.decided_at is None:
        return None
    served = clock.local_date(appeal.decided_at)
    return _window("decision", appeal, rule, served, appeal.cycle.year, decided=appeal)


def _publicity(subject: Subject) -> Iterator[Window]:
    rows = Publication.objects.filter(cycle=subject.cycle_id, what=Publication.What.SHOW, run__isnull=False)
    for each in rows.exclude(published_at=None).exclude(closes_at=None).select_related("run"):
        if each.group == subject.group and each.published_at and each.closes_at and each.run:
            rule = rules_of(subject.cycle).step("assessment", "publicity", "show")
            begins = clock.local_date(each.published_at)
            basis = _count(rule, begins, subject.cycle.year)
            yield Window("publicity", each.run, "service", begins, each.closes_at, basis, rule.cite or "")


def _letters(subject: Subject) -> Iterator[Window]:
    rows = Feedback.objects.filter(cycle=subject.cycle_id, subject=subject, served_at__isnull=False)
    for letter in rows.select_related("run"):
        yield from _served("feedback", subject, letter)


def _changes(subject: Subject) -> Iterator[Window]:
    rows = ChangeNotice.objects.filter(cycle=subject.cycle_id, subject=subject).select_related("run")
    for notice in rows:
        own = _own_points(subject, notice.run)
        yield from _served("change", subject, notice, only_grade=True, own=own)


def _own_points(subject: Subject, run: ScoringRun) -> frozenset[str]:
    """The unit's points whose facts the run corrected against the one before it."""
    place = {"readings": 1, "indicators": 1, "vetoes": 1, "adjustments": 2}
    facts = run.changes.get("facts", [])
    return frozenset(
        each["key"][place[each["table"]]]
        for each in facts
        if each["table"] in place and each["key"][0] == subject.code
    )


def _served(
    occasion: str,
    subject: Subject,
    paper: Feedback | ChangeNotice,
    *,
    only_grade: bool = False,
    own: frozenset[str] = frozenset(),
) -> Iterator[Window]:
    rule = rules_of(subject.cycle).step("feedback", "appeal", "file")
    if rule.skip or rule.clock is None or paper.served_at is None:
        return
    served, year = clock.local_date(paper.served_at), subject.cycle.year
    yield _window(occasion, paper, rule, served, year, only_grade=only_grade, own=own)


def _window(
    occasion: str,
    paper: Served,
    rule: StepRule,
    served: dt.date,
    year: int,
    **more: Any,
) -> Window:
    run = paper.run
    origin = "receipt" if rule.clock and rule.clock.origin == "receipt" else "service"
    begins = received_on(paper) if origin == "receipt" else served
    more["deemed"] = origin == "receipt" and paper.deemed_on is not None
    cite = rule.cite or ""
    if rule.clock is None or begins is None:
        basis = {"rule_text": rule.clock.text if rule.clock else ""}
        return Window(occasion, run, origin, begins, None, basis, cite, **more)
    basis = _count(rule, begins, year)
    closes = clock.end_of(dt.date.fromisoformat(basis["due_on"]))
    return Window(occasion, run, origin, begins, closes, basis, cite, **more)


def _count(rule: StepRule, begins: dt.date, year: int) -> dict[str, Any]:
    if rule.clock is None:
        return {}
    due = deadline(rule.clock, start=begins, year=year, calendar=current_calendar())
    return due.as_json() | {"start": begins.isoformat()}


def _day(day: dt.date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
