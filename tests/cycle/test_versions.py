"""Versions in time: what a month is reported, a round collected and scored under, when indicators change."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import blobs, clock, ledger
from audit.actor import Actor
from cycle.models import (
    Collection,
    Cycle,
    Indicator,
    IndicatorAdjustment,
    Publication,
    Reading,
    ReportLine,
    ScoringRun,
)
from cycle.queries.facts import facts_of
from cycle.queries.packs import rules_of
from cycle.queries.results import recomputed
from cycle.queries.versions import held_by, in_force, round_end
from cycle.services import adjustments, evidence, scoring
from cycle.services.collections import indicators_of
from cycle.services.measuring import built, checked_rounds
from policies.scoring.plans import Planner
from tests import small_county
from tests.county import County, refused
from tests.cycle.test_adjustments import (
    added_line,
    adjusted,
    adopt,
    approve,
    ask_for,
    at_half_year,
    collected,
    current,
    hand_in,
)
from workflows.services.ticking import tick_and_relay

JULY = dt.date(2026, 7, 1)


def rows(county: County, key: str, unit: str = "nanniu") -> list[tuple[tuple[str, ...], str, str]]:
    """What the case says of an indicator: rounds, target, points."""
    found = facts_of(county.cycle).indicators
    return [(row.rounds, row.target, row.points) for row in found if (row.unit, row.indicator) == (unit, key)]


def test_without_an_adjustment_the_case_is_as_it_was(monitoring: County) -> None:
    assert rows(monitoring, "investment") == [(("midyear",), "5.9", "30"), ((), "12.5", "30")]
    assert rows(monitoring, "water") == [((), "", "30")]


def test_each_round_has_the_version_of_its_last_day(monitoring: County) -> None:
    adjusted(monitoring, target="10")
    assert rows(monitoring, "investment") == [(("midyear",), "5.9", "30"), (("yearend",), "10", "30")]


def test_a_version_from_before_the_half_year_holds_for_both_rounds(monitoring: County) -> None:
    """Version 1 is on record, but no round is scored under it."""
    adjusted(monitoring, target="10", day=dt.date(2026, 6, 30))
    assert rows(monitoring, "investment") == [(("midyear",), "5.9", "30"), ((), "10", "30")]


def test_monthly_rounds_change_hands_in_the_month(monitoring: County) -> None:
    """古城组 is scored month by month: from September on under the new target."""
    adjustment = ask_for(
        monitoring, {"facades": "change"}, who="zhujian-handler", unit="zhujian", day=dt.date(2026, 9, 30)
    )
    hand_in(monitoring, adjustment, facades={"target": "50"})
    approve(monitoring, adjustment)
    first = tuple(f"m{month:02d}" for month in range(1, 9))
    rest = ("m09", "m10", "m11", "m12")
    assert rows(monitoring, "facades", "zhujian") == [(first, "100", "40"), (rest, "50", "40")]


def test_what_is_added_and_dropped_counts_for_its_time_only(monitoring: County) -> None:
    adjustment = ask_for(monitoring, {"water": "drop"}, added=1)
    hand_in(monitoring, adjustment, new=added_line(monitoring, points="30"))
    approve(monitoring, adjustment)
    assert rows(monitoring, "water") == [(("midyear",), "", "30")]
    assert rows(monitoring, "new01") == [(("yearend",), "8", "30")]


def test_the_year_is_scored_under_both_versions(monitoring: County) -> None:
    """By hand: mid-year against 5.9, year-end against the adjusted 10; half of each."""
    adjusted(monitoring, target="10")
    cycle = monitoring.cycle
    clock.move_to(clock.at(dt.date(2027, 1, 8), 9))
    tick_and_relay()
    small_county.work(cycle)
    small_county.enter(cycle, small_county.Stage.ASSESSMENT)
    small_county.work(cycle)
    read = {
        each.round: each
        for each in Reading.objects.filter(
            indicator__key="investment", indicator__subject__code="nanniu"
        ).select_related("indicator")
    }
    assert {round: each.indicator.version for round, each in read.items()} == {"midyear": 1, "yearend": 2}
    run_id = scoring.score_cycle(cycle.pk, cause="年终计分", user_id=monitoring.user("jxb-clerk"))
    unit = next(each for each in recomputed(run_id).units if each.unit.unit == "nanniu")
    found = unit.flat()["indicators"].rounds
    for round, target in (("midyear", "5.9"), ("yearend", "10")):
        share = min(Fraction(read[round].actual) / Fraction(target), Fraction(1))
        assert found[round].indicators["investment"] == 30 * share
    assert ScoringRun.objects.get().because_of is None


# --- reports -----------------------------------------------------------------------------------------------


def line_of(report: Any, key: str) -> ReportLine:
    found: ReportLine = report.lines.select_related("indicator").get(indicator__key=key)
    return found


def test_a_month_is_reported_under_the_version_of_its_last_day(monitoring: County) -> None:
    adjustment = ask_for(monitoring, {"water": "drop"}, added=1)
    hand_in(monitoring, adjustment, new=added_line(monitoring, points="30"))
    approve(monitoring, adjustment)
    adjusted(monitoring)
    for month, keys, version in (
        ("m06", {"investment", "supervision", "water"}, 1),
        ("m07", {"investment", "supervision", "new01"}, 2),
    ):
        monitoring.move_to(round_end(rules_of(monitoring.cycle), month, 2026))
        tick_and_relay()
        report = monitoring.matter("report", unit="nanniu", key=month)
        assert set(report.lines.values_list("indicator__key", flat=True)) == keys
        assert line_of(report, "investment").indicator.version == version


def test_a_report_under_way_goes_on_under_the_new_version(monitoring: County) -> None:
    monitoring.move_to(dt.date(2026, 2, 28))
    tick_and_relay()
    report = monitoring.matter("report", unit="nanniu", key="m02")
    written = {str(each.pk): {"value": "2", "note": "进展顺利。"} for each in report.lines.all()}
    monitoring.do(report, "fill", lines=written)
    new = adjusted(monitoring, day=dt.date(2026, 2, 20)).changes.get().made
    line = line_of(report, "investment")
    assert (line.indicator, line.value, line.note) == (new, 2, "进展顺利。")


def test_a_report_not_begun_asks_for_what_holds_now(monitoring: County) -> None:
    monitoring.move_to(dt.date(2026, 2, 28))
    tick_and_relay()
    report = monitoring.matter("report", unit="nanniu", key="m02")
    adjustment = ask_for(monitoring, {"water": "drop"}, added=1, day=dt.date(2026, 2, 20))
    hand_in(monitoring, adjustment, new=added_line(monitoring, points="30"))
    approve(monitoring, adjustment)
    assert set(report.lines.values_list("indicator__key", flat=True)) == {
        "investment",
        "supervision",
        "new01",
    }


def test_a_figure_that_was_verified_stays_with_the_office_that_verified_it(monitoring: County) -> None:
    monitoring.move_to(dt.date(2026, 2, 28))
    tick_and_relay()
    report = monitoring.matter("report", unit="nanniu", key="m02")
    monitoring.do(report, "fill", lines={str(each.pk): {"value": "2"} for each in report.lines.all()})
    monitoring.do(report, "approve")
    adjustment = ask_for(monitoring, {"investment": "change", "water": "change"}, day=dt.date(2026, 2, 20))
    moved = {"collector": str(monitoring.office("collector", "caizheng").pk)}
    hand_in(monitoring, adjustment, investment=moved, water={"source": "监测年报"})
    approve(monitoring, adjustment)
    assert line_of(report, "investment").indicator.version == 1
    assert line_of(report, "water").indicator.version == 2


# --- collections -------------------------------------------------------------------------------------------


def test_a_round_is_collected_under_the_version_of_its_last_day(monitoring: County) -> None:
    adjusted(monitoring, day=dt.date(2026, 6, 30))
    at_half_year(monitoring)
    matter = monitoring.matter("collection", key="midyear", office=monitoring.office("collector", "tongji"))
    assert current(monitoring, "nanniu", "investment") in indicators_of(matter)
    assert [each.version for each in indicators_of(matter) if each.subject.code == "nanniu"] == [2]


def test_what_was_collected_before_the_adjustment_is_collected_again(monitoring: County) -> None:
    at_half_year(monitoring)
    matter = collected(monitoring, "midyear", "tongji", checked=False)
    adjusted(monitoring, day=dt.date(2026, 6, 30))
    sentence = "采集以后指标作了调整（南牛乡“固定资产投资”），请退回采集人员，按现行指标重新采集。"
    with refused(sentence):
        monitoring.do(matter, "check")
    monitoring.do(matter, "check", choice="back_collect", comment="指标已调整，请重新采集。")
    collected(monitoring, "midyear", "tongji")
    read = Reading.objects.get(indicator__subject__code="nanniu", indicator__key="investment")
    assert read.indicator.version == 2


def test_a_collector_that_had_no_part_in_a_round_gets_one(monitoring: County) -> None:
    """中期评估 has begun; the new indicator is measured by an office that is in the monthly rounds only."""
    at_half_year(monitoring)
    assert not Collection.objects.filter(key="midyear", office__organisation__code="guchengban").exists()
    office = monitoring.office("collector", "guchengban")
    adjustment = ask_for(monitoring, {"water": "drop"}, added=1, day=dt.date(2026, 6, 30))
    hand_in(monitoring, adjustment, new=added_line(monitoring, points="30", collector=str(office.pk)))
    approve(monitoring, adjustment)
    monitoring.relay()
    matter = monitoring.matter("collection", key="midyear", office=office)
    assert [each.key for each in indicators_of(matter)] == ["new01"]
    assert monitoring.item(matter, "collect").office == office


# --- publicity ---------------------------------------------------------------------------------------------


def test_adjusted_targets_are_published_anew(monitoring: County) -> None:
    shown = monitoring.matter("publication", key="targets:township")
    monitoring.do(shown, "post")
    adjusted(monitoring)
    monitoring.relay()
    again = monitoring.matter("publication", key="targets:t0001:township")
    assert (again.group, again.state) == ("township", "prepared")
    monitoring.do(again, "post")
    content = blobs.read(Publication.objects.get(pk=again.pk).content_digest).decode()
    assert "固定资产投资（7 月 1 日起调整）" in content


def test_targets_that_were_not_published_yet_are_published_once(monitoring: County) -> None:
    adjusted(monitoring)
    assert Publication.objects.filter(key__contains="township", what="targets").count() == 1


# --- any days ----------------------------------------------------------------------------------------------

KEYS = ("investment", "supervision", "water")


days = st.lists(
    st.dates(dt.date(2026, 1, 2), dt.date(2026, 12, 31)), min_size=1, max_size=3, unique=True
).map(sorted)
shares = st.lists(st.integers(1, 88), min_size=2, max_size=2, unique=True).map(sorted)


def put_in_force(county: County, day: dt.date, points: Sequence[int], *, replaces: str) -> None:
    """An approved adjustment of the points of all three; one of them may give way to a new indicator."""
    unit, by, at = county.unit("nanniu"), county.of_unit("nanniu"), county.now
    now = {each.key: each for each in Indicator.objects.filter(subject=unit, state="issued")}
    old = [key for key in sorted(now) if key != replaces]
    picks = {str(now[key].pk): "change" for key in old}
    if replaces in now:
        picks[str(now[replaces].pk)] = "drop"
    matter_id = adjustments.open_request(
        unit.pk, ground="force", reason="洪涝灾害。", effective_on=day, picks=picks,
        added=int(replaces in now), by=by,
    )  # fmt: skip
    evidence.attach(matter_id, by=by, at=at, name="证明.pdf", blob=blobs.store([b"%PDF"]))
    adjustment = IndicatorAdjustment.objects.get(pk=matter_id)
    given = iter(points)
    lines = {
        str(line.pk): {"points": str(next(given)), "source": f"自 {day} 起的月报"}
        if line.action == "change"
        else added_line(county, points=str(next(given)))
        for line in adjustment.changes.exclude(action="drop")
    }
    adjustments.ask(matter_id, by=by, at=at, lines=lines)
    clerk: Actor = county.clerk()
    adjustments.review(matter_id, by=clerk, at=at)
    adjustments.approve(matter_id, by=clerk, at=at)


@given(days=days, shares=shares, dropped=st.sampled_from(["", *KEYS]))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_round_has_one_version_and_its_points_add_up(
    monitoring: County, days: list[dt.date], shares: list[int], dropped: str
) -> None:
    """Adjustments on any days, whatever moves between the indicators or gives way to a new one."""
    county = monitoring
    with transaction.atomic():
        for number, day in enumerate(days):
            low, high = shares
            parts = [low + number, high - low, 90 - high - number]
            if min(parts) > 0:
                put_in_force(county, day, parts, replaces=dropped if number == 0 else "")
        pack, cycle = rules_of(county.cycle), county.cycle
        known = Indicator.objects.filter(subject__code="nanniu").select_related("subject")
        for round in ("midyear", "yearend"):
            held = [each for each in known if held_by(pack, each, 2026).covers(round)]
            assert len({each.key for each in held}) == len(held), "one version a round"
            assert sum(each.points for each in held) == 90
            assert set(held) == set(
                in_force(cycle, round_end(pack, round, 2026)).filter(subject__code="nanniu")
            )
        assert planned(county) == {"midyear": 90, "yearend": 90}
        transaction.set_rollback(True)


def planned(county: County) -> dict[str, Fraction]:
    """The points of 南牛乡's indicators round by round, as the engine plans them from the case."""
    pack, errors = rules_of(county.cycle), []
    own = [row for row in facts_of(county.cycle).indicators if row.unit == "nanniu"]
    plan = Planner("township", pack.content["township"], pack.scale, (), errors).plan(own)
    assert errors == []
    return {
        round: sum((one.points for one in ones), Fraction(0)) for round, ones in plan["indicators"].items()
    }


# --- after scoring -----------------------------------------------------------------------------------------


def test_an_approval_after_scoring_is_scored_anew(yearend: County) -> None:
    """The office has let the year go on (豁免) and scored what there is: the approval makes the next run."""
    data = json.loads(rules_of(yearend.cycle).canonical)
    for group in ("township", "department", "heritage"):
        for component in data["content"][group]["components"].values():
            component["missing"] = "zero"
    adopt(yearend, data)
    adjustment = ask_for(yearend, day=dt.date(2026, 12, 20))
    hand_in(yearend, adjustment, investment={"target": "10"})
    yearend.do(adjustment, "review")
    Cycle.objects.update(state="assessment")
    scoring.score_cycle(yearend.cycle.pk, cause="年终计分", user_id=yearend.user("jxb-clerk"))
    yearend.do(adjustment, "approve")
    newest = ScoringRun.objects.first()
    assert newest is not None
    assert (newest.number, newest.because_of_id) == (2, adjustment.pk)
    assert newest.cause == "南牛乡第 1 号指标调整申请已经批准"


# --- corrections -------------------------------------------------------------------------------------------


def test_a_correction_is_judged_by_the_version_of_its_round(monitoring: County) -> None:
    """督查落实 brings 30 points at mid-year and 40 at the year's end; 水质达标 is gone by then."""
    adjustment = ask_for(monitoring, {"investment": "change", "supervision": "change", "water": "drop"})
    hand_in(monitoring, adjustment, investment={"points": "50"}, supervision={"points": "40"})
    approve(monitoring, adjustment)
    new = current(monitoring, "nanniu", "supervision")
    with refused("“督查落实”中期评估的得分应当在 0 到 30 分之间。", field="midyear-value"):
        checked(new, midyear="35")
    assert checked(new, yearend="35") == {"yearend": {"score": "35"}}
    dropped = Indicator.objects.get(subject__code="nanniu", key="water")
    assert checked(dropped, midyear="good") == {"midyear": {"actual": "good"}}
    with refused("没有这一评估期次，请刷新页面后重新填写。", field="yearend-value"):
        checked(dropped, yearend="good")
    made = built(
        adjustment,
        {"midyear": {"score": "28"}, "yearend": {"score": "38"}},
        indicator=new,
        claim=None,
        note="更正",
    )
    assert [(each.round, each.indicator and each.indicator.version) for each in made] == [
        ("midyear", 1),
        ("yearend", 2),
    ]


@ledger.service
def checked(indicator: Indicator, **said: str) -> Any:
    """What a decision on an appeal, or a re-check, may put in the place of what was measured."""
    return checked_rounds(indicator, {round: {"value": text} for round, text in said.items()})
