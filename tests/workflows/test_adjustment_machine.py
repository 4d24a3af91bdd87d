"""Whatever is asked for, granted, sent back or withdrawn in the year, a unit's indicators stay lawful."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from audit import clock
from audit.refusals import Refusal
from cycle.models import Indicator, IndicatorAdjustment
from cycle.queries.facts import facts_of
from tests.county import County, fingerprint
from tests.cycle.test_adjustments import ask_for, brought_to, proven, withdraw
from workflows.models import WorkItem
from workflows.services.ticking import tick_and_relay

KEYS = ("investment", "supervision", "water")
TYPED = ({"target": "10"}, {"target": "11", "source": "统计年报"}, {"source": "监测年报"}, {"points": "40"})
DAYS = (dt.date(2026, 2, 1), dt.date(2026, 4, 1), dt.date(2026, 7, 1), dt.date(2027, 1, 1))
CHOICES = ("next", "next", "back_request", "reject")
picks = st.integers(min_value=0, max_value=11)


def points() -> Counter[str]:
    """The points of every unit's issued indicators."""
    found: Counter[str] = Counter()
    for each in Indicator.objects.filter(state="issued").select_related("subject"):
        found[each.subject.code] += each.points  # type: ignore[assignment]
    return found


class Adjusting(RuleBasedStateMachine):
    """南牛乡 and the offices above it in the course of the year; `county` is set by the test."""

    county: County

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.points = points()

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    def items(self) -> list[WorkItem]:
        rows = WorkItem.objects.filter(flow="adjustment", state=WorkItem.State.OPEN)
        return list(rows.select_related("matter").order_by("id"))

    def attempt(self, deed: Callable[[], object]) -> None:
        """Do something; when it is refused, nothing but the refusal may be left of it."""
        before = fingerprint()
        try:
            deed()
        except Refusal:
            assert fingerprint() == before
        self.county.relay()

    @initialize(step=st.sampled_from(["review", "approve"]), day=st.sampled_from(DAYS[1:3]))
    def begin(self, step: str, day: dt.date) -> None:
        """A request is on its way already, so that few steps reach far."""
        brought_to(self.county, step, day=day)

    @rule(key=st.sampled_from(KEYS), action=st.sampled_from(["change", "drop"]), day=st.sampled_from(DAYS))
    def ask(self, key: str, action: str, day: dt.date) -> None:
        self.attempt(lambda: ask_for(self.county, {key: action}, day=day))

    @precondition(lambda self: self.items())
    @rule(pick=picks, typed=st.sampled_from(TYPED), choice=st.sampled_from(CHOICES))
    def go_on(self, pick: int, typed: dict[str, str], choice: str) -> None:
        """The unit hands its request in with a document; the offices grant it, send it back or reject it."""
        items = self.items()
        item = items[pick % len(items)]
        if item.step == "request":
            asked = IndicatorAdjustment.objects.get(pk=item.matter_id)
            self.attempt(lambda: proven(self.county, asked))
            lines = {str(each.pk): typed for each in asked.changes.all()}
            self.attempt(lambda: self.county.do_item(item, lines=lines))
        else:
            comment = "" if choice == "next" else "理由如下。"
            self.attempt(lambda: self.county.do_item(item, choice=choice, comment=comment))

    @precondition(lambda self: len(self.items()) > 1)
    @rule(pick=picks)
    def withdraw(self, pick: int) -> None:
        items = self.items()
        asked: Any = items[pick % len(items)].matter
        self.attempt(lambda: withdraw(self.county, asked))

    @rule(days=st.integers(min_value=0, max_value=40))
    def time_passes(self, days: int) -> None:
        clock.move_to(clock.now() + dt.timedelta(days=days))
        tick_and_relay()

    @invariant()
    def the_points_add_up(self) -> None:
        assert points() == self.points

    @invariant()
    def every_day_has_one_version(self) -> None:
        """No two versions of an indicator are in force on one day, and none is skipped between them."""
        versions: dict[tuple[Any, str], list[Indicator]] = {}
        for each in Indicator.objects.exclude(state="draft").order_by("version"):
            versions.setdefault((each.subject_id, each.key), []).append(each)
        for found in versions.values():
            assert [each.version for each in found] == list(range(1, len(found) + 1))
            assert [each.state for each in found[:-1]] == ["superseded"] * (len(found) - 1)
            for old, new in pairwise(found):
                assert old.ends_on == new.effective_on - dt.timedelta(days=1)

    @invariant()
    def the_facts_hold_what_is_in_force(self) -> None:
        told = {(each.unit, each.indicator) for each in facts_of(self.county.cycle).indicators}
        rows = Indicator.objects.filter(state="issued").values_list("subject__code", "key")
        assert set(rows) <= told

    @invariant()
    def the_ledger_has_no_gap(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT stream FROM audit_event GROUP BY stream HAVING max(seq) <> count(*)")
            assert cursor.fetchall() == []


def test_indicators_stay_lawful(monitoring: County) -> None:
    Adjusting.county = monitoring
    run_state_machine_as_test(
        Adjusting,
        settings=settings(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
