"""Adjustment over HTTP: asking, filling in, reviewing, approving, withdrawing; versions side by side."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cycle.models import Indicator, IndicatorAdjustment
from tests.cast import holder_of, signed_in, submit
from tests.county import County
from tests.cycle.test_adjustments import (
    added_line,
    adjusted,
    ask_for,
    at_half_year,
    brought_to,
    collected,
    current,
    fresh,
    line,
)
from workflows.models import Process, WorkItem

UNIT = "nanniu-handler"


def typed(county: County, picks: dict[str, str], unit: str = "nanniu", **more: str) -> dict[str, str]:
    """What somebody types into the first page."""
    chosen = {f"pick-{current(county, unit, key).pk}": action for key, action in picks.items()}
    fields = {"ground": "policy", "effective_on": "2026-07-01", "reason": "统计口径变化。", "added": "0"}
    return fields | chosen | more


def bring(county: County, picks: dict[str, str], **more: str) -> Any:
    return signed_in(UNIT).post("/kpi/adjustments/new/", typed(county, picks, **more))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def shown(client: Client, item: WorkItem) -> dict[str, str]:
    """What a task's page shows in its controls: a browser sends all of it back."""
    form = client.get(f"/t/{item.pk}/").context["form"]
    return {control.name: control.value for control in form.controls()}


def attach(client: Client, item: WorkItem) -> Any:
    file = SimpleUploadedFile("冀统字〔2026〕6号.pdf", b"%PDF-1.4")
    return client.post(f"/t/{item.pk}/evidence/", {"files": file})


def test_the_whole_way_on_pages(monitoring: County) -> None:
    """From the list of indicators to the new version, everybody at their own desk."""
    Indicator.objects.filter(key="investment", subject__code="nanniu").update(is_key=True)
    unit = signed_in(UNIT)
    assert "/kpi/adjustments/" in text(unit.get("/kpi/"))
    assert "/kpi/adjustments/new/" in text(unit.get("/kpi/adjustments/"))
    asked = unit.get("/kpi/adjustments/new/")
    assert "重点工作目标，须报政府批准" in text(asked)
    answer = bring(monitoring, {"investment": "change"})
    adjustment = IndicatorAdjustment.objects.get()
    item = monitoring.item(adjustment, "request")
    assert answer["Location"] == f"/t/{item.pk}/"
    assert "提交前请上传佐证材料" in text(unit.get(answer["Location"]))
    attach(unit, item)
    pk = line(adjustment, "investment").pk
    values = shown(unit, item)
    assert values[f"{pk}-target"] == "12.5"
    assert submit(unit, item, **(values | {f"{pk}-target": "10"})).status_code == 302
    for step, said in (
        ("review", "原为：12.5 万元"),
        ("approve", "原为：12.5 万元"),
        ("approve_key", "原为：12.5 万元"),
    ):
        item = monitoring.item(adjustment, step)
        client = holder_of(item)
        page = text(client.get(f"/t/{item.pk}/"))
        assert said in page
        assert "年终评估按调整后的指标采集和计分；中期评估仍按原指标计分。" in page
        assert "冀统字〔2026〕6号.pdf" in page
        assert submit(client, item).status_code == 302
    assert fresh(adjustment).state == "effective"
    assert current(monitoring, "nanniu", "investment").target == "10"


def test_what_is_refused_keeps_what_was_typed(monitoring: County) -> None:
    unit = signed_in(UNIT)
    bring(monitoring, {"investment": "change"}, added="1")
    adjustment = IndicatorAdjustment.objects.get()
    item, new = monitoring.item(adjustment, "request"), line(adjustment).pk
    lines = {f"{new}-{name}": value for name, value in added_line(monitoring, points="很多").items()}
    answer = submit(unit, item, **(shown(unit, item) | lines))
    assert answer.status_code == 422
    assert "“河道清淤”的分值“很多”不是有效的数字" in text(answer)
    assert "清淤河段经水利部门验收合格。" in text(answer)
    assert 'value="很多"' in text(answer)
    assert fresh(adjustment).state == "draft"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"ground": "key_work"}, "请从列表中选择调整事由。"),
        ({"effective_on": "下月"}, "请填写生效日期，例如 2026-09-01。"),
        ({"effective_on": "2027-01-01"}, "生效日期应当在 2026 年 1 月 1 日至 2026 年 12 月 31 日之间"),
        ({"reason": ""}, "请写明调整的理由和依据的文件。"),
        ({"added": "9"}, "请填写 0 到 5 的整数。"),
        ({"added": "x"}, "请填写 0 到 5 的整数。"),
    ],
)
def test_a_bad_request_is_refused_in_its_field(
    monitoring: County, more: dict[str, str], sentence: str
) -> None:
    answer = bring(monitoring, {"investment": "change"}, **more)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not IndicatorAdjustment.objects.exists()


def test_a_request_about_nothing_is_refused(monitoring: County) -> None:
    answer = bring(monitoring, {})
    assert "请至少选择一项要调整、撤销或者新增的指标。" in text(answer)
    assert not IndicatorAdjustment.objects.exists()


def test_the_office_names_the_unit_first(monitoring: County) -> None:
    office = signed_in("jxb-clerk")
    assert "选择单位" in text(office.get("/kpi/adjustments/new/"))
    assert office.get("/kpi/adjustments/new/?unit=atlantis").status_code == 404
    page = office.get("/kpi/adjustments/new/?unit=caizheng")
    assert [each.key for each, _ in page.context["form"].rows()] == ["audit_fixes", "supervision"]
    data = typed(monitoring, {"supervision": "drop"}, "caizheng", ground="key_work", added="1")
    answer = office.post("/kpi/adjustments/new/?unit=caizheng", data)
    assert answer.status_code == 302
    adjustment = IndicatorAdjustment.objects.get()
    assert (adjustment.unit.code, adjustment.ground) == ("caizheng", "key_work")


def test_indicators_are_chosen_anew(monitoring: County) -> None:
    unit = signed_in(UNIT)
    bring(monitoring, {"investment": "change"})
    adjustment = IndicatorAdjustment.objects.get()
    item = monitoring.item(adjustment, "request")
    address = f"/t/{item.pk}/lines/"
    assert address in text(unit.get(f"/t/{item.pk}/"))
    assert unit.get(address).status_code == 200
    water = current(monitoring, "nanniu", "water").pk
    assert unit.post(address, {f"pick-{water}": "drop", "added": "1"}).status_code == 302
    assert [each.action for each in adjustment.changes.all()] == ["drop", "add"]
    assert unit.post(address, {"added": "0"}).status_code == 422
    for other in ("xinchengpu-handler", "jxb-clerk", "auditor"):
        assert signed_in(other).get(address).status_code == 404


def test_what_is_handed_in_has_its_indicators(monitoring: County) -> None:
    adjustment = brought_to(monitoring, "review")
    for item in WorkItem.objects.filter(matter=adjustment):
        for who in (UNIT, "jxb-clerk"):
            assert signed_in(who).get(f"/t/{item.pk}/lines/").status_code == 404


def test_a_request_is_withdrawn_on_its_page(monitoring: County) -> None:
    adjustment = brought_to(monitoring, "review")
    unit, address = signed_in(UNIT), f"/kpi/adjustments/{adjustment.pk}/withdraw/"
    assert address in text(unit.get("/kpi/adjustments/"))
    assert "撤回后这项申请即告终止" in text(unit.get(address))
    assert "请写明撤回申请的理由。" in text(unit.post(address, {"why": " "}))
    for other in ("xinchengpu-handler", "jxb-clerk", "auditor"):
        assert signed_in(other).post(address, {"why": "理由"}).status_code == 404
    assert unit.post(address, {"why": "口径未变。"}).status_code == 302
    assert fresh(adjustment).state == "withdrawn"
    assert "已撤回，不能再撤回。" in text(unit.post(address, {"why": "再来一次"}))


def test_who_sees_which_request(monitoring: County) -> None:
    draft = ask_for(monitoring, {"water": "change"})
    adjustment = brought_to(monitoring, "review")
    for who, sees in (
        (UNIT, {draft.title, adjustment.title}),
        ("jxb-clerk", {adjustment.title}),
        ("auditor", {adjustment.title}),
        ("xinchengpu-handler", set()),
    ):
        page = text(signed_in(who).get("/kpi/adjustments/"))
        assert {title for title in (draft.title, adjustment.title) if title in page} == sees, who


def test_the_history_tells_what_was_asked_in_words(monitoring: County) -> None:
    adjustment = brought_to(monitoring, "review")
    process = Process.objects.get(matter=adjustment.pk)
    page = signed_in(UNIT).get(f"/p/{process.pk}/")
    (version,) = page.context["history"].versions
    said = {each["label"]: each["after"] for each in version.changes}
    assert said["固定资产投资 · 全年目标值"] == "10 万元"
    assert said["生效日期"] == "2026-07-01"
    titles = [each.title for each in page.context["history"].lines]
    assert {"选定调整的指标", "提出申请"} <= set(titles)


def test_versions_stand_side_by_side(monitoring: County) -> None:
    adjusted(monitoring, day=dt.date(2026, 7, 1))
    at_half_year(monitoring)
    collected(monitoring, "midyear", "tongji")
    new = current(monitoring, "nanniu", "investment")
    page = signed_in(UNIT).get(f"/kpi/{new.pk}/")
    rows = [[cell["text"] for cell in row["cells"]] for row in page.context["table"]["rows"]]
    facts = {label: values for label, *values in rows}
    assert facts["生效期间"] == ["2026-01-01 至 2026-06-30", "2026-07-01 至 年底"]
    assert facts["由来"] == ["年初下达", "南牛乡第 1 号指标调整申请"]
    assert facts["批准"][1].startswith("县政府绩效管理工作领导小组 ")
    assert facts["全年目标值"] == ["12.5 万元", "10 万元"]
    assert "分值" not in facts, "only what differs"
    assert facts["按此计分的期次"] == ["中期评估", "年终评估"]
    assert facts["据此采集的实绩"] == ["中期评估 6", "—"]
    assert facts["据此报送的月份"] == ["1 月、2 月、3 月、4 月、5 月、6 月", "—"]


def test_one_version_needs_no_comparison(monitoring: County) -> None:
    page = signed_in(UNIT).get(f"/kpi/{current(monitoring, 'nanniu', 'water').pk}/")
    assert page.context["table"] is None


def test_the_list_shows_since_when_and_keeps_the_newest_figure(yearend: County) -> None:
    report = yearend.matter("report", unit="nanniu", key="m02")
    yearend.do(report, "fill", lines={str(each.pk): {"value": "2.5"} for each in report.lines.all()})
    yearend.move_to(dt.date(2026, 12, 1))
    adjusted(yearend, day=dt.date(2026, 12, 1))
    page = signed_in(UNIT).get("/kpi/?q=固定资产")
    assert "第 2 版，2026-12-01 起" in text(page)
    assert page.context["rows"][0].newest == "2.5 万元"


def test_a_version_that_is_not_in_force_yet_says_so(monitoring: County) -> None:
    adjusted(monitoring)
    page = signed_in(UNIT).get(f"/kpi/{current(monitoring, 'nanniu', 'investment').pk}/")
    assert "到生效日期才执行" in text(page)
