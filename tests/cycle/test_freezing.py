"""An open appeal holds up the uses that its decision could change, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

from cycle.models import Appeal, Consequence, Recheck, Stage
from cycle.queries.freezing import granted_in_full, waiting
from cycle.queries.points import is_frozen
from cycle.queries.preconditions import to_go_on
from tests.cast import signed_in
from tests.county import County, refused
from tests.cycle.repairing import approved, bar_lifted, confirmed
from tests.cycle.repairing import opened as corrected
from tests.small_county import enter, work
from tests.workflows.appealing import brought_to, opened
from workflows.services import appealing

DAY = dt.date(2027, 2, 10)
PASSED_ON = {"circulate", "copy_promotion", "staff_results"}
"""The uses that the scheme orders for every unit: they pass on the result as such (正定 七4、5)."""
REWARDS = {"commend", "month_pay"}


def frozen(county: County) -> dict[str, set[str]]:
    """Unit → uses that wait."""
    codes = {each.pk: each.code for each in county.cycle.subjects.all()}
    found: dict[str, set[str]] = {}
    for (unit, use), causes in waiting(county.cycle).items():
        assert causes
        found.setdefault(codes[unit], set()).add(use)
    return found


def test_nothing_waits_without_an_appeal(uses: County) -> None:
    assert waiting(uses.cycle) == {}


def test_a_draft_holds_up_nothing_and_a_filed_appeal_does(uses: County) -> None:
    appeal = opened(uses, title="督查落实")
    assert waiting(uses.cycle) == {}
    uses.do(appeal, "file", as_="nanniu-handler")
    assert frozen(uses) == {"nanniu": PASSED_ON}


def test_points_that_change_no_grade_hold_up_only_what_passes_the_result_on(uses: County) -> None:
    """南牛乡 is advanced already and 新城铺镇 cannot overtake it: full points move totals and no use."""
    brought_to(uses, "accept", title="督查落实")
    brought_to(uses, "accept", code="caizheng", title="受县通报批评")
    assert frozen(uses) == {"nanniu": PASSED_ON, "caizheng": PASSED_ON}


def test_a_bar_that_would_be_lifted_holds_up_the_place_that_would_change_hands(uses: County) -> None:
    appeal = brought_to(uses, "accept", code="tongji", title="社会治安")
    assert frozen(uses) == {"tongji": PASSED_ON | REWARDS, "caizheng": REWARDS}
    causes = waiting(uses.cycle)[uses.unit("caizheng").pk, "commend"]
    assert [each.pk for each in causes] == [appeal.pk]


def test_a_contested_grade_holds_up_every_use_of_the_appellant(uses: County) -> None:
    brought_to(uses, "accept", code="zhujian", point="grade")
    assert frozen(uses) == {"zhujian": PASSED_ON | REWARDS | {"heritage_extra"}}


def test_what_only_two_appeals_together_would_change_waits_for_both(uses: County) -> None:
    """新城铺镇 overtakes 南牛乡 with full points for both of its indicators, and with neither alone."""
    first = brought_to(uses, "accept", code="xinchengpu", title="固定资产投资")
    assert frozen(uses) == {"xinchengpu": PASSED_ON}
    second = brought_to(uses, "accept", code="xinchengpu", title="一般公共预算收入")
    other = brought_to(uses, "accept", code="caizheng", title="受县通报批评")
    assert frozen(uses) == {
        "xinchengpu": PASSED_ON | REWARDS, "nanniu": REWARDS, "caizheng": PASSED_ON,
    }  # fmt: skip
    causes = waiting(uses.cycle)[uses.unit("nanniu").pk, "commend"]
    assert [each.pk for each in causes] == [first.pk, second.pk]
    assert other.pk not in {each.pk for each in causes}


def test_a_point_that_is_sent_back_holds_up_the_same_uses_until_it_is_confirmed(uses: County) -> None:
    appeal = brought_to(uses, "sign", code="tongji", title="社会治安", outcome="return")
    uses.relay()
    recheck = Recheck.objects.get(case=appeal)
    assert frozen(uses) == {"tongji": PASSED_ON | REWARDS, "caizheng": REWARDS}
    assert is_frozen(uses.cycle, subject_id=uses.unit("tongji").pk, claim_id=recheck.claim_id)
    commend = Consequence.objects.get(subject__code="caizheng", use="commend")
    named = recheck.title.replace("“", "‘").replace("”", "’")
    with refused(f"“{commend.title}”要等“{named}”办结，结果可能因此改变，办结以前不能执行，请先保存草稿。"):
        uses.do(commend, "execute", result="已发文表彰。")
    confirmed(uses, recheck, conclusion="keep")
    assert waiting(uses.cycle) == {}
    assert not is_frozen(uses.cycle, subject_id=uses.unit("tongji").pk, claim_id=recheck.claim_id)


def test_what_the_office_finds_wrong_may_go_either_way(uses: County) -> None:
    """南牛乡 is advanced; without the points of its investment it would not be."""
    recheck = corrected(uses, indicator_id=uses.indicator("nanniu", "investment").pk)
    assert frozen(uses) == {"nanniu": PASSED_ON | REWARDS, "xinchengpu": REWARDS}
    unit = uses.unit("nanniu").pk
    assert is_frozen(uses.cycle, subject_id=unit, indicator_key="investment")
    confirmed(uses, recheck)
    assert waiting(uses.cycle) == {}
    assert not is_frozen(uses.cycle, subject_id=unit, indicator_key="investment")


def test_everything_is_free_once_the_appeal_is_over(uses: County) -> None:
    appeal = brought_to(uses, "accept", code="tongji", title="社会治安")
    appealing.withdraw(appeal.pk, why="核对一致。", user_id=uses.user("tongji-head"))
    assert waiting(uses.cycle) == {}


def test_only_rounds_that_lost_points_are_granted(uses: County) -> None:
    appeal = brought_to(uses, "accept", code="xinchengpu", title="固定资产投资")
    granted = {each.round: each.score for each in granted_in_full(appeal)}
    assert granted == {"midyear": 60, "yearend": 60}
    water = brought_to(uses, "accept", code="nanniu", title="水质达标")
    assert granted_in_full(water) == []


def test_a_use_that_waits_is_not_carried_out(uses: County) -> None:
    appeal = brought_to(uses, "accept", code="tongji", title="社会治安")
    commend = Consequence.objects.get(subject__code="caizheng", use="commend")
    sentence = (
        f"“{commend.title}”要等“{appeal.title}”办结，结果可能因此改变，办结以前不能执行，请先保存草稿。"
    )
    with refused(sentence):
        uses.do(commend, "execute", result="已发文表彰。")
    free = Consequence.objects.get(subject__code="nanniu", use="commend")
    uses.do(free, "execute", result="已发文表彰。")
    assert Consequence.objects.get(pk=free.pk).state == "executed"


def test_pages_say_which_uses_wait_for_which_appeals(uses: County) -> None:
    appeal = brought_to(uses, "accept", code="tongji", title="社会治安")
    page = signed_in("jxb-clerk").get("/office/stage/uses/")
    rewards = "“县委、县政府表彰”、“奖励在编人员一个月工资（本单位自筹）”"
    assert {"unit": "财政局", "uses": rewards, "causes": f"“{appeal.title}”"} in page.context["frozen"]
    assert f"等“{appeal.title}”办结" in page.content.decode()
    rows = signed_in("jxb-clerk").get("/uses/").context["rows"]
    held = {(each.subject.code, each.use) for each in rows if each.waits}
    assert held == {(code, use) for code, names in frozen(uses).items() for use in names} - {
        ("tongji", "commend"), ("tongji", "month_pay"),  # not ordered, only possible
    }  # fmt: skip
    item = uses.item(Consequence.objects.get(subject__code="caizheng", use="month_pay"), "execute")
    assert "要等" in signed_in("caizheng-handler", item.office_id).get(f"/t/{item.pk}/").content.decode()


def test_the_stage_of_uses_opens_with_an_appeal_under_way(feedback: County) -> None:
    work(feedback.cycle)
    appeal = brought_to(feedback, "accept", title="督查落实")
    (said,) = [
        each.text for each in to_go_on(feedback.cycle, DAY) if "结果运用" in each.text and not each.met
    ]
    assert said == f"“{appeal.title}”还没有办结，有 3 项结果运用要等它们办结才能执行，其余不受影响"
    enter(feedback.cycle, Stage.USES)
    assert feedback.cycle.state == "uses"


def test_what_waits_for_approval_holds_up_what_it_would_change(uses: County) -> None:
    bar_lifted(uses)
    assert frozen(uses) == {"tongji": REWARDS, "caizheng": REWARDS}
    approved(uses, 2)
    assert waiting(uses.cycle) == {}


@pytest.mark.parametrize("moment", ["assessed", "archived"])
def test_outside_feedback_and_uses_nothing_waits(moment: str, request: pytest.FixtureRequest) -> None:
    county: County = request.getfixturevalue(moment)
    assert waiting(county.cycle) == {}
    assert not Appeal.objects.exists()
