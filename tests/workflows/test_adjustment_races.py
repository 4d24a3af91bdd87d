"""Adjustments at the same moment: one wins or both stand, and the unit's indicators are lawful afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from audit import clock
from audit.refusals import NotPossible
from cycle.models import Indicator, IndicatorAdjustment
from tests import moments
from tests.county import County
from tests.cycle.test_adjustments import ask_for, collected, fresh, hand_in, withdraw
from tests.workflows.racing import failures, race
from workflows.services.ticking import tick_and_relay

pytestmark = pytest.mark.usefixtures("small_year")


@pytest.fixture
def county(django_db_blocker: Any) -> Iterator[County]:
    with django_db_blocker.unblock(), moments.committed("monitoring") as found:
        yield found


def on_the_leading_groups_desk(county: County, key: str, **typed: str) -> IndicatorAdjustment:
    adjustment = ask_for(county, {key: "change"})
    hand_in(county, adjustment, **{key: typed})
    county.do(adjustment, "review")
    return fresh(adjustment)


def issued(key: str) -> Indicator:
    return Indicator.objects.get(subject__code="nanniu", key=key, state="issued")


def test_two_approvals_of_one_unit_lose_neither(county: County) -> None:
    first = on_the_leading_groups_desk(county, "investment", target="10")
    second = on_the_leading_groups_desk(county, "water", source="监测年报")
    results = race([partial(county.do, each, "approve") for each in (first, second)])
    assert failures(results) == []
    assert (issued("investment").target, issued("water").source) == ("10", "监测年报")
    assert [fresh(each).state for each in (first, second)] == ["effective"] * 2


def test_approval_against_withdrawal(county: County) -> None:
    adjustment = on_the_leading_groups_desk(county, "investment", target="10")
    results = race([partial(county.do, adjustment, "approve"), partial(withdraw, county, adjustment)])
    (refusal,) = failures(results)
    assert isinstance(refusal, NotPossible)
    state = fresh(adjustment).state
    assert (state, issued("investment").target) in {("effective", "10"), ("withdrawn", "12.5")}


def test_approval_against_the_check_of_the_round(county: County) -> None:
    """Either the round is closed before the adjustment, or it is collected again: never by the wrong one."""
    clock.move_to(clock.at(dt.date(2026, 7, 1), 9))
    tick_and_relay()
    matter = collected(county, "midyear", "tongji", checked=False)
    adjustment = ask_for(county, day=dt.date(2026, 6, 30))
    hand_in(county, adjustment, investment={"target": "10"})
    county.do(adjustment, "review")
    results = race([partial(county.do, adjustment, "approve"), partial(county.do, matter, "check")])
    (refusal,) = failures(results)
    assert isinstance(refusal, NotPossible)
    matter = county.matter("collection", key="midyear", office=matter.office)
    assert (fresh(adjustment).state, matter.state) in {("effective", "approved"), ("reviewed", "checked")}
