"""Indicator setting: what is declared, who reviews, and what may be issued."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.refusals import NotAllowed, NotFound
from cycle.models import Indicator, Opinion, WorkPlan
from cycle.services import sheets
from tests.county import County, refused


def lines(county: County, unit: str = "nanniu", **changes: dict[str, str]) -> dict[str, dict[str, str]]:
    """A complete declaration; `changes` are by indicator key."""
    rows = Indicator.objects.filter(subject__code=unit)
    return {str(each.pk): {"measures": "每旬调度。"} | changes.get(each.key, {}) for each in rows}


def brought_to(county: County, step: str, unit: str = "nanniu") -> Any:
    """The unit's sheet, brought to a step by everybody before it."""
    sheet = county.matter("sheet", unit=unit)
    for name in ("declare", "approve", "first_review", "decide", "issue", "sign"):
        if name == step:
            return county.matter("sheet", unit=unit)
        form: dict[str, Any] = {"lines": lines(county, unit)} if name == "declare" else {}
        county.do(sheet, name, **form)
    raise AssertionError(step)


def test_the_whole_way_of_a_sheet(setting: County) -> None:
    sheet = brought_to(setting, "sign")
    setting.do(sheet, "sign")
    assert setting.matter("sheet", unit="nanniu").state == "signed"
    verbs = ["create", "declare", "approve", "review", "decide", "issue", "sign"]
    assert setting.events(sheet.stream) == [f"sheet.{verb}" for verb in verbs]
    for each in Indicator.objects.filter(subject__code="nanniu"):
        assert (each.state, str(each.effective_on)) == ("issued", "2026-01-01")
        assert setting.events(f"indicator/{each.pk}") == ["indicator.create", "indicator.issue"]


def test_a_declaration_keeps_what_changed_and_records_it(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    key = str(setting.indicator("nanniu", "investment").pk)
    given = lines(setting) | {
        key: {"target": "１３.５", "measures": "每旬调度。", "sections": "经济发展办公室"}
    }
    setting.do(sheet, "declare", comment="目标已经乡党委会议研究。", lines=given)
    declared = setting.indicator("nanniu", "investment")
    assert declared.target == "13.5"
    assert declared.plan.measures == "每旬调度。"
    event = setting.last_event(sheet.stream)
    assert event["lines"]["investment"] == {
        "target": "13.5",
        "measures": "每旬调度。",
        "sections": "经济发展办公室",
    }
    assert event["set"] == {"state": "declared"}
    assert event["was"] == {"state": "draft"}
    assert event["why"] == "目标已经乡党委会议研究。"


def test_measures_are_needed(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    water = setting.indicator("nanniu", "water")
    with refused("请填写“水质达标”的工作措施后再申报。", field=f"{water.pk}-measures"):
        setting.do(sheet, "declare", lines=lines(setting, water={"measures": "  "}))


def test_a_target_is_a_number(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    investment = setting.indicator("nanniu", "investment")
    sentence = "“固定资产投资”的目标值“力争翻番”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"
    with refused(sentence, field=f"{investment.pk}-target"):
        setting.do(sheet, "declare", lines=lines(setting, investment={"target": "力争翻番"}))


def test_lines_of_another_unit_change_nothing(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    foreign = setting.indicator("xinchengpu", "revenue")
    setting.do(sheet, "declare", lines=lines(setting) | {str(foreign.pk): {"target": "1", "measures": "无"}})
    assert setting.indicator("xinchengpu", "revenue").target == "4860"
    assert WorkPlan.objects.get(indicator=foreign).measures == "每月调度一次。"


@pytest.mark.parametrize(
    ("field", "title"), [("standard", "验收标准"), ("rule", "计分规则"), ("collector", "数据采集责任单位")]
)
def test_nothing_incomplete_is_issued(setting: County, field: str, title: str) -> None:
    sheet = brought_to(setting, "issue")
    empty = None if field == "collector" else ""
    Indicator.objects.filter(subject__code="nanniu", key="water").update(**{field: empty})
    with refused(f"“水质达标”缺少{title}，补齐后才能下达。"):
        setting.do(sheet, "issue")


def test_everything_that_is_missing_is_named_at_once(setting: County) -> None:
    sheet = brought_to(setting, "issue")
    Indicator.objects.filter(subject__code="nanniu", key="water").update(standard="", rule="")
    with refused("“水质达标”缺少验收标准、计分规则，补齐后才能下达。"):
        setting.do(sheet, "issue")


@pytest.mark.parametrize(
    "lack", [{"standard": ""}, {"rule": ""}, {"collector": None}, {"effective_on": None}]
)
def test_the_database_refuses_an_incomplete_issued_indicator(
    monitoring: County, lack: dict[str, Any]
) -> None:
    rows = Indicator.objects.filter(subject__code="nanniu", key="water", state="issued")
    assert rows.count() == 1
    with pytest.raises(IntegrityError, match="cycle_indicator_complete"), transaction.atomic():
        rows.update(**lack)


def test_a_unit_never_collects_its_own_figures(setting: County) -> None:
    sheet = brought_to(setting, "issue", "tongji")
    own = setting.office("collector", "tongji")
    Indicator.objects.filter(subject__code="tongji", key="budget").update(collector=own)
    with refused("“预算执行率”的数据采集责任单位就是统计局本身，请改由其他单位采集后再下达。"):
        setting.do(sheet, "issue")


@pytest.mark.parametrize(("points", "total"), [("29", "89"), ("30.000001", "90.000001")])
def test_points_add_up_exactly(setting: County, points: str, total: str) -> None:
    sheet = brought_to(setting, "issue")
    Indicator.objects.filter(subject__code="nanniu", key="water").update(points=points)
    with refused(f"南牛乡各项指标的分值合计是 {total} 分，应当是 90 分，请调整后再下达。"):
        setting.do(sheet, "issue")


def test_a_unit_without_indicators_is_told_so(setting: County) -> None:
    sheet = brought_to(setting, "issue")
    rows = Indicator.objects.filter(subject__code="nanniu")
    WorkPlan.objects.filter(indicator__in=rows).delete()
    rows.delete()
    with refused("南牛乡各项指标的分值合计是 0 分，应当是 90 分，请调整后再下达。"):
        setting.do(sheet, "issue")


def test_a_return_carries_its_reason_and_the_unit_declares_again(setting: County) -> None:
    sheet = brought_to(setting, "first_review")
    with refused("请写明理由后再退回申报，对方要据此修改。", field="comment"):
        setting.do(sheet, "first_review", choice="back_declare", comment="  ")
    setting.do(sheet, "first_review", choice="back_declare", comment="验收标准没有写明数值。")
    assert setting.matter("sheet", unit="nanniu").state == "draft"
    event = setting.last_event(sheet.stream)
    assert (event["type"], event["why"]) == ("sheet.give_back", "验收标准没有写明数值。")
    setting.do(sheet, "declare", lines=lines(setting))
    assert setting.matter("sheet", unit="nanniu").state == "declared"


def test_the_leading_group_may_send_it_back_one_step(setting: County) -> None:
    sheet = brought_to(setting, "decide")
    setting.do(sheet, "decide", choice="back_first_review", comment="请绩效办再核一次分值。")
    assert setting.matter("sheet", unit="nanniu").state == "approved"
    assert setting.item(sheet).step == "first_review"


def test_steps_are_taken_in_order_only(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    by, at = setting.chief(), setting.now
    sentence = "“南牛乡 2026 年度指标申报”目前的状态是“待申报”，不能再这样办理，请刷新页面后查看。"
    for service in (sheets.approve, sheets.review, sheets.decide, sheets.sign, sheets.close_review):
        with refused(sentence):
            service(sheet.pk, by=by, at=at)
    with refused(sentence):
        sheets.issue(sheet.pk, by=by, at=at)
    with refused(sentence):
        sheets.give_back(sheet.pk, by=by, at=at, comment="退回")
    with refused("“南牛乡 2026 年度指标申报”已不在会审中，请刷新页面后查看。"):
        sheets.opine(sheet.pk, by=by, at=at)


def test_joint_review_counts_rounds(setting: County) -> None:
    """The small county's scheme leaves the joint review out; the service keeps its rounds all the same."""
    sheet = brought_to(setting, "decide")
    at = setting.now
    sheets.opine(
        sheet.pk, by=setting.actor("joint-reviewer", "joint_review", "caizheng"), at=at, comment="同意。"
    )
    other = setting.actor("tongji-review-handler", "joint_review", "tongji")
    sheets.disagree(sheet.pk, by=other, at=at, comment="目标偏低。")
    given = Opinion.objects.filter(matter=sheet).order_by("agrees")
    assert [(each.office.title, each.agrees, each.round, each.text) for each in given] == [
        ("统计局（会审单位）", False, 1, "目标偏低。"),
        ("财政局（会审单位）", True, 1, "同意。"),
    ]
    assert setting.matter("sheet", unit="nanniu").text["review_round"] == 2


def test_only_the_right_post_acts(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    with refused("此事项由南牛乡的工作人员办理，你目前没有这一任职，请联系本单位负责人。", NotAllowed):
        setting.do(sheet, "declare", as_="xinchengpu-handler", lines=lines(setting))
    setting.do(sheet, "declare", lines=lines(setting))
    with refused("此事项由南牛乡的负责人办理，你目前没有这一任职，请联系本单位负责人。", NotAllowed):
        setting.do(sheet, "approve", as_="nanniu-handler")


def test_another_kind_of_matter_is_not_found(monitoring: County) -> None:
    report = monitoring.matter("report", unit="nanniu", key="m01")
    with refused("没有找到这一指标申报，它可能不属于你的单位。", NotFound):
        sheets.approve(report.pk, by=monitoring.chief(), at=monitoring.now)
