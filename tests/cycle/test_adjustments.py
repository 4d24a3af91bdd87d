"""Adjustment during the year: who, on what ground, when, from which day; and what the rounds are scored by."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest

from audit.refusals import NotAllowed
from cycle.models import Indicator, IndicatorAdjustment, ReportLine
from cycle.services import adjustments
from tests.county import County, refused
from workflows.models import Process, WorkItem
from workflows.services import adjusting, attaching

JULY = dt.date(2026, 7, 1)
REASON = "国家统计制度调整，固定资产投资统计口径变化（冀统字〔2026〕6 号）。"


def ask_for(
    county: County,
    picks: dict[str, str] | None = None,
    *,
    who: str = "nanniu-handler",
    unit: str = "nanniu",
    ground: str = "policy",
    day: dt.date = JULY,
    added: int = 0,
    reason: str = REASON,
) -> Any:
    """Draft a request; `picks` maps an indicator's key to change or drop."""
    wanted = {"investment": "change"} if picks is None else picks
    office = (
        county.office("performance_office")
        if who.startswith("jxb")
        else county.office("unit", who.split("-")[0])
    )
    matter_id = adjusting.open_and_start(
        county.unit(unit).pk,
        user_id=county.user(who),
        office_id=office.pk,
        ground=ground,
        reason=reason,
        effective_on=day,
        picks={str(current(county, unit, key).pk): action for key, action in wanted.items()},
        added=added,
    )
    return IndicatorAdjustment.objects.get(pk=matter_id)


def current(county: County, unit: str, key: str) -> Indicator:
    """The issued version of an indicator."""
    return Indicator.objects.get(cycle=county.cycle, subject__code=unit, key=key, state="issued")


def line(adjustment: IndicatorAdjustment, key: str = "") -> Any:
    """One line of a request: of an indicator, or (without a key) the first added one."""
    rows = adjustment.changes.all()
    return rows.get(indicator__key=key) if key else rows.filter(action="add")[0]


def proven(county: County, adjustment: IndicatorAdjustment) -> None:
    """Attach the document that the ground rests on."""
    item = county.item(adjustment, "request")
    who = "jxb-clerk" if item.office.capacity == "performance_office" else "nanniu-handler"
    attaching.attach(item.pk, user_id=county.user(who), name="依据.pdf", size=4, chunks=[b"%PDF"])


def hand_in(county: County, adjustment: IndicatorAdjustment, **lines: dict[str, str]) -> None:
    """Fill in the lines (by the indicator's key; `new` for the added one) and hand the request in."""
    proven(county, adjustment)
    typed = {str(line(adjustment, "" if key == "new" else key).pk): said for key, said in lines.items()}
    county.do(adjustment, "request", lines=typed)


def approve(county: County, adjustment: IndicatorAdjustment) -> None:
    """Review and approve, by the government too where it is asked."""
    for step in ("review", "approve", "approve_key"):
        if WorkItem.objects.filter(matter=adjustment, step=step, state="open").exists():
            county.do(adjustment, step, as_="jxb-chief" if step == "review" else "")


def adjusted(county: County, target: str = "10", **more: Any) -> IndicatorAdjustment:
    """An approved adjustment of 南牛乡's investment target."""
    adjustment = ask_for(county, **more)
    hand_in(county, adjustment, investment={"target": target})
    approve(county, adjustment)
    return fresh(adjustment)


def fresh(adjustment: IndicatorAdjustment) -> IndicatorAdjustment:
    return IndicatorAdjustment.objects.get(pk=adjustment.pk)


def test_the_whole_way_of_a_request(monitoring: County) -> None:
    old = current(monitoring, "nanniu", "investment")
    adjustment = ask_for(monitoring)
    assert (adjustment.title, adjustment.state) == ("南牛乡第 1 号指标调整申请", "draft")
    hand_in(monitoring, adjustment, investment={"target": "10", "target_midyear": "5.9"})
    assert fresh(adjustment).state == "requested"
    assert current(monitoring, "nanniu", "investment") == old
    monitoring.do(adjustment, "review")
    monitoring.do(adjustment, "approve")
    assert fresh(adjustment).state == "effective"
    new = current(monitoring, "nanniu", "investment")
    old = Indicator.objects.get(pk=old.pk)
    assert (old.version, old.state, old.ends_on) == (1, "superseded", dt.date(2026, 6, 30))
    assert (new.version, new.target, new.effective_on, new.ends_on) == (2, "10", JULY, None)
    assert new.because_of_id == adjustment.pk
    assert (new.points, new.collector_id, new.standard) == (old.points, old.collector_id, old.standard)
    assert new.plan.measures == old.plan.measures
    assert new.round_values == old.round_values
    assert line(adjustment, "investment").made == new
    assert monitoring.events(f"indicator/{old.pk}")[-1] == "indicator.supersede"
    assert monitoring.events(f"indicator/{new.pk}") == ["indicator.create"]
    verbs = ["create", "choose", "ask", "review", "approve"]
    assert monitoring.events(adjustment.stream) == [f"adjustment.{verb}" for verb in verbs]
    assert Process.objects.get(matter=adjustment.pk).status == "DONE"
