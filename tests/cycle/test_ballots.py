"""Leaders' ballots: all units or none, once, by any way, and nobody can tell whose they were."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from audit.actor import SYSTEM
from audit.models import Event
from audit.refusals import NotAllowed, NotFound
from cycle.models import Ballot, Invitation, Matter, PaperBallot, Turnout
from cycle.queries.ballots import tallies, turnout_counts, voters_units
from cycle.queries.facts import facts_of
from cycle.services import ballots
from tests.county import County, fingerprint, refused
from tests.cycle.voting import MAIN, TOWNSHIP, cast, confirm, enter, posts, scores, turnout
from workflows.models import Process
from workflows.services import ballot_links, rounds

CLOSED = "这一轮评分已经提交或者已经结束，不能再次评分。"


def test_main_leaders_score_every_unit_of_the_round(assessment: County) -> None:
    """正定 五（一）2: main leaders score all, the others the units that they answer for."""
    assert [unit.code for unit in voters_units(turnout(assessment, MAIN))] == [
        "nanniu",
        "xinchengpu",
        "caizheng",
        "tongji",
    ]
    assert [unit.code for unit in voters_units(turnout(assessment))] == ["nanniu"]


def test_heritage_is_scored_monthly(monitoring: County) -> None:
    assert [unit.code for unit in voters_units(turnout(monitoring, MAIN, "m01"))] == ["zhujian"]


def test_a_vote_is_one_ballot_for_each_unit(assessment: County) -> None:
    found = turnout(assessment, MAIN)
    given = {"nanniu": "90", "xinchengpu": "８５．５", "caizheng": "100", "tongji": "0"}
    assessment.do(found, "vote", scores=given)
    rows = Ballot.objects.filter(round="yearend").select_related("subject")
    assert {row.subject.code: str(row.score) for row in rows} == {
        "nanniu": "90.0000",
        "xinchengpu": "85.5000",
        "caizheng": "100.0000",
        "tongji": "0.0000",
    }
    assert turnout(assessment, MAIN).state == "voted"


@pytest.mark.parametrize(
    ("change", "sentence", "field"),
    [
        ({"xinchengpu": " "}, "请给新城铺镇打分后再提交，每个单位都要有分数。", "xinchengpu"),
        ({"tongji": "100.5"}, "统计局的评分应当在 0 到 100 之间，现在填的是 100.5。", "tongji"),
        ({"tongji": "-1"}, "统计局的评分应当在 0 到 100 之间，现在填的是 -1。", "tongji"),
        (
            {"caizheng": "优秀"},
            "财政局的评分“优秀”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。",
            "caizheng",
        ),
        ({"zhujian": "90"}, "评分表中有不由你评分的单位，请刷新页面后重新填写。", ""),
    ],
)
def test_all_units_or_none(assessment: County, change: dict[str, str], sentence: str, field: str) -> None:
    found = turnout(assessment, MAIN)
    with refused(sentence, field=field):
        assessment.do(found, "vote", scores=scores(found) | change)
    assert Ballot.objects.filter(round="yearend").count() == 0


def test_a_score_is_never_rounded_away(assessment: County) -> None:
    found = turnout(assessment)
    with refused("南牛乡的评分的小数不超过四位，请核对后重新填写。", field="nanniu"):
        assessment.do(found, "vote", scores={"nanniu": "91.12345"})
    assessment.do(found, "vote", scores={"nanniu": "91.1234"})
    assert str(Ballot.objects.get(round="yearend").score) == "91.1234"


def test_nobody_votes_twice(assessment: County) -> None:
    found = cast(assessment)
    by = assessment.holder(assessment.office("county_leader", TOWNSHIP))
    with refused(CLOSED):
        ballots.vote(found.pk, by=by, at=assessment.now, scores=scores(found))


def test_the_database_bounds_a_ballot(assessment: County) -> None:
    cast(assessment)
    with pytest.raises(IntegrityError, match="cycle_ballot_percent"), transaction.atomic():
        Ballot.objects.filter(round="yearend").update(score="100.0001")


def test_only_the_post_itself_votes(assessment: County) -> None:
    sentence = "此事项由县委常委、统战部部长的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    found = turnout(assessment)
    with refused(sentence, NotAllowed):
        assessment.do(found, "vote", as_="jxb-chief", scores=scores(found))


# One-time links


def test_a_link_votes_once(assessment: County) -> None:
    found = turnout(assessment)
    token = ballot_links.issue(found.pk, user_id=assessment.user("jxb-clerk"))
    ballot_links.vote(token, scores=scores(found))
    assert turnout(assessment).state == "voted"
    event = assessment.last_event(found.stream)
    assert (event["type"], event["by"]["name"]) == ("turnout.vote", "演示·县委常委、统战部部长")
    with refused("这个评分链接已经使用过或者已经失效，请向绩效办索取新的链接。", NotFound):
        ballot_links.vote(token, scores=scores(found))
    assert Ballot.objects.filter(round="yearend").count() == 1


def test_a_new_link_replaces_the_old_one(assessment: County) -> None:
    found = turnout(assessment)
    clerk = assessment.user("jxb-clerk")
    first, second = (ballot_links.issue(found.pk, user_id=clerk) for _ in range(2))
    with refused("这个评分链接已经使用过或者已经失效，请向绩效办索取新的链接。", NotFound):
        ballot_links.vote(first, scores=scores(found))
    ballot_links.vote(second, scores=scores(found))
    assert turnout(assessment).state == "voted"


def test_only_the_hash_of_a_link_is_kept(assessment: County) -> None:
    found = turnout(assessment)
    token = ballot_links.issue(found.pk, user_id=assessment.user("jxb-clerk"))
    kept = Invitation.objects.get(turnout=found)
    assert token not in (kept.token_hash, str(kept.__dict__))
    assert len(kept.token_hash) == 64
    assert not Event.objects.filter(body__contains=token).exists()


def test_a_signed_in_vote_ends_the_link(assessment: County) -> None:
    found = turnout(assessment)
    token = ballot_links.issue(found.pk, user_id=assessment.user("jxb-clerk"))
    cast(assessment)
    with refused("这个评分链接已经使用过或者已经失效，请向绩效办索取新的链接。", NotFound):
        ballot_links.vote(token, scores=scores(found))


def test_no_link_after_the_vote(assessment: County) -> None:
    found = cast(assessment)
    with refused("这一轮评分已经提交或者已经结束，不需要再发链接。"):
        ballot_links.issue(found.pk, user_id=assessment.user("jxb-clerk"))


def test_only_the_performance_office_makes_links(assessment: County) -> None:
    sentence = "此事项由县绩效办的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        ballot_links.issue(turnout(assessment).pk, user_id=assessment.user("nanniu-head"))


# On paper


def test_paper_counts_after_the_second_entry(assessment: County) -> None:
    found = turnout(assessment, MAIN)
    enter(assessment, found, scores(found, "88"))
    assert Ballot.objects.filter(round="yearend").count() == 0
    assert turnout(assessment, MAIN).state == "invited"
    confirm(assessment, found, scores(found, "88.0"))
    assert Ballot.objects.filter(round="yearend", score="88").count() == 4
    assert not PaperBallot.objects.exists()
    event = assessment.last_event(found.stream)
    assert event["on_paper"] is True
    assert event["by"]["name"] == "演示·县绩效办复核员"
    assert event["on_behalf_of"]["name"] == "演示·县长"


def test_paper_takes_two_people(assessment: County) -> None:
    found = turnout(assessment)
    with refused("还没有第一次录入，请先由一名工作人员录入纸质评分表。"):
        confirm(assessment, found, scores(found))
    enter(assessment, found, scores(found))
    with refused("纸质评分表须由两人分别录入，请换一名工作人员复录。", NotAllowed):
        confirm(assessment, found, scores(found), by="jxb-clerk")


def test_entries_that_differ_cast_nothing(assessment: County) -> None:
    found = turnout(assessment, MAIN)
    enter(assessment, found, scores(found, "88"))
    with refused("两次录入不一致：南牛乡、统计局，请核对纸质评分表后重新录入。"):
        confirm(assessment, found, scores(found, "88", nanniu="89", tongji="87"))
    enter(assessment, found, scores(found, "88", nanniu="89", tongji="87"))
    confirm(assessment, found, scores(found, "88", nanniu="89", tongji="87"))
    assert turnout(assessment, MAIN).state == "voted"


def test_a_leader_who_votes_after_all_makes_the_paper_void(assessment: County) -> None:
    found = turnout(assessment)
    enter(assessment, found, scores(found, "60"))
    cast(assessment, value="95")
    assert not PaperBallot.objects.exists()
    assert [str(row.score) for row in Ballot.objects.filter(round="yearend")] == ["95.0000"]
    with refused("还没有第一次录入，请先由一名工作人员录入纸质评分表。"):
        ballots.confirm_paper(
            found.pk, by=assessment.actor("jxb-clerk-2", "performance_office"), at=assessment.now, scores={}
        )


def test_no_paper_after_the_round(assessment: County) -> None:
    found = cast(assessment)
    with refused("这一轮评分已经提交或者已经结束，不能再录入纸质评分表。"):
        enter(assessment, found, scores(found))


# Closing, tallies, turnout


def test_closing_a_round_ends_the_tasks_of_those_who_missed_it(assessment: County) -> None:
    cast(assessment)
    missed = rounds.close_ballots(assessment.cycle.pk, "yearend", user_id=assessment.user("jxb-clerk"))
    assert missed == len(posts(assessment)) - 1
    assert turnout_counts(assessment.cycle, "yearend") == {
        "invited": missed + 1,
        "voted": 1,
        "missed": missed,
    }
    running = Process.objects.filter(matter__kind="turnout", matter__key="yearend", status="NEW")
    assert not running.exists()
    with refused("这一轮评分已经结束，不需要再次结束。"):
        rounds.close_ballots(assessment.cycle.pk, "yearend", user_id=assessment.user("jxb-clerk"))


def test_a_round_that_is_none_cannot_be_closed(assessment: County) -> None:
    with refused("这一轮没有领导评估，不需要结束。"):
        rounds.close_ballots(assessment.cycle.pk, "q1", user_id=assessment.user("jxb-clerk"))


def test_only_the_performance_office_closes_a_round(assessment: County) -> None:
    sentence = "此事项由县绩效办的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        rounds.close_ballots(assessment.cycle.pk, "yearend", user_id=assessment.user("leader"))


def test_a_vote_after_the_round_is_refused(assessment: County) -> None:
    found = turnout(assessment)
    item = assessment.item(found)
    rounds.close_ballots(assessment.cycle.pk, "yearend", user_id=assessment.user("jxb-clerk"))
    with refused("这项任务已取消，不能重复办理。请返回待办列表查看最新情况。"):
        assessment.do_item(item, scores=scores(found))


def test_a_small_tally_stays_closed(assessment: County) -> None:
    """正定 五（一）2 as read in the pack: fewer than three votes are not opened."""
    nanniu = assessment.unit("nanniu")
    for count, post in enumerate([TOWNSHIP, MAIN, "xianweishuji"], start=1):
        cast(assessment, post, value=str(88 + count))
        tally = tallies(assessment.cycle, "yearend")[nanniu]
        assert tally["count"] == count
        assert tally["mean"] == (Decimal("90.0000") if count == 3 else None)


def test_ballots_count_only_when_the_round_is_over(assessment: County) -> None:
    for post in posts(assessment)[:-1]:
        cast(assessment, post)
    before = [row for row in facts_of(assessment.cycle).ballots if row.round == "yearend"]
    cast(assessment, posts(assessment)[-1])
    after = [row for row in facts_of(assessment.cycle).ballots if row.round == "yearend"]
    assert before == []
    assert len(after) == Ballot.objects.filter(round="yearend").count() > 0


def test_turnout_says_who_has_voted(assessment: County) -> None:
    cast(assessment)
    voted = Turnout.objects.filter(key="yearend", state="voted").select_related("office")
    assert [str(each.office) for each in voted] == ["县委常委、统战部部长"]


def test_a_round_is_not_sealed_while_somebody_may_vote(assessment: County) -> None:
    cast(assessment)
    before = fingerprint()
    assert not ballots.seal_round(assessment.cycle.pk, "yearend", by=SYSTEM)
    assert fingerprint() == before


def test_the_last_vote_seals_the_round(assessment: County) -> None:
    for post in posts(assessment):
        cast(assessment, post)
    keys = set(Ballot.objects.filter(round="yearend").values_list("pk", flat=True))
    assessment.relay()
    sealed = set(Ballot.objects.filter(round="yearend").values_list("pk", flat=True))
    assert len(sealed) == len(keys)
    assert sealed.isdisjoint(keys)
    assert Matter.objects.filter(kind="turnout", key="yearend").exclude(state="voted").count() == 0
