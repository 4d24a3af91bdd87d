"""Measuring again: by the office that owns the point, confirmed by its head; corrections by the office."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit import blobs
from audit.refusals import NotAllowed
from cycle.models import ChangeNotice, Correction, Evidence, Recheck, ScoringRun
from cycle.queries.overlay import recorded_claim
from cycle.services.rechecks import confirmer, owner
from tests.cast import holder_of, signed_in
from tests.county import County, refused
from tests.cycle.repairing import (
    FINDING,
    PROOF,
    WHY,
    approved,
    bar_lifted,
    claim_of,
    confirmed,
    newest,
    opened,
    reapproval,
)
from tests.workflows.appealing import brought_to
from workflows.services import appealing


def of_indicator(county: County, code: str = "nanniu", key: str = "investment") -> Recheck:
    return opened(county, indicator_id=county.indicator(code, key).pk)


def test_a_correction_rests_on_a_reason_and_a_file(feedback: County) -> None:
    recheck = of_indicator(feedback)
    assert (recheck.state, recheck.why, recheck.title) == ("open", WHY, "南牛乡“固定资产投资”更正")
    assert [each.name for each in Evidence.objects.filter(matter=recheck)] == ["原始文件.pdf"]
    assert feedback.item(recheck, "measure").office == feedback.office("collector", "tongji")
    with refused("请写明发现的错误和更正的理由。", field="why"):
        opened(feedback, why="  ", indicator_id=feedback.indicator("nanniu", "water").pk)


def test_only_the_performance_office_asks_for_one(feedback: County) -> None:
    sentence = "此事项由县绩效办的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    blobs.store([PROOF])
    with refused(sentence, NotAllowed):
        opened(feedback, by="nanniu-head", indicator_id=feedback.indicator("nanniu", "water").pk)


def test_one_hand_at_a_time(uses: County) -> None:
    of_indicator(uses)
    with refused("这一得分点已经在重新核验，请等核定以后再看是否需要更正。"):
        of_indicator(uses)
    brought_to(uses, "accept", title="督查落实")
    with refused("这一得分点正在申诉复核，由复核决定处理，办结以前不能另行更正。"):
        of_indicator(uses, key="supervision")


def test_what_is_not_recorded_yet_is_not_corrected(monitoring: County) -> None:
    blobs.store([PROOF])
    with refused("“水质达标”还没有采集数据，没有可以更正的内容；请在数据采集时如实填报。"):
        of_indicator(monitoring, key="water")


def test_a_round_that_is_still_collected_is_not_measured_again(assessment: County) -> None:
    recheck = of_indicator(assessment)
    with refused("年终评估的数据还没有采集核定，请在数据采集时如实填报。", field="yearend-value"):
        assessment.do(recheck, "measure", finding=FINDING, lines={"yearend": {"value": "12"}})
    assessment.do(recheck, "measure", finding=FINDING, lines={"midyear": {"value": "5"}})
    assessment.do(recheck, "confirm")
    assert Correction.objects.get().actual == "5"
    assert not ScoringRun.objects.exists()


def test_locked_results_are_not_corrected(archived: County) -> None:
    with pytest.raises(Exception, match="锁定，不能再变更得分"):
        of_indicator(archived)


def test_nobody_measures_its_own_unit(feedback: County) -> None:
    """财政局 collects 统计局's budget: were it 统计局's own, the performance office would look again."""
    recheck = of_indicator(feedback, "tongji", "budget")
    assert owner(recheck) == [feedback.office("collector", "caizheng").pk]
    indicator = feedback.indicator("tongji", "budget")
    indicator.collector = feedback.office("collector", "tongji")
    indicator.save(update_fields=["collector"])
    assert owner(recheck) == confirmer(recheck) == [feedback.office("performance_office").pk]


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("supervision", "30.5", "“督查落实”年终评估的得分应当在 0 到 30 分之间。"),
        ("supervision", "-1", "“督查落实”年终评估的得分应当在 0 到 30 分之间。"),
        ("water", "splendid", "“水质达标”年终评估只能选：优良、未达优良。"),
        ("investment", "很多", None),
    ],
)
def test_values_are_those_that_the_method_allows(
    feedback: County, key: str, text: str, sentence: str | None
) -> None:
    recheck = of_indicator(feedback, key=key)
    form = {"finding": FINDING, "lines": {"yearend": {"value": text}}}
    if sentence:
        with refused(sentence, field="yearend-value"):
            feedback.do(recheck, "measure", **form)
    else:
        with pytest.raises(Exception, match="不是有效的数字"):
            feedback.do(recheck, "measure", **form)


def test_a_finding_is_needed_and_no_change_makes_no_run(feedback: County) -> None:
    recheck = of_indicator(feedback)
    with refused("请写明重新核验的情况、依据的材料和结论。", field="finding"):
        feedback.do(recheck, "measure")
    feedback.do(recheck, "measure", finding=FINDING, lines={"yearend": {"value": ""}})
    feedback.do(recheck, "confirm", choice="back_measure", comment="请附台账。")
    assert Recheck.objects.get().state == "open"
    confirmed(feedback, recheck)
    assert Recheck.objects.get().state == "confirmed"
    assert ScoringRun.objects.count() == 1


def test_the_head_confirms_and_the_scores_follow(feedback: County) -> None:
    run = confirmed(feedback, of_indicator(feedback), lines={"yearend": {"value": "11.25"}})
    assert run.number == 2
    made = Correction.objects.get()
    assert (made.round, made.actual, made.note) == ("yearend", "11.25", "更正")
    event = feedback.last_event(f"correction/{made.pk}")
    assert (event["set"]["because_of"], event["set"]["actual"]) == (str(made.because_of_id), "11.25")


def test_a_claim_is_looked_at_by_who_confirmed_it_and_confirmed_by_the_office(feedback: County) -> None:
    recheck = opened(feedback, claim_id=claim_of(feedback, "caizheng", "deduction").pk)
    assert owner(recheck) == confirmer(recheck) == [feedback.office("performance_office").pk]
    with refused("请选择重新核验的结论：维持、变更或者撤销。", field="conclusion"):
        feedback.do(recheck, "measure", finding=FINDING)
    with refused("所填的内容与原认定相同；没有变化的，请选择“维持原认定”。", field="conclusion"):
        feedback.do(recheck, "measure", finding=FINDING, conclusion="change", count="1")
    with refused("这一事项的分值由考核办法规定，不能另行认定分值。", field="points"):
        feedback.do(recheck, "measure", finding=FINDING, conclusion="change", points="1")
    run = confirmed(feedback, recheck, conclusion="change", count="3")
    assert Correction.objects.get().count == 3
    assert run.grades.get(subject__code="caizheng").deduction == "1.5"


def again(county: County, code: str, sort: str, **measured: str) -> ScoringRun:
    """The performance office has the unit's one bonus, deduction or veto looked at once more."""
    return confirmed(county, opened(county, claim_id=claim_of(county, code, sort).pk), **measured)


def test_a_veto_that_was_voided_is_restored(feedback: County) -> None:
    run = again(feedback, "tongji", "veto", conclusion="void")
    assert not run.grades.get(subject__code="tongji").barred
    recheck = opened(feedback, claim_id=claim_of(feedback, "tongji", "veto").pk)
    with refused("所填的内容与原认定相同；没有变化的，请选择“维持原认定”。", field="conclusion"):
        feedback.do(recheck, "measure", finding=FINDING, conclusion="void")
    assert confirmed(feedback, recheck, conclusion="change").grades.get(subject__code="tongji").barred
    again(feedback, "tongji", "veto", conclusion="void")
    assert not recorded_claim(claim_of(feedback, "tongji", "veto")).counts


def test_a_count_that_was_changed_goes_back(feedback: County) -> None:
    claim = claim_of(feedback, "caizheng", "deduction")
    again(feedback, "caizheng", "deduction", conclusion="change", count="3")
    recheck = opened(feedback, claim_id=claim.pk)
    with refused("所填的内容与原认定相同；没有变化的，请选择“维持原认定”。", field="conclusion"):
        feedback.do(recheck, "measure", finding=FINDING, conclusion="change", count="3")
    run = confirmed(feedback, recheck, conclusion="change", count=str(claim.count))
    assert run.result_digest == ScoringRun.objects.get(number=1).result_digest


def test_a_correction_keeps_what_the_one_before_it_said(feedback: County) -> None:
    """Voided and recognised again, it counts as often as it did: three times, not as first recorded."""
    again(feedback, "caizheng", "deduction", conclusion="change", count="3")
    again(feedback, "caizheng", "deduction", conclusion="void")
    run = again(feedback, "caizheng", "deduction", conclusion="change")
    assert run.grades.get(subject__code="caizheng").deduction == "1.5"
    newest_of = Correction.objects.order_by("made_at", "id").last()
    assert newest_of is not None
    assert (newest_of.void, newest_of.count) == (False, 3)


def test_what_a_unit_contests_is_not_confirmed_over_its_head(uses: County) -> None:
    recheck = of_indicator(uses)
    uses.do(recheck, "measure", finding=FINDING, lines={"yearend": {"value": "12"}})
    appeal = brought_to(uses, "accept")
    with refused("单位已经对这一得分点提出申诉，请等申诉复核办结以后再核定。"):
        uses.do(recheck, "confirm")
    appealing.withdraw(appeal.pk, why="核对一致。", user_id=uses.user("nanniu-head"))
    uses.do(recheck, "confirm")
    assert Correction.objects.get().actual == "12"


def test_a_claim_that_is_being_recognised_is_no_correction(yearend: County) -> None:
    with pytest.raises(Exception, match="还在认定之中，请在认定流程中处理"):
        opened(yearend, claim_id=claim_of(yearend, "caizheng", "deduction").pk)


# Sent back by an appeal


def test_an_appeal_that_is_sent_back_is_measured_again(uses: County) -> None:
    appeal = brought_to(uses, "sign", outcome="return")
    uses.relay()
    recheck = Recheck.objects.get(case=appeal)
    run = confirmed(uses, recheck, lines={"yearend": {"value": "12.2"}})
    assert run.cause == f"{appeal.number}复核决定退回后，南牛乡“固定资产投资”重新核验"
    assert Correction.objects.get().note == f"复核决定 {appeal.number} 退回后重新核验"
    assert Correction.objects.get().because_of_id == recheck.pk


def test_a_grade_that_is_sent_back_is_computed_anew(uses: County) -> None:
    appeal = brought_to(uses, "sign", code="zhujian", point="grade", outcome="return")
    uses.relay()
    recheck = Recheck.objects.get(case=appeal)
    assert uses.item(recheck, "measure").office == uses.office("performance_office")
    run = confirmed(uses, recheck)
    assert (run.number, run.changes["units"]) == (2, [])


# Pages


def test_the_office_asks_on_the_point_s_own_page(feedback: County) -> None:
    clerk = signed_in("jxb-clerk")
    indicator = feedback.indicator("nanniu", "supervision")
    address = f"/corrections/indicator/{indicator.pk}/"
    assert address in clerk.get(f"/kpi/{indicator.pk}/").content.decode()
    assert address not in signed_in("nanniu-handler").get(f"/kpi/{indicator.pk}/").content.decode()
    assert "27.5 分" in clerk.get(address).content.decode()
    wrong = clerk.post(address, {"why": "核对有误。"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["file"])
    file = SimpleUploadedFile("virus.exe", b"x")
    wrong = clerk.post(address, {"why": "核对有误。", "file": file})
    assert "不接受“.exe”类型的文件" in wrong.content.decode()
    assert not Recheck.objects.exists()
    answer = clerk.post(address, {"why": "核对有误。", "file": SimpleUploadedFile("通报.pdf", b"x")})
    assert (answer.status_code, answer["Location"]) == (302, f"/kpi/{indicator.pk}/")
    assert Recheck.objects.get().why == "核对有误。"


def test_claims_are_corrected_from_their_list(feedback: County) -> None:
    clerk, claim = signed_in("jxb-clerk"), claim_of(feedback, "caizheng", "deduction")
    address = f"/corrections/claim/{claim.pk}/"
    assert address in clerk.get("/claims/").content.decode()
    answer = clerk.post(address, {"why": "核对有误。", "file": SimpleUploadedFile("通报.pdf", b"x")})
    assert answer["Location"] == "/claims/?year=2026"
    assert Recheck.objects.get().claim == claim
    feedback.relay()
    confirmed(feedback, Recheck.objects.get(), conclusion="void")
    for username in ("jxb-clerk", "caizheng-handler"):
        assert "已更正：不再计入（更正）" in signed_in(username).get("/claims/").content.decode()


def test_the_indicator_s_page_shows_what_counts_now(feedback: County) -> None:
    run = confirmed(feedback, of_indicator(feedback, key="supervision"), lines={"midyear": {"value": "29"}})
    page = signed_in("nanniu-handler").get(f"/kpi/{feedback.indicator('nanniu', 'supervision').pk}/")
    text = page.content.decode()
    assert "更正为 29 分" in text
    assert newest(feedback) == run
    assert Correction.objects.get().score == Decimal(29)


def test_the_task_pages_of_repair(feedback: County) -> None:
    """What each office reads before it acts: the recheck, the approval, the notice."""
    recheck = of_indicator(feedback, key="water")
    item = feedback.item(recheck, "measure")
    page = holder_of(item).get(f"/t/{item.pk}/").content.decode()
    assert all(text in page for text in (WHY, "原认定", "优良", "维持原认定"))
    feedback.do(feedback.matter("feedback", unit="caizheng"), "serve", advice="继续保持。")
    bar_lifted(feedback)
    matter = reapproval(feedback, 2)
    item = feedback.item(matter, "submit")
    page = holder_of(item).get(f"/t/{item.pk}/").content.decode()
    assert all(text in page for text in ("2 家单位的得分、名次或者等次有变化", "先进 → 合格", "合格 → 先进"))
    approved(feedback, 2)
    item = feedback.item(ChangeNotice.objects.get(), "sign")
    page = holder_of(item).get(f"/t/{item.pk}/").content.decode()
    assert all(text in page for text in ("变更原因", "救济途径", "登录密码", "90.92"))
