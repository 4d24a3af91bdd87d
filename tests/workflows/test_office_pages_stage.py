"""The stage pages: gates in words, decisions confirmed, waivers, ties, places."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from audit.ids import uuid7
from audit.refusals import NotPossible
from cycle.models import Cycle, Decision, Grade, Publication, ScoringRun
from cycle.queries.preconditions import ties, to_go_on, to_publish
from cycle.services.decisions import settle_tie
from tests.cast import signed_in
from tests.county import County, refused
from tests.small_county import LEADING_MEMBER
from tests.workflows.test_office_pages import said


def act(username: str, stage: str, action: str) -> Any:
    return signed_in(username).post(f"/office/stage/{stage}/{action}/", follow=True)


def test_the_gate_names_what_is_open_and_with_whom(yearend: County) -> None:
    page = signed_in("jxb-chief").get("/office/stage/monitoring/?kind=report&unit=nanniu")
    rows = page.context["rows"]
    assert {row.where for row in rows} == {"南牛乡"}
    assert {row.step for row in rows} == {"完成情况报告 · 填报"}
    (deed,) = page.context["deeds"]
    assert not deed.ready
    texts = {each.text: each.met for each in deed.conditions}
    assert texts["2027 年 01 月 01 日起才能进入年终考核"]
    assert any(text.startswith("“日常监测”还有") and not met for text, met in texts.items())


def test_a_stage_opens_by_its_head_after_the_consequences_were_shown(preparation: County) -> None:
    confirm = signed_in("jxb-chief").get("/office/stage/indicator_setting/open/").content.decode()
    assert "考核对象名单和指标草案不能再改动。" in confirm
    assert "负责人" in said(act("jxb-clerk", "indicator_setting", "open"))
    assert preparation.cycle.state == "preparation"
    assert "已进入指标设置" in said(act("jxb-chief", "indicator_setting", "open"))
    assert preparation.cycle.state == "indicator_setting"
    assert "已经办过或者还不能办" in said(act("jxb-chief", "indicator_setting", "archive"))


def test_what_the_gate_holds_back_stays_where_it_is(yearend: County) -> None:
    assert "还有事项没有办完" in said(act("jxb-chief", "monitoring", "open"))
    assert yearend.cycle.state == "monitoring"


def test_a_waiver_is_the_leading_group_s_and_lets_the_gate_pass(yearend: County) -> None:
    report = yearend.matter("report", unit="nanniu", key="m12")
    address = f"/office/waive/{report.pk}/"
    assert signed_in("jxb-chief").get(address).status_code == 404
    leading = signed_in(LEADING_MEMBER)
    empty = leading.post(address, {"until": "2027-03-01", "why": " "})
    assert (empty.status_code, list(empty.context["form"].errors)) == (422, ["why"])
    early = leading.post(address, {"until": "2026-01-01", "why": "会议决定"})
    assert (early.status_code, list(early.context["form"].errors)) == (422, ["until"])
    before = to_go_on(yearend.cycle, dt.date(2027, 1, 8))[0].text
    assert leading.post(address, {"until": "2027-03-01", "why": "会议决定"}).status_code == 302
    after = to_go_on(yearend.cycle, dt.date(2027, 1, 8))[0].text
    assert "豁免" not in before
    assert after.endswith("另有 1 项已豁免")


def test_score_publish_approve_each_in_its_turn(assessed: County) -> None:
    assert "还没有计分" in [each.text for each in to_publish(assessed.cycle)]
    assert "请先计分再公示" in said(act("jxb-clerk", "assessment", "publish"))
    assert "计分完成" in said(act("jxb-clerk", "assessment", "score"))
    assert ScoringRun.objects.get().cause == "县绩效办按最新数据计分"
    assert "已生成公示任务" in said(act("jxb-clerk", "assessment", "publish"))
    assert Publication.objects.filter(what="show").count() == 3
    assert "还没有结束" in said(act("jxb-clerk", "assessment", "approve"))


def test_the_last_stage_ends_in_the_archive(uses: County) -> None:
    assert "还有事项没有办完" in said(act("jxb-chief", "uses", "archive"))
    page = signed_in("jxb-chief").get("/office/stage/uses/")
    assert [deed.title for deed in page.context["deeds"]] == ["归档"]


def test_nobody_else_presses_the_office_s_buttons(assessed: County) -> None:
    for username in ("auditor", LEADING_MEMBER, "nanniu-head"):
        assert signed_in(username).post("/office/stage/assessment/score/").status_code == 404
    assert not ScoringRun.objects.exists()
    assert signed_in("jxb-clerk").get("/office/stage/dinner/").status_code == 404


def test_the_order_of_tied_units_is_one_decision(assessed: County) -> None:
    user = assessed.user(LEADING_MEMBER)
    units = [assessed.unit(code).pk for code in ("nanniu", "xinchengpu")]
    with refused("请给每个单位排定先后，从 1 到 2，不重复、不空缺。", NotPossible):
        settle_tie(assessed.cycle.pk, group="township", level="advanced",
                   order=dict(zip(units, ("1", "1"), strict=True)), why="会议", user_id=user)  # fmt: skip
    settle_tie(assessed.cycle.pk, group="township", level="advanced",
               order=dict(zip(units, ("2", "1"), strict=True)), why="会议决定", user_id=user)  # fmt: skip
    rows = Decision.objects.order_by("value").values_list("subject__code", "item", "value")
    assert list(rows) == [("xinchengpu", "tie:advanced", "1"), ("nanniu", "tie:advanced", "2")]


def test_a_reported_tie_asks_for_its_units_and_no_others(published: County) -> None:
    assert ties(ScoringRun.objects.get()) == []
    message = "南牛乡、新城铺镇得分并列（tie:advanced）"
    warning = {"code": "tie", "group": "township", "unit": "", "subject": "", "message": message}
    assert signed_in(LEADING_MEMBER).get("/office/ties/township/advanced/").status_code == 404
    run = ScoringRun.objects.get()
    run.pk, run.number, run.warnings = uuid7(), 2, [warning]
    run.save(force_insert=True)
    for code in ("nanniu", "tongji"):
        unit = published.unit(code)
        Grade.objects.create(run=run, subject=unit, total="90", bonus="0", deduction="0", ranked=2)
    (found,) = ties(run)
    assert (found.group, found.level, [each.subject.code for each in found.units]) == (
        "township", "advanced", ["nanniu"],
    )  # fmt: skip
    assert signed_in(LEADING_MEMBER).get("/office/ties/township/advanced/").status_code == 200


def test_places_are_decided_within_the_policy_s_bounds(assessed: County) -> None:
    client = signed_in(LEADING_MEMBER)
    wrong = client.post("/office/quotas/heritage/advanced/", {"places": "9", "why": "会议决定"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["places"])
    assert not Decision.objects.exists()
    client.post("/office/quotas/heritage/advanced/", {"places": "3", "why": "会议决定"})
    assert Decision.objects.get().value == "3"
    assert client.get("/office/quotas/township/advanced/").status_code == 404


@pytest.mark.parametrize("year", ["2031", "1999"])
def test_a_year_without_a_cycle_is_not_found(yearend: County, year: str) -> None:
    assert Cycle.objects.count() == 1
    for address in ("/office/", "/office/stage/monitoring/", "/office/overdue/"):
        assert signed_in("jxb-chief").get(f"{address}?year={year}").status_code == 404
