"""Who has to stand aside in an appeal: the ledger and the postings say it, in words."""

from __future__ import annotations

import datetime as dt

import pytest

from audit.refusals import NotAllowed
from cycle.models import Appeal
from cycle.queries.conflicts import Conflicts, eligible
from offices.models import LeaderAssignment, Posting, User
from tests.county import County, refused
from tests.workflows.appealing import REVIEWER, brought_to, served
from workflows.services import appealing, tasks

JANUARY = dt.date(2026, 1, 1)


@pytest.fixture
def appeal(feedback: County) -> Appeal:
    served(feedback)
    return brought_to(feedback, "accept")


def why(county: County, appeal: Appeal, username: str) -> str:
    return Conflicts(appeal, county.now).reason(county.user(username))


def person(county: County, username: str) -> User:
    return User.objects.get(pk=county.user(username))


def seat(county: County, username: str, capacity: str, organisation: str = "", **more: object) -> Posting:
    office = county.office(capacity, organisation)
    values = {"role": "handler", "since": JANUARY} | more
    return Posting.objects.create(user=person(county, username), office=office, **values)


def test_who_measured_signed_or_sampled_the_point_stands_aside(feedback: County, appeal: Appeal) -> None:
    hands = Conflicts(appeal, feedback.now).hands
    assert {hand.deed for hand in hands} == {"采集了数据", "审签了采集数据", "抽查复核了采集数据"}
    for hand in hands:
        reason = Conflicts(appeal, feedback.now).reason(hand.person)
        assert reason == f"其本人曾于 {hand.words}，属于原承办人员。"


def test_the_reviewing_office_is_free(feedback: County, appeal: Appeal) -> None:
    assert [user.username for user in eligible(appeal, appeal.office_id, feedback.now)] == [  # type: ignore[arg-type]
        REVIEWER,
        "fuhezu-head",
    ]


def test_the_head_of_a_verifying_office_stands_aside(feedback: County, appeal: Appeal) -> None:
    assert why(feedback, appeal, "jxb-chief").startswith("其为县绩效办的负责人，该机构的演示·县绩效办")


def test_a_colleague_of_the_verifier_does_not(feedback: County, appeal: Appeal) -> None:
    assert why(feedback, appeal, "jxb-clerk-2") == ""


def test_who_served_the_appellant_last_month_stands_aside(feedback: County, appeal: Appeal) -> None:
    until = feedback.now.date() - dt.timedelta(days=30)
    seat(feedback, REVIEWER, "unit", "nanniu", until=until)
    assert why(feedback, appeal, REVIEWER) == f"其在申诉单位南牛乡任职（2026-01-01 起，{until} 止）。"


def test_who_served_it_before_the_year_does_not(feedback: County, appeal: Appeal) -> None:
    seat(feedback, REVIEWER, "unit", "nanniu", since=dt.date(2025, 1, 1), until=dt.date(2025, 12, 31))
    assert why(feedback, appeal, REVIEWER) == ""


@pytest.mark.parametrize("is_delegate", [True, False])
def test_delegation_in_either_direction_counts(feedback: County, appeal: Appeal, is_delegate: bool) -> None:
    scorer = Conflicts(appeal, feedback.now).hands[0]
    reviewer = person(feedback, REVIEWER)
    if is_delegate:
        seat(feedback, REVIEWER, "collector", "tongji", in_place_of_id=scorer.person)
    else:
        user = User.objects.get(pk=scorer.person)
        office = feedback.office("appeal_review")
        Posting.objects.create(user=user, office=office, role="handler", since=JANUARY, in_place_of=reviewer)
    assert "委托" in why(feedback, appeal, REVIEWER)


def test_the_leader_in_charge_of_the_appellant_stands_aside(feedback: County, appeal: Appeal) -> None:
    office = feedback.office("county_leader", "changwufuxianzhang")
    seat(feedback, REVIEWER, "county_leader", "changwufuxianzhang")
    LeaderAssignment.objects.create(
        leader=office, unit=appeal.unit.organisation, kind="charge", since=JANUARY
    )
    assert why(feedback, appeal, REVIEWER) == "其负责分管或者联系申诉单位南牛乡。"


def test_a_conflicted_person_is_refused_at_the_step_itself(feedback: County, appeal: Appeal) -> None:
    scorer = Conflicts(appeal, feedback.now).hands[0]
    user = User.objects.get(pk=scorer.person)
    Posting.objects.create(user=user, office=feedback.office("appeal_review"), role="handler", since=JANUARY)
    sentence = (
        f"{user.name}应当在本案中回避：其本人曾于 {scorer.words}，属于原承办人员。"
        "请由没有回避情形的人员办理；没有的，报领导小组指定。（依据：《政府督查工作条例》第十七条）"
    )
    item = feedback.item(appeal, "accept")
    with refused(sentence, NotAllowed):
        tasks.complete(item.pk, user_id=user.pk, form={"reviewer": str(feedback.user(REVIEWER))})


def test_the_reviewer_named_must_be_free(feedback: County, appeal: Appeal) -> None:
    scorer = Conflicts(appeal, feedback.now).hands[0]
    sentence = f"{scorer.name}不能承办本案：其本人曾于 {scorer.words}，属于原承办人员。请另行指定复核人员。"
    with refused(sentence, NotAllowed, field="reviewer"):
        feedback.do(appeal, "accept", reviewer=str(scorer.person))


def test_nobody_left_the_leading_group_appoints(feedback: County) -> None:
    served(feedback)
    for username in (REVIEWER, "fuhezu-head"):
        seat(feedback, username, "unit", "nanniu", until=dt.date(2026, 12, 31))
    appeal = brought_to(feedback, "accept")
    item = feedback.item(appeal)
    assert (item.step, item.office.capacity) == ("appoint", "leading_group")
    feedback.do(appeal, "appoint", person="jxb-clerk-2", until="2027-03-31")
    posting = Posting.objects.get(user__username="jxb-clerk-2", office__capacity="appeal_review")
    assert (posting.since, posting.until) == (dt.date(2027, 2, 10), dt.date(2027, 3, 31))
    feedback.do(appeal, "accept", as_="jxb-clerk-2", reviewer=str(feedback.user("jxb-clerk-2")))
    assert feedback.item(appeal).step == "answer"


def test_recusal_on_request(feedback: County) -> None:
    served(feedback)
    appeal = brought_to(feedback, "investigate")
    recusal = appealing.ask_recusal(
        appeal.pk,
        person_id=feedback.user(REVIEWER),
        why="其配偶在申诉单位的下属企业任职。",
        user_id=feedback.user("nanniu-head"),
        office_id=feedback.unit("nanniu").office_id,  # type: ignore[arg-type]
    )
    with refused(
        "演示·申诉复核员应当在本案中回避：已经有人申请其回避，在作出决定之前不能办理本案。"
        "请由没有回避情形的人员办理；没有的，报领导小组指定。（依据：《政府督查工作条例》第十七条）",
        NotAllowed,
    ):
        feedback.do(appeal, "investigate", findings="无")
    matter = feedback.matter("recusal")
    assert matter.pk == recusal
    with refused(
        "其为本案承办人，请同时指定一名没有回避情形的人员接办；名单中没有人的，请先指定复核人员。",
        field="reviewer",
    ):
        feedback.do(matter, "decide")
    feedback.do(matter, "decide", reviewer=str(feedback.user("fuhezu-head")), comment="理由成立。")
    feedback.do(appeal, "investigate", as_="fuhezu-head", findings="经查属实。")
    assert "appeal.assign" in feedback.events(appeal.stream)


def test_a_denied_recusal_lets_the_reviewer_go_on(feedback: County) -> None:
    served(feedback)
    appeal = brought_to(feedback, "investigate")
    appealing.ask_recusal(
        appeal.pk,
        person_id=feedback.user(REVIEWER),
        why="不信任。",
        user_id=feedback.user("nanniu-head"),
        office_id=feedback.unit("nanniu").office_id,  # type: ignore[arg-type]
    )
    feedback.do(feedback.matter("recusal"), "decide", choice="reject", comment="不属于应当回避的情形。")
    feedback.do(appeal, "investigate", findings="经查属实。")
