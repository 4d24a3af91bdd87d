"""Adjustment during the year: who, on what ground, when, from which day, what; and what stands against it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from audit import clock
from audit.refusals import NotAllowed, NotFound, NotPossible
from cycle.models import (
    AdjustmentLine,
    AdoptedPolicy,
    Appeal,
    Cycle,
    Indicator,
    IndicatorAdjustment,
    Report,
    ScoringRun,
)
from cycle.queries.adjustments import season_of
from cycle.queries.packs import rules_of
from cycle.services import adjustment_lines, adjustments
from cycle.services.collections import indicators_of
from policies.packs import pack_from_bytes
from tests import small_county
from tests.county import County, refused
from workflows.models import Process, WorkItem
from workflows.rehearsal.deeds import holder
from workflows.services import adjusting, attaching
from workflows.services.ticking import tick_and_relay

JULY = dt.date(2026, 7, 1)
NO_NUMBER = "不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"
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
    attaching.attach(item.pk, user_id=holder(item), name="依据.pdf", size=4, chunks=[b"%PDF"])


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


# --- who, on what ground -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", ["policy", "organisation", "force"])
def test_a_unit_asks_on_the_lawful_grounds(monitoring: County, ground: str) -> None:
    assert ask_for(monitoring, ground=ground).ground == ground


@pytest.mark.parametrize("ground", ["key_work", "hardship", ""])
def test_a_unit_has_no_other_ground(monitoring: County, ground: str) -> None:
    sentence = "单位只能以下列理由提出指标调整：重大政策调整、机构调整、不可抗力。其他情形不能调整指标。"
    with refused(sentence, field="ground"):
        ask_for(monitoring, ground=ground)


def test_the_office_asks_for_new_key_work_only(monitoring: County) -> None:
    assert ask_for(monitoring, who="jxb-clerk", ground="key_work").office.capacity == "performance_office"
    sentence = "绩效办只能以下列理由提出指标调整：新的重点工作任务纳入绩效管理。其他情形不能调整指标。"
    with refused(sentence, field="ground"):
        ask_for(monitoring, who="jxb-clerk", ground="policy")


def test_a_unit_asks_for_itself_only(monitoring: County) -> None:
    with refused("只能申请调整本单位的指标。", NotAllowed):
        ask_for(monitoring, who="xinchengpu-handler", unit="nanniu", picks={})


def test_nobody_else_asks(monitoring: County) -> None:
    with refused("指标调整由被考核单位申请；新的重点工作任务需要纳入的，由绩效办提出。", NotAllowed):
        adjustments.open_request(
            monitoring.unit("nanniu").pk, ground="policy", reason=REASON, effective_on=JULY, picks={},
            added=1, by=monitoring.actor("collector", "collector", "tongji"),
        )  # fmt: skip


def test_another_units_indicator_is_not_found(monitoring: County) -> None:
    stranger = current(monitoring, "xinchengpu", "revenue")
    sentence = "没有找到要调整的指标，它可能不属于这个单位，请刷新页面后重新选择。"
    with refused(sentence, NotFound):
        adjusting.open_and_start(
            monitoring.unit("nanniu").pk,
            user_id=monitoring.user("nanniu-handler"),
            office_id=monitoring.office("unit", "nanniu").pk,
            ground="policy", reason=REASON, effective_on=JULY, picks={str(stranger.pk): "change"}, added=0,
        )  # fmt: skip
    assert not IndicatorAdjustment.objects.exists()


def test_a_reason_and_an_indicator_are_named(monitoring: County) -> None:
    with refused("请写明调整的理由和依据的文件。", field="reason"):
        ask_for(monitoring, reason="  ")
    with refused("请至少选择一项要调整、撤销或者新增的指标。", field="picks"):
        ask_for(monitoring, picks={})
    with refused("一次申请最多新增 5 项指标，请分几次申请。", field="added"):
        ask_for(monitoring, added=6)


def test_without_a_document_nothing_is_asked(monitoring: County) -> None:
    adjustment = ask_for(monitoring)
    typed = {str(line(adjustment, "investment").pk): {"target": "10"}}
    sentence = "请先上传政策文件、机构调整文件、灾害证明或者重点工作部署等佐证材料，再提交。"
    with refused(sentence, field="evidence"):
        monitoring.do(adjustment, "request", lines=typed)


def test_nobody_reviews_what_they_asked_for(monitoring: County) -> None:
    adjustment = ask_for(monitoring, who="jxb-clerk", ground="key_work")
    hand_in(monitoring, adjustment, investment={"target": "10"})
    with refused("这项调整由你本人提出，不能由你审核，请绩效办的其他人员审核。", NotAllowed):
        monitoring.do(adjustment, "review", as_="jxb-clerk")
    monitoring.do(adjustment, "review", as_="jxb-chief")
    assert fresh(adjustment).state == "reviewed"


# --- when --------------------------------------------------------------------------------------------------


@contextmanager
def refused_with(words: str) -> Iterator[None]:
    """Expect a refusal that reads like this, with its article."""
    with pytest.raises(NotPossible) as caught:
        yield
    assert str(caught.value) == words


def with_season(county: County, **rule: Any) -> None:
    """Let the policy set a season for requests."""
    data = json.loads(rules_of(county.cycle).canonical)
    data["process"]["indicator_setting"]["adjustment"]["request"] = {"office": "unit", **rule}
    adopt(county, data)


def adopt(county: County, data: dict[str, Any]) -> None:
    """Let the cycle run under other rules."""
    pack = pack_from_bytes(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    AdoptedPolicy.objects.create(
        digest=pack.digest, pack=pack.id, title=pack.title, content=pack.canonical, adopted_at=county.now
    )
    Cycle.objects.update(policy=pack.digest)


@pytest.mark.parametrize("moment", ["preparation", "setting", "assessment", "feedback", "archived"])
def test_indicators_are_adjusted_while_they_are_monitored(
    moment: str, request: pytest.FixtureRequest
) -> None:
    county: County = request.getfixturevalue(moment)
    stage = county.cycle.get_state_display()
    sentence = f"正定县 2026 年度绩效考核目前处于“{stage}”阶段，指标只能在日常监测阶段申请调整。"
    with refused(sentence):
        ask_for(county, picks={}, added=1)


def test_a_season_that_ends_on_a_day(monitoring: County) -> None:
    """31 August 2026 is a Monday; requests are taken to its last minute."""
    with_season(monitoring, due={"by": "08-31"}, cite="六（三）")
    clock.move_to(clock.end_of(dt.date(2026, 8, 31)) - dt.timedelta(seconds=30))
    day = dt.date(2026, 9, 1)
    assert ask_for(monitoring, day=day).state == "draft"
    clock.move_to(clock.end_of(dt.date(2026, 8, 31)))
    sentence = (
        "现在不能申请调整指标。考核办法规定的申请时间是 2 月 10 日至 8 月 31 日。"
        "今年的申请时间已经结束，不再受理。（依据：六（三））"
    )
    with refused_with(sentence):
        ask_for(monitoring, day=day)


def test_a_season_after_the_half_year(monitoring: County) -> None:
    """四川: only after the half-year check; 20 working days from 1 July are over on 28 July 2026."""
    with_season(monitoring, due={"in": "20 wd", "after": "half"})
    season = season_of(monitoring.cycle)
    assert season.spans == ((dt.date(2026, 7, 1), dt.date(2026, 7, 28)),)
    monitoring.move_to(dt.date(2026, 6, 30), 23)
    sentence = "现在不能申请调整指标。考核办法规定的申请时间是 7 月 1 日至 7 月 28 日。请到时再申请。"
    with refused(sentence):
        ask_for(monitoring)
    monitoring.move_to(dt.date(2026, 7, 1), 0)
    adjustment = ask_for(monitoring)
    assert monitoring.item(adjustment, "request").due_at == clock.end_of(dt.date(2026, 7, 28))
    monitoring.move_to(dt.date(2026, 7, 29), 0)
    with refused(sentence.replace("请到时再申请。", "今年的申请时间已经结束，不再受理。")):
        ask_for(monitoring)


def test_a_policy_may_know_no_adjustment(monitoring: County) -> None:
    with_season(monitoring, skip="true", why="指标一经下达不再调整。")
    with refused("现在不能申请调整指标。考核办法规定年度中不调整指标：指标一经下达不再调整。"):
        ask_for(monitoring)


def test_what_was_drafted_in_time_is_handed_in_in_time(monitoring: County) -> None:
    adjustment = ask_for(monitoring)
    with_season(monitoring, due={"by": "03-31"})
    monitoring.move_to(dt.date(2026, 4, 1))
    with pytest.raises(NotPossible, match="今年的申请时间已经结束"):
        hand_in(monitoring, adjustment, investment={"target": "10"})


def test_what_is_sent_back_after_the_season_may_come_again(monitoring: County) -> None:
    with_season(monitoring, due={"in": "20 wd", "after": "half"})
    monitoring.move_to(JULY)
    adjustment = brought_to(monitoring, "review", day=dt.date(2026, 8, 1))
    monitoring.move_to(dt.date(2026, 7, 29))
    monitoring.do(adjustment, "review", choice="back_request", comment="请附文件原件。")
    assert monitoring.item(adjustment, "request").due_at == clock.end_of(dt.date(2026, 8, 5))
    monitoring.do(adjustment, "request")
    assert fresh(adjustment).state == "requested"


def test_a_draft_that_outlives_its_season_lapses(monitoring: County) -> None:
    with_season(monitoring, due={"by": "03-31"})
    adjustment = ask_for(monitoring)
    clock.move_to(clock.end_of(dt.date(2026, 3, 31)) - dt.timedelta(minutes=1))
    tick_and_relay()
    assert fresh(adjustment).state == "draft"
    clock.move_to(clock.end_of(dt.date(2026, 3, 31)) + dt.timedelta(minutes=1))
    tick_and_relay()
    assert fresh(adjustment).state == "withdrawn"
    assert Process.objects.get(matter=adjustment.pk).status == "DONE"
    assert monitoring.last_event(adjustment.stream)["why"] == "申请时间已经结束，没有提交"


# --- from which day ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [dt.date(2025, 12, 31), dt.date(2027, 1, 1)])
def test_it_takes_effect_within_the_year(monitoring: County, day: dt.date) -> None:
    sentence = "生效日期应当在 2026 年 1 月 1 日至 2026 年 12 月 31 日之间，请改正。"
    with refused(sentence, field="effective_on"):
        ask_for(monitoring, day=day)


def test_it_is_not_back_dated_before_the_year_s_own_version(monitoring: County) -> None:
    adjustment = ask_for(monitoring, day=dt.date(2026, 1, 1))
    proven(monitoring, adjustment)
    sentence = "“固定资产投资”的现行版本自 2026 年 1 月 1 日起生效，调整的生效日期应当在这一天以后。"
    with refused(sentence, field="effective_on"):
        monitoring.do(adjustment, "request", lines={str(line(adjustment, "investment").pk): {"target": "10"}})


def compiled(county: County, key: str) -> None:
    """Everybody reports on a month, and the office passes its summary up."""
    for report in Report.objects.filter(key=key, state="due"):
        typed = {str(each.pk): {"value": "1", "note": ""} for each in report.lines.all()}
        county.do(report, "fill", lines=typed)
        county.do(report, "approve")
        for item in WorkItem.objects.filter(matter=report, step="verify", state="open"):
            county.do_item(item, lines={})
    county.relay()
    county.do(county.matter("compilation", key=key), "compile")


def test_a_month_that_was_passed_up_is_closed(monitoring: County) -> None:
    monitoring.move_to(dt.date(2026, 2, 28))
    tick_and_relay()
    monitoring.move_to(dt.date(2026, 3, 3))
    in_february, in_march = dt.date(2026, 2, 28), dt.date(2026, 3, 1)
    adjustment = ask_for(monitoring, day=in_february)  # the month is over, but not passed up
    compiled(monitoring, "m02")
    sentence = "2 月的完成情况已经汇总上报，不能追溯调整。请把生效日期改为 2026 年 3 月 1 日或者以后的日期。"
    with refused(sentence, field="effective_on"):
        ask_for(monitoring, day=in_february)
    typed = {str(line(adjustment, "investment").pk): {"target": "10"}}
    proven(monitoring, adjustment)
    with refused(sentence, field="effective_on"):
        monitoring.do(adjustment, "request", lines=typed)
    monitoring.do(adjustment, "request", lines=typed, effective_on=in_march.isoformat())
    approve(monitoring, adjustment)
    assert current(monitoring, "nanniu", "investment").effective_on == in_march


def test_a_period_that_closes_before_the_approval_stops_it(monitoring: County) -> None:
    monitoring.move_to(dt.date(2026, 2, 28))
    tick_and_relay()
    adjustment = ask_for(monitoring, day=dt.date(2026, 2, 20))
    hand_in(monitoring, adjustment, investment={"target": "10"})
    monitoring.do(adjustment, "review")
    compiled(monitoring, "m02")
    with pytest.raises(NotPossible, match="2 月的完成情况已经汇总上报，不能追溯调整。"):
        monitoring.do(adjustment, "approve")
    monitoring.do(adjustment, "approve", choice="back_request", comment="请改从 3 月起调整。")
    monitoring.do(adjustment, "request", effective_on="2026-03-01")
    approve(monitoring, adjustment)
    assert fresh(adjustment).state == "effective"


def collected(county: County, key: str, capacity: str, *, checked: bool = True) -> Any:
    """A collector enters the data of a round, its head signs, the office samples."""
    matter = county.matter("collection", key=key, office=county.office("collector", capacity))
    known = {"given": {"actual": "25", "note": "督查。"}, "levels": {"actual": "good"}}
    typed = {str(each.pk): known.get(each.method, {"actual": "6"}) for each in indicators_of(matter)}
    county.do(matter, "collect", lines=typed)
    county.do(matter, "approve")
    if checked:
        county.do(matter, "check")
    return matter


def at_half_year(county: County) -> None:
    """The mid-year round has begun."""
    county.move_to(JULY)
    tick_and_relay()


def test_a_round_that_was_checked_is_closed_for_its_units(monitoring: County) -> None:
    at_half_year(monitoring)
    collected(monitoring, "midyear", "ducha")  # of 南牛乡, not of 新城铺镇
    sentence = "中期评估的数据已经采集核定，不能追溯调整。请把生效日期改为 2026 年 7 月 1 日或者以后的日期。"
    with refused(sentence, field="effective_on"):
        ask_for(monitoring, day=dt.date(2026, 6, 30))
    other = ask_for(monitoring, who="xinchengpu-handler", unit="xinchengpu", day=dt.date(2026, 6, 30))
    assert other.state == "draft"


def test_at_the_end_nothing_is_left_to_adjust(yearend: County) -> None:
    small_county.work(yearend.cycle)
    with refused("12 月的完成情况已经汇总上报，本年度的指标不能再调整。", field="effective_on"):
        ask_for(yearend, day=dt.date(2026, 12, 31))


# --- what is changed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence", "field"),
    [
        ({"target": "很多"}, f"“固定资产投资”的目标值“很多”{NO_NUMBER}", "target"),
        ({"target": ""}, "“固定资产投资”的计分方法要有目标值，请填写目标值。", "target"),
        ({"target_midyear": "x"}, f"“固定资产投资”的中期评估目标值“x”{NO_NUMBER}", "target_midyear"),
        ({"points": "0"}, "“固定资产投资”的分值应当大于 0。", "points"),
        ({"points": ""}, f"“固定资产投资”的分值“”{NO_NUMBER}", "points"),
        ({"method": "guess"}, "请选择“固定资产投资”的计分方法。", "method"),
        ({"method": "levels"}, "缺少“levels”，请补上。", "params"),
        ({"params": "["}, "应当是一个 JSON 对象。", "params"),
        ({"standard": " "}, "请填写“固定资产投资”的验收标准。", "standard"),
        ({"rule": ""}, "请填写“固定资产投资”的计分规则。", "rule"),
        ({"collector": ""}, "请填写“固定资产投资”的数据采集责任单位。", "collector"),
    ],
)  # fmt: skip
def test_values_are_checked_as_in_a_declaration(
    monitoring: County, typed: dict[str, str], sentence: str, field: str
) -> None:
    adjustment = ask_for(monitoring)
    proven(monitoring, adjustment)
    pk = line(adjustment, "investment").pk
    with refused(sentence, field=f"{pk}-{field}"):
        monitoring.do(adjustment, "request", lines={str(pk): typed})


def test_a_unit_never_collects_its_own_data(monitoring: County) -> None:
    """正定 八（三）: 统计局 collects for others, never for itself."""
    adjustment = ask_for(monitoring, {"budget": "change"}, who="tongji-handler", unit="tongji")
    pk = line(adjustment, "budget").pk
    own = monitoring.office("collector", "tongji")
    proven(monitoring, adjustment)
    sentence = "请从列表中选择“预算执行率”的数据采集责任单位，不能由统计局采集自己的数据。"
    with refused(sentence, field=f"{pk}-collector"):
        monitoring.do(adjustment, "request", lines={str(pk): {"collector": str(own.pk)}})


def test_an_adjustment_that_changes_nothing_is_none(monitoring: County) -> None:
    adjustment = ask_for(monitoring)
    proven(monitoring, adjustment)
    sentence = "“固定资产投资”没有任何改动，请填写新的内容，或者在“增减调整的指标”中去掉这一项。"
    with refused(sentence):
        monitoring.do(
            adjustment, "request", lines={str(line(adjustment, "investment").pk): {"target": "12.50"}}
        )


def test_points_still_add_up(monitoring: County) -> None:
    adjustment = ask_for(monitoring, {"investment": "change", "water": "drop"})
    proven(monitoring, adjustment)
    typed = {str(line(adjustment, "investment").pk): {"points": "59"}}
    with refused("南牛乡各项指标的分值合计是 89 分，应当是 90 分，请调整后再提交审核。"):
        monitoring.do(adjustment, "request", lines=typed)


def test_an_indicator_takes_over_from_one_that_is_dropped(monitoring: County) -> None:
    old = current(monitoring, "nanniu", "water")
    adjustment = ask_for(monitoring, {"investment": "change", "water": "drop"})
    hand_in(monitoring, adjustment, investment={"points": "60"})
    approve(monitoring, adjustment)
    dropped = Indicator.objects.get(pk=old.pk)
    assert (dropped.state, dropped.ends_on) == ("dropped", dt.date(2026, 6, 30))
    assert monitoring.events(f"indicator/{old.pk}")[-1] == "indicator.revoke"
    assert line(adjustment, "water").made is None
    assert current(monitoring, "nanniu", "investment").points == 60


NEW = {
    "title": "河道清淤",
    "heading": "livelihood",
    "unit": "公里",
    "points": "10",
    "target": "8",
    "standard": "清淤河段经水利部门验收合格。",
    "rule": "按完成比例计分。",
    "source": "工程台账",
    "measures": "分段施工，按月验收。",
}


def added_line(county: County, **typed: str) -> dict[str, str]:
    return NEW | {"collector": str(county.office("collector", "huanbao").pk)} | typed


def test_an_indicator_is_added_for_new_key_work(monitoring: County) -> None:
    """杭州 15 条: the office brings it; a key target goes to the government."""
    adjustment = ask_for(monitoring, who="jxb-clerk", ground="key_work", added=1)
    hand_in(monitoring, adjustment, investment={"points": "20"}, new=added_line(monitoring, is_key="yes"))
    assert fresh(adjustment).needs_government
    monitoring.do(adjustment, "review", as_="jxb-chief")
    monitoring.do(adjustment, "approve")
    assert fresh(adjustment).state == "referred"
    assert Indicator.objects.filter(key="new01").count() == 0
    item = monitoring.item(adjustment, "approve_key")
    assert item.office.capacity == "county_government"
    monitoring.do(adjustment, "approve_key")
    made = current(monitoring, "nanniu", "new01")
    assert (made.title, made.version, made.points, made.target) == ("河道清淤", 1, 10, "8")
    assert (made.is_key, made.component, made.heading) == (True, "indicators", "livelihood")
    assert made.effective_on == JULY
    assert made.collector is not None
    assert made.collector.organisation.code == "huanbao"
    assert made.plan.measures == "分段施工，按月验收。"
    assert made.position > current(monitoring, "nanniu", "water").position


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("title", "请填写“新增指标”的指标名称。"),
        ("heading", "请选择“河道清淤”所属的一级指标。"),
        ("standard", "请填写“河道清淤”的验收标准。"),
        ("rule", "请填写“河道清淤”的计分规则。"),
        ("collector", "请填写“河道清淤”的数据采集责任单位。"),
        ("target", "“河道清淤”的计分方法要有目标值，请填写目标值。"),
    ],
)
def test_an_added_indicator_needs_what_every_indicator_needs(
    monitoring: County, column: str, sentence: str
) -> None:
    adjustment = ask_for(monitoring, added=1)
    proven(monitoring, adjustment)
    new = line(adjustment)
    typed = {
        str(line(adjustment, "investment").pk): {"points": "20"},
        str(new.pk): added_line(monitoring) | {column: ""},
    }
    with refused(sentence, field=f"{new.pk}-{column}"):
        monitoring.do(adjustment, "request", lines=typed)


def test_what_the_text_itself_sets_is_not_dropped(monitoring: County) -> None:
    data = json.loads(rules_of(monitoring.cycle).canonical)
    component = data["content"]["township"]["components"]["indicators"]
    component["indicators"] = {"water": {"title": "水质达标", "points": "30", "method": "given"}}
    adopt(monitoring, data)
    adjustment = ask_for(monitoring, {"water": "drop"}, added=1)
    proven(monitoring, adjustment)
    typed = {str(line(adjustment).pk): added_line(monitoring, points="30")}
    sentence = "“水质达标”是考核办法直接规定的指标，不能撤销。（依据：五（一）1）"
    with refused_with(sentence):
        monitoring.do(adjustment, "request", lines=typed)


def test_a_change_of_a_key_target_goes_to_the_government(monitoring: County) -> None:
    Indicator.objects.filter(subject__code="nanniu", key="investment").update(is_key=True)
    adjustment = ask_for(monitoring)
    hand_in(monitoring, adjustment, investment={"target": "10"})
    monitoring.do(adjustment, "review")
    monitoring.do(adjustment, "approve")
    assert current(monitoring, "nanniu", "investment").target == "12.5"
    monitoring.do(adjustment, "approve_key")
    new = current(monitoring, "nanniu", "investment")
    assert (new.target, new.is_key) == ("10", True)


def test_where_the_policy_leaves_the_government_out_the_leading_group_is_the_last(
    monitoring: County,
) -> None:
    Indicator.objects.filter(subject__code="nanniu", key="investment").update(is_key=True)
    data = json.loads(rules_of(monitoring.cycle).canonical)
    data["process"]["indicator_setting"]["adjustment"]["approve_key"] = {
        "skip": "true",
        "why": "不设此环节。",
    }
    adopt(monitoring, data)
    adjusted(monitoring)
    assert current(monitoring, "nanniu", "investment").target == "10"


# --- what stands against it --------------------------------------------------------------------------------


def test_an_indicator_is_in_one_request_at_a_time(monitoring: County) -> None:
    first = ask_for(monitoring)
    second = ask_for(monitoring, who="jxb-clerk", ground="key_work")
    proven(monitoring, second)
    typed = {str(line(second, "investment").pk): {"target": "11"}}
    sentence = "“固定资产投资”已在另一项申请“南牛乡第 1 号指标调整申请”（待申请）中，办结以后才能再申请。"
    with refused(sentence):
        monitoring.do(second, "request", lines=typed)
    withdraw(monitoring, first)
    monitoring.do(second, "request", lines=typed)
    assert fresh(second).state == "requested"


def test_a_request_that_rests_on_a_superseded_version_is_refused(monitoring: County) -> None:
    first, second = ask_for(monitoring), ask_for(monitoring, {"water": "change"})
    proven(monitoring, second)
    AdjustmentLine.objects.filter(adjustment=second).update(
        indicator=current(monitoring, "nanniu", "investment")
    )
    AdjustmentLine.objects.filter(adjustment=first).update(
        indicator=current(monitoring, "nanniu", "supervision")
    )
    hand_in(monitoring, second, investment={"target": "10"})
    AdjustmentLine.objects.filter(adjustment=first).update(
        indicator=current(monitoring, "nanniu", "investment")
    )
    withdraw(monitoring, first)
    approve(monitoring, second)
    third = ask_for(monitoring, {"water": "change"})
    old = Indicator.objects.get(subject__code="nanniu", key="investment", version=1)
    AdjustmentLine.objects.filter(adjustment=third).update(indicator=old)
    proven(monitoring, third)
    sentence = "“固定资产投资”在此期间已经另行调整，这项申请依据的不是现行版本，请撤回后重新申请。"
    with refused(sentence):
        monitoring.do(third, "request", lines={str(line(third, "investment").pk): {"target": "9"}})


def test_a_second_adjustment_follows_the_first(monitoring: County) -> None:
    adjusted(monitoring)
    sentence = "“固定资产投资”的现行版本自 2026 年 7 月 1 日起生效，调整的生效日期应当在这一天以后。"
    again = ask_for(monitoring, day=JULY)
    proven(monitoring, again)
    typed = {str(line(again, "investment").pk): {"target": "9"}}
    with refused(sentence, field="effective_on"):
        monitoring.do(again, "request", lines=typed)
    monitoring.do(again, "request", lines=typed, effective_on="2026-09-01")
    approve(monitoring, again)
    spans = Indicator.objects.filter(subject__code="nanniu", key="investment").order_by("version")
    assert [(each.version, each.effective_on, each.ends_on) for each in spans] == [
        (1, dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
        (2, JULY, dt.date(2026, 8, 31)),
        (3, dt.date(2026, 9, 1), None),
    ]


def test_an_indicator_under_appeal_is_frozen(monitoring: County) -> None:
    adjustment = ask_for(monitoring)
    proven(monitoring, adjustment)
    typed = {str(line(adjustment, "investment").pk): {"target": "10"}}
    run = ScoringRun.objects.create(
        cycle=monitoring.cycle, number=1, cause="试算", policy=monitoring.cycle.policy_id, inputs=b"",
        inputs_digest="", result_digest="", made_at=monitoring.now,
    )  # fmt: skip
    Appeal.objects.create(
        cycle=monitoring.cycle, kind="appeal", stage="feedback", subject=monitoring.unit("nanniu"),
        key="1:indicator", title="申诉", state="filed", created_at=monitoring.now, run=run,
        point="indicator", indicator=current(monitoring, "nanniu", "investment"), ground="fact",
        facts="数据有误。", request="更正。",
    )  # fmt: skip
    with refused("“固定资产投资”正在申诉复核或者重新核验，办结以前不能调整。"):
        monitoring.do(adjustment, "request", lines=typed)


# --- back, no, withdrawn -----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["review", "approve"])
def test_a_request_may_be_sent_back_and_comes_again(monitoring: County, step: str) -> None:
    adjustment = brought_to(monitoring, step)
    monitoring.do(adjustment, step, choice="back_request", comment="请附统计局的证明。")
    assert fresh(adjustment).state == "draft"
    assert line(adjustment, "investment").values == {"target": "10"}
    monitoring.do(adjustment, "request")
    assert fresh(adjustment).state == "requested"


@pytest.mark.parametrize("step", ["review", "approve"])
def test_a_request_may_be_rejected(monitoring: County, step: str) -> None:
    adjustment = brought_to(monitoring, step)
    with refused("请写明理由后再不予调整，对方要据此修改。", field="comment"):
        monitoring.do(adjustment, step, choice="reject")
    monitoring.do(adjustment, step, choice="reject", comment="不属于重大政策调整。")
    assert (fresh(adjustment).state, fresh(adjustment).is_final) == ("rejected", True)
    assert current(monitoring, "nanniu", "investment").version == 1


def brought_to(county: County, step: str, **more: Any) -> Any:
    """A request on the desk of a step."""
    adjustment = ask_for(county, **more)
    hand_in(county, adjustment, investment={"target": "10"})
    if step == "approve":
        county.do(adjustment, "review")
    return adjustment


def withdraw(county: County, adjustment: Any, who: str = "nanniu-handler") -> None:
    adjusting.withdraw(
        adjustment.pk,
        why="情况有变。",
        user_id=county.user(who),
        office_id=county.office("unit", who.split("-")[0]).pk,
    )


@pytest.mark.parametrize("step", ["request", "review", "approve"])
def test_whoever_asked_may_withdraw_until_it_is_approved(monitoring: County, step: str) -> None:
    adjustment = ask_for(monitoring) if step == "request" else brought_to(monitoring, step)
    item = monitoring.item(adjustment, step)
    withdraw(monitoring, adjustment)
    assert fresh(adjustment).state == "withdrawn"
    assert not WorkItem.objects.filter(matter=adjustment, state="open").exists()
    with refused_with("这项任务已取消，不能重复办理。请返回待办列表查看最新情况。"):
        monitoring.do_item(item)
    assert current(monitoring, "nanniu", "investment").version == 1


def test_nobody_else_withdraws_it(monitoring: County) -> None:
    adjustment = brought_to(monitoring, "review")
    with refused("只有提出申请的机构可以撤回申请。", NotAllowed):
        withdraw(monitoring, adjustment, "xinchengpu-handler")


def test_what_is_in_force_is_not_withdrawn(monitoring: County) -> None:
    adjustment = adjusted(monitoring)
    with refused("“南牛乡第 1 号指标调整申请”已调整，不能再撤回。"):
        withdraw(monitoring, adjustment)


def test_a_draft_may_be_about_other_indicators_after_all(monitoring: County) -> None:
    adjustment = ask_for(monitoring, {"investment": "change", "water": "drop"}, added=2)
    kept = [line(adjustment, "investment").pk, line(adjustment).pk]
    picks = {str(current(monitoring, "nanniu", key).pk): "change" for key in ("investment", "supervision")}
    item = monitoring.item(adjustment, "request")
    adjusting.choose(item.pk, picks=picks, added=1, user_id=monitoring.user("nanniu-handler"))
    found = list(adjustment.changes.all())
    assert [(each.action, each.indicator and each.indicator.key) for each in found] == [
        ("change", "investment"),
        ("change", "supervision"),
        ("add", None),
    ]
    assert {found[0].pk, found[2].pk} == set(kept)
    hand_in(
        monitoring, adjustment, investment={"target": "10", "points": "20"}, supervision={"source": "新系统"},
        new=added_line(monitoring),
    )  # fmt: skip
    sentence = "“南牛乡第 1 号指标调整申请”待审核，现在不能再增减指标。"
    with refused(sentence):
        adjustment_lines.choose(
            adjustment.pk, picks=picks, added=0, by=monitoring.of_unit("nanniu"), at=monitoring.now
        )
