"""Appeals as people meet them: the unit's points and windows, the reviewers' queue, the file of a case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cycle.models import Appeal, Evidence
from cycle.services import evidence, proposals
from tests.cast import signed_in
from tests.county import County
from tests.cycle.test_conflicts import seat
from tests.cycle.test_windows import rule
from tests.workflows import appealing
from tests.workflows.appealing import REVIEW_HEAD, REVIEWER, brought_to, fresh, opened, served
from workflows.models import WorkItem

UNIT, HEAD, OTHER = "nanniu-handler", "nanniu-head", "xinchengpu-handler"
OFFICE, LEADING, AUDITOR, COLLECTOR = "jxb-clerk", "lingdaoxiaozu-handler", "auditor", "collector"
WINDOW = (
    "绩效反馈书于 2027 年 2 月 10 日送达，当日不计，"
    "申诉期为 3 个工作日（2 月 11 日、2 月 12 日、2 月 15 日），到 2027 年 2 月 15 日 24 时止。"
)
TYPED = {"ground": "fact", "facts": "漏计两个已入库项目。", "request": "请按入库数重新认定。"}


def text(username: str, path: str, status: int = 200) -> str:
    answer = signed_in(username).get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def new_path(county: County, unit: str = "nanniu", title: str = "固定资产投资") -> str:
    point = appealing.point_id(county, unit, title)
    return f"/appeals/new/?unit={county.unit(unit).pk}&point={point}"


# --- the unit's side ---------------------------------------------------------------------------------------


def test_a_unit_sees_every_point_with_the_window_and_how_it_was_counted(feedback: County) -> None:
    assert "目前没有可以申诉的结果" not in text(UNIT, "/appeals/")
    served(feedback)
    page = signed_in(UNIT).get("/appeals/")
    shown = page.context["shown"]
    titles = [line.point.title for line in shown.lines]
    assert titles == [
        "固定资产投资",
        "督查落实",
        "水质达标",
        "加分：受市委、市政府表彰或作为典型推广",
        "考核等次和名次",
    ]
    assert WINDOW in page.content.decode()
    assert page.content.decode().count("提出申诉</a>") == 5
    assert [line.point.score for line in shown.lines][1:2] == ["27.5"]


def test_before_any_result_is_shown_there_is_nothing_to_contest(monitoring: County) -> None:
    assert "目前没有可以申诉的结果" in text(UNIT, "/appeals/")


def test_when_the_window_is_over_the_page_says_when_it_ended(feedback: County) -> None:
    served(feedback)
    feedback.move_to(dt.date(2027, 2, 16))
    page = text(UNIT, "/appeals/")
    assert "目前没有可以申诉的期限" in page
    assert WINDOW in page
    assert "申诉期已于 02-15 周一 24 时届满" in page
    assert "提出申诉</a>" not in page
    assert "申诉期已经届满，不能再提出申诉" in text(UNIT, new_path(feedback))


def test_where_the_clock_starts_at_receipt_the_page_says_so(feedback: County) -> None:
    rule(feedback, file={"office": "unit", "due": {"in": "15 wd", "from": "receipt"}, "cite": "二十六条"})
    served(feedback)
    page = text(UNIT, "/appeals/")
    assert "绩效反馈书尚未签收，申诉期从签收之日起算，共 15 个工作日。（依据：二十六条）" in page
    assert page.count("提出申诉</a>") == 5


def test_the_publicity_of_the_results_opens_a_window_as_well(published: County) -> None:
    page = text(UNIT, "/appeals/")
    assert "结果公示：申诉期内" in page
    assert signed_in(UNIT).post(new_path(published), TYPED).status_code == 302


def test_an_appeal_lands_on_its_task_and_in_the_unit_s_list(feedback: County) -> None:
    served(feedback)
    answer = signed_in(UNIT).post(new_path(feedback), TYPED)
    appeal = Appeal.objects.get()
    item = WorkItem.objects.get(matter=appeal, state="open")
    assert answer["Location"] == f"/t/{item.pk}/"
    page = text(UNIT, f"/t/{item.pk}/")
    assert "漏计两个已入库项目。" in page
    assert WINDOW in page
    listed = signed_in(UNIT).get("/appeals/")
    assert [row.appeal for row in listed.context["rows"]] == [appeal]
    line = next(each for each in listed.context["shown"].lines if each.point.title == "固定资产投资")
    assert (line.appeal, line.url) == (appeal, f"/appeals/{appeal.pk}/")


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("facts", "请写明事实和理由后再提交。"),
        ("request", "请写明复核请求后再提交。"),
        ("ground", "请从列表中选择申诉理由。"),
    ],
)
def test_a_refused_appeal_keeps_what_was_typed(feedback: County, missing: str, sentence: str) -> None:
    served(feedback)
    answer = signed_in(UNIT).post(new_path(feedback), TYPED | {missing: ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert all(value in page for name, value in TYPED.items() if name != missing)
    assert not Appeal.objects.exists()


def test_a_minute_after_the_window_the_form_comes_back_with_the_computation(feedback: County) -> None:
    served(feedback)
    path = new_path(feedback)
    feedback.move_to(dt.date(2027, 2, 16), hour=0)
    answer = signed_in(UNIT).post(path, TYPED)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"申诉期已经届满：{WINDOW}现在是 2027 年 2 月 16 日 00:0" in page
    assert TYPED["facts"] in page


def test_another_unit_s_point_or_case_does_not_exist(feedback: County) -> None:
    served(feedback)
    other = signed_in(OTHER)
    assert other.get(new_path(feedback)).status_code == 404
    assert other.post(new_path(feedback), TYPED).status_code == 404
    assert signed_in(UNIT).get("/appeals/new/?unit=x&point=indicator:x").status_code == 404
    assert signed_in(UNIT).get("/appeals/new/")["Location"] == "/appeals/"
    appeal = brought_to(feedback, "accept")
    for page in ("", "withdraw/", "recusal/", "second/", "decision/", "decision.docx"):
        assert other.get(f"/appeals/{appeal.pk}/{page}").status_code == 404, page


def test_a_point_that_was_contested_is_refused_with_the_reason(feedback: County) -> None:
    served(feedback)
    path = new_path(feedback)
    brought_to(feedback, "accept")
    answer = signed_in(UNIT).post(path, TYPED)
    assert answer.status_code == 422
    assert "同一得分点只能申诉一次" in answer.content.decode()


def test_a_file_over_the_limit_is_refused_and_the_draft_stays(
    feedback: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(feedback)
    item = appealing.at(feedback, opened(feedback))
    monkeypatch.setattr(evidence, "MAX_BYTES", 10)
    file = SimpleUploadedFile("凭证.pdf", b"%PDF-1.7 longer than that")
    answer = signed_in(UNIT).post(
        f"/t/{item.pk}/evidence/", {"files": [file]}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert "“凭证.pdf”超过 100 MB，请压缩或者拆分后再上传。" in answer.content.decode()
    assert not Evidence.objects.filter(matter=item.matter_id).exists()
    assert appealing.FACTS in text(UNIT, f"/t/{item.pk}/")


def test_withdrawing_asks_for_a_reason_and_ends_the_case(feedback: County) -> None:
    served(feedback)
    appeal = brought_to(feedback, "accept")
    path = f"/appeals/{appeal.pk}/withdraw/"
    assert "同一得分点不能再次提出申诉。" in text(UNIT, path)
    refused = signed_in(UNIT).post(path, {"why": " "})
    assert refused.status_code == 422
    assert "请写明撤回申诉的理由。" in refused.content.decode()
    assert signed_in(UNIT).post(path, {"why": "已经核对清楚。"})["Location"] == f"/appeals/{appeal.pk}/"
    assert fresh(appeal).state == "withdrawn"
    assert "撤回申诉</a>" not in text(UNIT, f"/appeals/{appeal.pk}/")
    again = signed_in(UNIT).post(path, {"why": "再撤一次。"})
    assert again.status_code == 422
    assert "再撤一次。" in again.content.decode()


def test_without_a_second_instance_the_refusal_keeps_what_was_typed(feedback: County) -> None:
    served(feedback)
    appeal = brought_to(feedback, "sign", outcome="uphold")
    assert "申请复议</a>" not in text(UNIT, f"/appeals/{appeal.pk}/")
    answer = signed_in(UNIT).post(f"/appeals/{appeal.pk}/second/", {"facts": "不服。", "request": "改判。"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "不能申请复议：方案未设复议" in page
    assert "不服。" in page


def test_a_second_instance_begins_at_the_case_and_names_the_first(feedback: County) -> None:
    rule(feedback, second={"office": "leading_group", "due": {"in": "15 wd"}, "cite": "四十条"})
    served(feedback)
    first = brought_to(feedback, "sign", outcome="uphold")
    page = text(UNIT, f"/appeals/{first.pk}/")
    assert "复核决定书于 2027 年 2 月 10 日送达，当日不计，申诉期为 15 个工作日" in page
    assert "申请复议</a>" in page
    typed = {"facts": "原决定没有回应凭证。", "request": "请撤销原决定。"}
    landed = signed_in(UNIT).post(f"/appeals/{first.pk}/second/", typed)["Location"]
    again = Appeal.objects.get(instance=2)
    assert "原决定没有回应凭证。" in text(UNIT, landed)
    assert first.number in text(UNIT, f"/appeals/{again.pk}/")
    assert "申请复议</a>" not in text(UNIT, f"/appeals/{first.pk}/")


# --- the queue ---------------------------------------------------------------------------------------------


def rows(username: str, query: str = "") -> list[str]:
    return [row.appeal.title for row in signed_in(username).get(f"/appeals/{query}").context["rows"]]


def test_the_queue_goes_by_the_clock(feedback: County) -> None:
    served(feedback)
    later = brought_to(feedback, "investigate", title="督查落实")
    urgent = brought_to(feedback, "accept")
    draft = opened(feedback, title="水质达标")
    assert rows(REVIEWER) == [urgent.title, later.title]
    assert rows(REVIEWER, "?state=filed") == [urgent.title]
    assert rows(REVIEWER, "?point=grade") == []
    assert rows(REVIEWER, "?state=nonsense&year=12&unit=x") == [urgent.title, later.title]
    feedback.move_to(dt.date(2027, 2, 15))
    page = signed_in(REVIEWER).get("/appeals/")
    values = {each["label"]: each["value"] for each in page.context["strip"]}
    assert values == {"在办": 2, "已超期": 1, "3 日内到期": 1, "待受理": 1, "待批准": 0, "已办结": 0}
    assert [row.task != "" for row in page.context["rows"]] == [True, True]
    assert rows(REVIEWER, "?state=overdue") == [urgent.title]
    assert draft.title not in rows(OFFICE, "?state=all")
    assert f"/appeals/{draft.pk}/" in text(UNIT, "/appeals/")
    assert signed_in(OFFICE).get(f"/appeals/{draft.pk}/").status_code == 404


def test_a_collector_finds_the_cases_that_ask_for_its_answer(feedback: County) -> None:
    served(feedback)
    appeal = brought_to(feedback, "accept")
    assert rows(COLLECTOR) == []
    feedback.do(appeal, "accept", reviewer=str(feedback.user(REVIEWER)))
    (row,) = signed_in(COLLECTOR).get("/appeals/").context["rows"]
    assert (row.appeal, row.step, row.task) == (
        appeal, "书面答复", f"/t/{appealing.at(feedback, appeal).pk}/"
    )  # fmt: skip
    assert rows("zuzhibu-head") == []


# --- drafting ----------------------------------------------------------------------------------------------


@pytest.fixture(name="case")
def being_decided(feedback: County) -> Appeal:
    """A case whose decision is being drafted."""
    served(feedback)
    return brought_to(feedback, "decide")


def draft(case: Appeal, username: str = REVIEWER, **typed: str) -> Any:
    said = {"outcome": "uphold", "reasons": "数据与凭证一致。", "cite": "五（一）1"} | typed
    return signed_in(username).post(f"/appeals/{case.pk}/proposal/", said)


def test_the_impact_opens_after_the_first_saved_draft_and_marks_the_later_ones(
    feedback: County, case: Appeal
) -> None:
    reviewer = signed_in(REVIEWER)
    early = reviewer.post(f"/appeals/{case.pk}/impact/")
    assert early.status_code == 422
    assert "请先保存拟作出的决定和理由，再查看影响。" in early.content.decode()
    assert "的影响</button>" not in text(REVIEWER, f"/appeals/{case.pk}/")

    change = {"outcome": "change", "midyear-value": "3", "yearend-value": "6"}
    assert draft(case, **change)["Location"] == f"/appeals/{case.pk}/#drafts"
    before = text(REVIEWER, f"/appeals/{case.pk}/")
    assert "查看第 1 稿的影响</button>" in before
    assert 'id="impact"' not in before
    assert reviewer.post(f"/appeals/{case.pk}/impact/")["Location"] == f"/appeals/{case.pk}/#impact"
    page = reviewer.get(f"/appeals/{case.pk}/")
    moved = {one.title: one.total for one, _ in page.context["moved"]}
    assert moved["南牛乡"][0] != moved["南牛乡"][1]
    shown = page.content.decode()
    assert f"<del>{moved['南牛乡'][0]}</del> <ins>{moved['南牛乡'][1]}</ins>" in shown
    assert "从现在起再保存的决定稿，都会注明是在预览之后修改的。" in shown

    draft(case)
    again = text(REVIEWER, f"/appeals/{case.pk}/")
    assert "第 2 稿" in again
    assert again.count("，预览之后修改）") == 1
    assert 'id="impact"' not in again


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reasons": ""}, "请写明决定的理由后再保存。"),
        ({"cite": ""}, "请写明依据的条款后再保存。"),
        ({"outcome": ""}, "请选择拟作出的决定"),
        ({"outcome": "change"}, "请填写至少一个与原来不同的数值。"),
        ({"outcome": "uphold", "yearend-value": "6"}, "维持或者退回的请把数值清空。"),
        ({"outcome": "change", "yearend-value": "很多"}, "年终评估的实绩"),
    ],
)
def test_a_refused_draft_keeps_what_was_typed(case: Appeal, typed: dict[str, str], sentence: str) -> None:
    said = {"reasons": "采信入库凭证。", "cite": "五（一）1", "midyear-value": ""} | typed
    answer = draft(case, **said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert all(value in page for value in said.values())
    assert not case.proposals.exists()


def test_more_points_than_the_indicator_has_are_refused_in_their_field(feedback: County) -> None:
    served(feedback)
    case = brought_to(feedback, "decide", title="督查落实")
    answer = draft(case, outcome="change", **{"yearend-value": "30.5"})
    form = answer.context["form"]
    assert form.errors["yearend-value"] == ["“督查落实”年终评估的得分应当在 0 到 30 分之间。"]
    assert "30.5" in answer.content.decode()


def test_only_the_reviewer_drafts(feedback: County, case: Appeal) -> None:
    for username in (UNIT, COLLECTOR, OFFICE, LEADING, AUDITOR):
        assert draft(case, username).status_code == 404, username
    answer = draft(case, REVIEW_HEAD)
    assert answer.status_code == 422
    assert "本案由指定的承办人拟定决定，其他人不能代拟。" in answer.content.decode()
    assert 'id="draft"' not in answer.content.decode()


def test_a_grade_can_be_upheld_or_sent_back_but_not_set(feedback: County) -> None:
    served(feedback)
    case = brought_to(feedback, "decide", title="考核等次和名次")
    form = signed_in(REVIEWER).get(f"/appeals/{case.pk}/").context["form"]
    choices = [key for key, _ in form["outcome"].field.choices]
    assert choices == ["", "uphold", "return"]
    assert draft(case, outcome="change").status_code == 422


def test_a_claim_s_draft_may_void_it(feedback: County) -> None:
    served(feedback, "caizheng")
    case = brought_to(feedback, "decide", code="caizheng", title="减分")
    assert draft(case, outcome="change", void="on").status_code == 302
    assert case.proposals.get().changes == {"claim": {"void": True}}
    assert "撤销这一事项，不再计入考核结果" in text(REVIEWER, f"/appeals/{case.pk}/")


def test_a_graded_indicator_is_changed_to_another_level(feedback: County) -> None:
    served(feedback)
    case = brought_to(feedback, "decide", title="水质达标")
    assert draft(case, outcome="change", **{"yearend-value": "poor"}).status_code == 302
    assert "年终评估认定为“未达优良”" in text(REVIEWER, f"/appeals/{case.pk}/")


# --- who reads what ----------------------------------------------------------------------------------------

FINDINGS, REASONS = "经核对入库凭证，两个项目确应计入。", "证据充分，予以采信。"


def test_the_parties_do_not_read_how_a_decision_is_prepared(feedback: County, case: Appeal) -> None:
    appealing.propose(feedback, case)
    proposals.preview(case.pk, user_id=feedback.user(REVIEWER))
    feedback.do(case, "decide", comment="拟予变更。")
    item = appealing.at(feedback, case)
    pages = (f"/appeals/{case.pk}/", f"/p/{item.process_id}/")
    for username in (UNIT, COLLECTOR, OFFICE):
        for path in pages:
            page = text(username, path)
            assert not any(words in page for words in (FINDINGS, REASONS, "拟予变更。")), (username, path)
        export = signed_in(username).post(f"/p/{item.process_id}/export/").content.decode()
        assert REASONS not in export
        assert "承办和审批过程中的意见不对外公开" in export
    for username in (REVIEWER, LEADING, AUDITOR):
        assert all(REASONS in text(username, path) for path in pages), username
    assert REASONS not in text(OFFICE, f"/t/{item.pk}/")
    assert REASONS in text("lingdaoxiaozu-head", f"/t/{item.pk}/")


def test_whoever_approves_sees_every_draft_and_what_would_move(feedback: County, case: Appeal) -> None:
    appealing.propose(feedback, case, changes={"yearend": {"value": "6"}})
    proposals.preview(case.pk, user_id=feedback.user(REVIEWER))
    appealing.propose(feedback, case, reasons="改以年报数为准。", changes={"yearend": {"value": "8"}})
    feedback.do(case, "decide")
    page = text("lingdaoxiaozu-head", f"/t/{appealing.at(feedback, case).pk}/")
    assert "这一稿是在看过影响预览之后保存的。" in page
    assert "年终评估实绩认定为 6 万元" in page
    assert "改以年报数为准。" in page
    assert "得分 " in page
    assert " → " in page


def test_the_file_names_who_had_a_hand_and_earlier_decisions(feedback: County) -> None:
    served(feedback)
    first = brought_to(feedback, "sign", title="督查落实", outcome="uphold")
    case = brought_to(feedback, "decide")
    page = signed_in(REVIEWER).get(f"/appeals/{case.pk}/")
    file = page.context["file"]
    assert [each.appeal for each in file.precedents] == [first]
    assert {hand.deed for hand in file.hands} == {"采集了数据", "审签了采集数据", "抽查复核了采集数据"}
    assert [line.title for line in file.rounds] == ["中期评估", "年终评估"]
    assert file.account["label"] == "固定资产投资"
    assert "按实际完成值与目标值之比计分。" in page.content.decode()
    assert "演示·统计局数据采集员" not in text(UNIT, f"/appeals/{case.pk}/").split("办理过程")[0]


# --- recusal, another reviewer -----------------------------------------------------------------------------


def test_the_unit_asks_that_a_reviewer_stand_aside_and_the_leading_group_decides(
    feedback: County, case: Appeal
) -> None:
    path = f"/appeals/{case.pk}/recusal/"
    person = str(feedback.user(REVIEWER))
    empty = signed_in(UNIT).post(path, {"person": person, "why": ""})
    assert empty.status_code == 422
    assert "请写明理由。" in empty.content.decode()
    assert signed_in(UNIT).post(path, {"person": person, "why": "与采集人员是近亲属。"}).status_code == 302
    assert "与采集人员是近亲属。" in text(UNIT, f"/appeals/{case.pk}/")
    stopped = draft(case)
    assert stopped.status_code == 422
    assert "已经有人申请其回避" in stopped.content.decode()
    item = WorkItem.objects.get(flow="recusal", state="open")
    page = signed_in(LEADING).get(f"/t/{item.pk}/")
    names = [control.name for control in page.context["form"].controls()]
    assert names == ["reviewer", "comment"]
    other = str(feedback.user(REVIEW_HEAD))
    answer = signed_in(LEADING).post(
        f"/t/{item.pk}/submit/", {"choice": "next", "reviewer": other, "comment": "情况属实。"}
    )
    assert answer.status_code == 302
    assert str(fresh(case).reviewer_id) == other
    assert "决定：情况属实。" in text(UNIT, f"/appeals/{case.pk}/")


def test_a_reviewer_asks_for_itself_only(feedback: County, case: Appeal) -> None:
    form = signed_in(REVIEWER).get(f"/appeals/{case.pk}/recusal/").context["form"]
    people = [key for key, _ in form["person"].field.choices]
    assert people == ["", str(feedback.user(REVIEWER))]
    assert signed_in(COLLECTOR).get(f"/appeals/{case.pk}/recusal/").status_code == 404


def test_the_head_gives_the_case_to_somebody_else(feedback: County, case: Appeal) -> None:
    path = f"/appeals/{case.pk}/assign/"
    assert signed_in(REVIEWER).get(path).status_code == 404
    other = str(feedback.user(REVIEW_HEAD))
    typed = {"person": other, "why": ""}
    assert "请写明理由。" in signed_in(REVIEW_HEAD).post(path, typed).content.decode()
    assert signed_in(REVIEW_HEAD).post(path, typed | {"why": "承办人出差。"}).status_code == 302
    assert str(fresh(case).reviewer_id) == other


def test_the_leading_group_appoints_somebody_without_a_conflict(feedback: County, case: Appeal) -> None:
    path = f"/appeals/{case.pk}/appoint/"
    for username in (REVIEWER, "fuhezu-head"):
        seat(feedback, username, "unit", "nanniu", until=dt.date(2026, 12, 31))
    people = [key for key, _ in signed_in(LEADING).get(path).context["form"]["person"].field.choices]
    assert "jxb-clerk" not in people, "the performance office checked the data"
    assert not {UNIT, HEAD, COLLECTOR, REVIEWER} & set(people)
    chosen = people[1]
    late = signed_in(LEADING).post(path, {"person": chosen, "until": "2027-02-01", "why": "会议决定。"})
    assert late.status_code == 422
    assert "任职止日不能早于今天，请重新填写。" in late.content.decode()
    good = {"person": chosen, "until": "2027-03-31", "why": "会议决定。"}
    assert signed_in(LEADING).post(path, good).status_code == 302
    seated = signed_in(chosen, case.office_id)
    assert seated.get(f"/appeals/{case.pk}/").status_code == 200


# --- the decision ------------------------------------------------------------------------------------------


def test_the_decision_is_a_document_to_read_and_as_a_word_file(feedback: County) -> None:
    served(feedback)
    case = brought_to(feedback, "approve")
    assert signed_in(UNIT).get(f"/appeals/{case.pk}/decision/").status_code == 404
    feedback.do(case, "approve", as_="lingdaoxiaozu-head")
    page = text(UNIT, f"/appeals/{case.pk}/decision/")
    for words in (
        fresh(case).number,
        "绩效考核复核决定书",
        "正定县南牛乡人民政府：",
        "统计局（数据采集责任单位）答复：数据取自联网直报平台。",
        FINDINGS,
        REASONS,
        "依据《正定县政府绩效管理实施方案》五（一）1，作出本决定。",
        "本决定为最终决定，自送达之日起生效。",
        "演示数据，非真实考核结果",
    ):
        assert words in page, words
    word = signed_in(COLLECTOR).get(f"/appeals/{case.pk}/decision.docx")
    assert word.content[:2] == b"PK"
    assert word["Content-Type"].endswith("wordprocessingml.document")
    again = signed_in(UNIT).get(f"/appeals/{case.pk}/decision.docx")
    assert again.content == word.content, "the same bytes for everybody"
    shown = text(UNIT, f"/appeals/{case.pk}/")
    assert "第 2 次计分" in shown


# --- the way to it -----------------------------------------------------------------------------------------


def test_a_unit_finds_the_way_from_its_result_and_its_letter(feedback: County) -> None:
    served(feedback)
    result = "/results/2026/nanniu/"
    assert new_path(feedback).replace("&", "&amp;").replace(":", "%3A") in text(UNIT, result)
    assert WINDOW in text(UNIT, result)
    assert "/appeals/" not in text(OFFICE, result).split("</aside>")[0].split("<main")[1]
    letter = feedback.matter("feedback", unit="nanniu")
    assert "/appeals/?year=2026" in text(UNIT, f"/letters/{letter.pk}/")
    assert "对结果有异议" not in text(OFFICE, f"/letters/{letter.pk}/")
    indicator = feedback.indicator("nanniu", "investment")
    assert "对这一得分有异议" in text(UNIT, f"/kpi/{indicator.pk}/")
    feedback.move_to(dt.date(2027, 2, 16))
    assert "对这一得分有异议" not in text(UNIT, f"/kpi/{indicator.pk}/")
    assert "申诉期已经届满" in text(UNIT, result)
