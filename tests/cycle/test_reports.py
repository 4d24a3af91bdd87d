"""Monthly reports: what units say, what collectors confirm, what the office passes up."""

import json
from typing import Any

import pytest

from audit import blobs
from audit.refusals import NotAllowed
from cycle.models import Matter, ReportLine
from cycle.services import reports
from tests.county import County, refused
from tests.small_county import work


def filled(report: Matter, value: str = "1.25", **changes: dict[str, str]) -> dict[str, dict[str, str]]:
    """A complete form of a report; `changes` are by indicator key."""
    rows = ReportLine.objects.filter(report=report).select_related("indicator")
    return {str(row.pk): {"value": value} | changes.get(row.indicator.key, {}) for row in rows}


def line(report: Matter, key: str) -> ReportLine:
    return ReportLine.objects.select_related("indicator").get(report=report, indicator__key=key)


def brought_to(county: County, step: str, unit: str = "nanniu", key: str = "m01") -> Any:
    """The unit's report of a month, filled and approved as far as a step."""
    report = county.matter("report", unit=unit, key=key)
    if step in ("approve", "verify"):
        county.do(report, "fill", lines=filled(report))
    if step == "verify":
        county.do(report, "approve")
    return county.matter("report", unit=unit, key=key)


def test_every_unit_is_asked_for_every_issued_indicator(monitoring: County) -> None:
    cycle = monitoring.cycle
    assert Matter.objects.filter(cycle=cycle, kind="report", key="m01").count() == cycle.subjects.count()
    report = monitoring.matter("report", unit="nanniu", key="m01")
    assert report.title == "南牛乡 1 月完成情况报告"
    assert set(report.lines.values_list("indicator__key", flat=True)) == {
        "investment",
        "supervision",
        "water",
    }


def test_a_period_is_opened_once(monitoring: County) -> None:
    assert reports.open_period(monitoring.cycle.pk, "m01") == 0
    assert reports.open_period(monitoring.cycle.pk, "m02") == 5
    assert monitoring.told() == [("matters.opened", {"kind": "report"})]


@pytest.mark.parametrize("moment", ["preparation", "archived"])
def test_nothing_is_asked_outside_the_year(moment: str, request: pytest.FixtureRequest) -> None:
    county: County = request.getfixturevalue(moment)
    with refused("正定县 2026 年度绩效考核目前不在办理期间，不能要求报送。"):
        reports.open_period(county.cycle.pk, "m01")


def test_figures_are_kept_exactly_and_recorded(monitoring: County) -> None:
    report = monitoring.matter("report", unit="nanniu", key="m01")
    monitoring.do(report, "fill", lines=filled(report, investment={"value": "１，２３４．５６７８９１"}))
    assert str(line(report, "investment").value) == "1234.567891"
    assert monitoring.last_event(report.stream)["values"]["investment"] == {
        "value": "1234.567891",
        "note": "",
    }
    assert monitoring.events(report.stream) == ["report.create", "report.fill"]


def test_nothing_happened_is_a_report_too(monitoring: County) -> None:
    report = monitoring.matter("report", unit="nanniu", key="m01")
    note = "本月没有新的进展，按计划下月推进。"
    monitoring.do(report, "fill", lines=filled(report, water={"value": "", "note": note}))
    water = line(report, "water")
    assert (water.value, water.note) == (None, note)


@pytest.mark.parametrize("given", [{"value": "", "note": ""}, {"value": "  ", "note": "  "}])
def test_silence_is_no_report(monitoring: County, given: dict[str, str]) -> None:
    report = monitoring.matter("report", unit="nanniu", key="m01")
    row = line(report, "water")
    with refused("请填写“水质达标”的完成数；本期没有进展的，请在说明中写明。", field=f"{row.pk}-value"):
        monitoring.do(report, "fill", lines=filled(report, water=given))


def test_a_figure_that_is_no_number_is_refused_with_its_line(monitoring: County) -> None:
    report = monitoring.matter("report", unit="nanniu", key="m01")
    row = line(report, "investment")
    sentence = "“固定资产投资”的完成数“1e3”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"
    with refused(sentence, field=f"{row.pk}-value"):
        monitoring.do(report, "fill", lines=filled(report, investment={"value": "1e3"}))


def test_each_collector_confirms_its_own_lines(monitoring: County) -> None:
    report = brought_to(monitoring, "verify")
    waiting = report.items.filter(state="open").select_related("office__organisation")
    assert {item.office.organisation.code for item in waiting} == {"tongji", "ducha", "huanbao"}
    first = waiting.get(office__organisation__code="tongji")
    monitoring.do_item(first, lines={})
    assert str(line(report, "investment").verified) == "1.250000"
    assert line(report, "water").verified is None
    assert monitoring.matter("report", unit="nanniu", key="m01").state == "approved"
    for item in waiting.exclude(pk=first.pk):
        monitoring.do_item(item, lines={})
    assert monitoring.matter("report", unit="nanniu", key="m01").state == "verified"


def test_another_figure_needs_a_remark(monitoring: County) -> None:
    report = brought_to(monitoring, "verify")
    row = line(report, "investment")
    item = monitoring.item(report, office=monitoring.office("collector", "tongji"))
    with refused("“固定资产投资”核验数与上报数不一致，请写明理由。", field=f"{row.pk}-remark"):
        monitoring.do_item(item, lines={str(row.pk): {"verified": "1.2"}})
    monitoring.do_item(item, lines={str(row.pk): {"verified": "1.2", "remark": "有一笔属于上年结转。"}})
    row.refresh_from_db()
    assert (str(row.value), str(row.verified), row.remark) == ("1.250000", "1.200000", "有一笔属于上年结转。")


def test_the_same_figure_written_otherwise_is_confirmed(monitoring: County) -> None:
    report = brought_to(monitoring, "verify")
    row = line(report, "investment")
    item = monitoring.item(report, office=monitoring.office("collector", "tongji"))
    monitoring.do_item(item, lines={str(row.pk): {"verified": "１.250"}})
    row.refresh_from_db()
    assert (str(row.verified), row.remark) == ("1.250000", "")


def test_a_collector_changes_no_line_of_another_collector(monitoring: County) -> None:
    report = brought_to(monitoring, "verify")
    foreign = line(report, "water")
    item = monitoring.item(report, office=monitoring.office("collector", "tongji"))
    monitoring.do_item(item, lines={str(foreign.pk): {"verified": "9", "remark": "改"}})
    foreign.refresh_from_db()
    assert (foreign.verified, foreign.remark) == (None, "")


def test_nobody_verifies_figures_of_the_own_unit(monitoring: County) -> None:
    report = brought_to(monitoring, "verify", "tongji")
    with refused("统计局不能核验本单位的数据，请绩效办改由其他单位核验。", NotAllowed):
        reports.check_lines(
            report.pk, by=monitoring.actor("collector", "collector", "tongji"), at=monitoring.now
        )


def test_a_returned_report_forgets_what_was_verified(monitoring: County) -> None:
    report = brought_to(monitoring, "verify")
    monitoring.do_item(monitoring.item(report, office=monitoring.office("collector", "tongji")), lines={})
    other = monitoring.item(report, office=monitoring.office("collector", "ducha"))
    monitoring.do_item(other, choice="back_fill", comment="督查得分与通报不符。")
    assert monitoring.matter("report", unit="nanniu", key="m01").state == "due"
    monitoring.do(report, "fill", lines=filled(report))
    assert line(report, "investment").verified is None
    monitoring.do(report, "approve")
    assert report.items.filter(state="open").count() == 3


def test_lines_are_checked_only_while_they_are_being_verified(monitoring: County) -> None:
    report = monitoring.matter("report", unit="nanniu", key="m01")
    by = monitoring.holder(monitoring.office("collector", "tongji"))
    with refused("“南牛乡 1 月完成情况报告”目前不在核验中，请刷新页面后查看。"):
        reports.check_lines(report.pk, by=by, at=monitoring.now)


def test_the_office_compiles_when_the_last_report_is_verified(monitoring: County) -> None:
    work(monitoring.cycle)
    compilation = monitoring.matter("compilation", key="m01")
    assert compilation.state == "submitted"
    table = json.loads(blobs.read(compilation.text["digest"]))
    assert table["missing"] == []
    assert set(table["units"]) == {"南牛乡", "新城铺镇", "财政局", "统计局", "住建局"}
    assert set(table["units"]["南牛乡"]) == {"固定资产投资", "督查落实", "水质达标"}
    assert {report.state for report in Matter.objects.filter(kind="report", key="m01")} == {"compiled"}


def test_a_summary_made_early_names_the_missing(monitoring: County) -> None:
    report = brought_to(monitoring, "verify")
    for item in report.items.filter(state="open"):
        monitoring.do_item(item, lines={})
    compilation_id = reports.open_compilation(monitoring.cycle.pk, "m01")
    assert compilation_id is not None
    assert reports.open_compilation(monitoring.cycle.pk, "m01") is None
    reports.compile_period(compilation_id, by=monitoring.clerk(), at=monitoring.now)
    compilation = monitoring.matter("compilation", key="m01")
    assert compilation.text["missing"] == ["新城铺镇", "财政局", "统计局", "住建局"]
    assert compilation.text["count"] == 1
    assert monitoring.matter("report", unit="nanniu", key="m01").state == "compiled"
    assert monitoring.matter("report", unit="tongji", key="m01").state == "due"


def test_a_late_report_is_verified_after_the_summary(monitoring: County) -> None:
    reports.open_compilation(monitoring.cycle.pk, "m01")
    monitoring.relay()
    monitoring.do(monitoring.matter("compilation", key="m01"), "compile")
    work(monitoring.cycle)
    late = monitoring.matter("report", unit="nanniu", key="m01")
    assert (late.state, late.is_final) == ("verified", True)
    assert Matter.objects.filter(kind="compilation", key="m01").count() == 1


def test_reports_of_the_whole_year_are_final_before_the_assessment(assessment: County) -> None:
    states = Matter.objects.filter(kind="report").values_list("key", "state").distinct()
    assert set(states) == {(f"m{month:02d}", "compiled") for month in range(1, 13)}
    assert assessment.cycle.state == "assessment"
