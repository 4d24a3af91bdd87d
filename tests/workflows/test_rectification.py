"""整改: from the list to 销号, who may do what, and what is refused with which sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from audit import clock
from audit.models import Event
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Milestone, Rectification
from cycle.queries.gates import obstacles
from cycle.services import problem_lists, rectifications
from cycle.services.problem_lists import Problem
from offices.models import Posting, User
from tests.county import County, refused
from tests.workflows import rectifying
from tests.workflows.rectifying import CHIEF, CLERK, PROBLEM, SECOND
from workflows.models import Process, WorkItem
from workflows.services import revoking


def listing(
    county: County, *problems: Problem, source: str = "monitoring", **more: Any
) -> list[Rectification]:
    """Put problems on the list as the clerk (or whoever is named)."""
    who = more.pop("as_", CLERK)
    office = more.pop("office", None) or county.office("performance_office")
    return problem_lists.list_problems(
        county.cycle.pk, problems, source=source, user_id=county.user(who), office_id=office.pk, **more
    )


def test_a_problem_goes_its_whole_way_and_is_closed_by_somebody_else(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    monitoring.do(matter, "check", comment="已到现场核对凭证。", as_=SECOND)
    closed = rectifying.fresh(matter)
    assert (closed.state, closed.closed_at is not None) == ("closed", True)
    assert monitoring.events(matter.stream) == [
        "rectification.create",
        "rectification.make_plan",
        "rectification.approve",
        "rectification.report",
        "rectification.close",
    ]
    assert Process.objects.get(matter=matter).status == "DONE"


def test_the_result_is_due_on_the_day_that_the_plan_names(monitoring: County) -> None:
    matter = rectifying.underway(monitoring, rectifying.listed(monitoring))
    item = monitoring.item(matter, "result")
    assert item.due_at is not None
    finish = dt.date.fromisoformat(matter.text["finish_on"])
    assert clock.last_day(item.due_at) == finish
    assert item.basis["rule_text"] == "整改方案确定的完成日期"


def test_each_line_of_a_list_becomes_one_and_a_bad_line_takes_back_all(monitoring: County) -> None:
    second = Problem(
        "xinchengpu", "收入入库", "收入没有按月入库。", indicator="一般公共预算收入", is_key=True
    )
    made = listing(monitoring, PROBLEM, second)
    assert [(each.unit.code, each.key, each.is_key) for each in made] == [
        ("nanniu", "r001", False),
        ("xinchengpu", "r001", True),
    ]
    assert made[1].indicator == monitoring.indicator("xinchengpu", "revenue")
    monitoring.relay()
    assert WorkItem.objects.filter(flow="rectification", step="plan").count() == 2
    third = Problem("nanniu", "", "没有类别。", field="lines-1-")
    sentence = "请写明问题类别，例如“数据台账”；以后年度据此识别重复出现的问题。"
    with refused(sentence, field="lines-1-topic"):
        listing(monitoring, Problem("nanniu", "督查", "督查事项没有反馈。"), third)


@pytest.mark.parametrize(
    ("problem", "sentence", "field"),
    [
        (Problem("mars", "台账", "没有。"), "请从列表中选择本年度的被考核单位。", "unit"),
        (Problem("nanniu", "台账", " "), "请写明存在的问题：在哪里、什么时候、差在哪里。", "problem"),
        (
            Problem("nanniu", "台账", "没有。", indicator="绿化"),
            "南牛乡没有“绿化”这项指标，可以填：固定资产投资、督查落实、水质达标。",
            "indicator",
        ),
    ],
)
def test_a_line_that_does_not_hold_is_refused(
    monitoring: County, problem: Problem, sentence: str, field: str
) -> None:
    with refused(sentence, field=field):
        listing(monitoring, problem)


def test_the_same_problem_is_not_listed_twice_in_a_year(monitoring: County) -> None:
    listing(monitoring, PROBLEM)
    with refused("南牛乡的这个问题已经在本年度的整改清单上，不用重复列入。", field="problem"):
        listing(monitoring, PROBLEM)


def test_an_empty_list_is_refused(monitoring: County) -> None:
    with refused("请至少填写一个问题，再列入整改清单。"):
        listing(monitoring)


def test_who_may_list_and_from_where(monitoring: County) -> None:
    auditors = monitoring.office("auditor")
    (made,) = listing(monitoring, PROBLEM, source="audit", as_="auditor", office=auditors)
    assert made.get_source_display() == "审计监督"
    with refused("你目前的岗位可以列入来源为审计监督的问题，请重新选择问题来源。", NotAllowed):
        listing(monitoring, PROBLEM, source="feedback", as_="auditor", office=auditors)
    sentence = "你目前的岗位可以列入来源为绩效反馈、申诉复核、日常监测的问题，请重新选择问题来源。"
    with refused(sentence, NotAllowed):
        listing(monitoring, PROBLEM, source="audit")
    unit = monitoring.office("unit", "nanniu")
    sentence = "整改问题由绩效办列入，审计监督发现的由审计监督机构列入，请换一个岗位办理。"
    with refused(sentence, NotAllowed):
        listing(monitoring, PROBLEM, as_="nanniu-handler", office=unit)


def test_before_monitoring_and_after_the_archive_nothing_is_listed(setting: County) -> None:
    with refused(
        "正定县 2026 年度绩效考核目前处于“指标设置”，日常监测开始以后、归档以前才能列入整改；"
        "归档以后发现的问题请列入下一年度。"
    ):
        listing(setting, PROBLEM)


def test_the_origin_must_be_of_the_same_year(monitoring: County) -> None:
    origin = monitoring.matter("sheet", unit="nanniu")
    (made,) = listing(monitoring, PROBLEM, origin_id=origin.pk)
    assert made.origin_id == origin.pk
    with refused(
        "没有找到问题所依据的事项，它可能不属于正定县 2026 年度绩效考核，请从该事项的页面重新进入。"
    ):
        listing(monitoring, Problem("nanniu", "督查", "没有反馈。"), origin_id=monitoring.cycle.pk)


# --- the plan ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "sentence", "field"),
    [
        ({"plan": " "}, "请写明整改措施后再报送。", "plan"),
        ({"person": ""}, "请写明责任人的岗位，例如“分管副局长”。", "person"),
        ({"finish_on": ""}, "请填写计划完成日期，例如 2027-03-05。", "finish_on"),
        (
            {"finish_on": "三月底"},
            "计划完成日期“三月底”不是日期，请写成 2027-03-05 这样的形式。",
            "finish_on",
        ),
        (
            {"finish_on": "2026-02-30"},
            "计划完成日期“2026-02-30”这一天不存在，请核对月份和日期。",
            "finish_on",
        ),
        ({"finish_on": "2026-02-09"}, "计划完成日期 2026 年 2 月 9 日已经过去，请重新填写。", "finish_on"),
        (
            {"finish_on": "2026-03-11"},
            "考核办法规定整改时限为1 个月，自 2026 年 2 月 10 日起算，最迟为 2026 年 3 月 10 日；"
            "计划完成日期 2026 年 3 月 11 日超过了时限，请提前。"
            "确实需要更长时间的，方案批准后在到期之前申请延期。",
            "finish_on",
        ),
        ({"lines": {}}, "请至少填写一个进度节点：做到什么、什么时候做到。", "m1-title"),
        (
            {"lines": {"m2": {"title": "", "due_on": "2026-02-20"}}},
            "请写明这个节点要做到什么，或者把这一行的日期删去。",
            "m2-title",
        ),
        (
            {"lines": {"m1": {"title": "补齐凭证", "due_on": "2026-03-09"}}},
            "“补齐凭证”的完成日期应当在今天和计划完成日期（2026 年 3 月 2 日）之间，请改正。",
            "m1-due_on",
        ),
    ],
)
def test_a_plan_that_does_not_hold_is_refused(
    monitoring: County, changed: dict[str, Any], sentence: str, field: str
) -> None:
    matter = rectifying.listed(monitoring)
    with refused(sentence, field=field):
        monitoring.do(matter, "plan", **rectifying.plan_form(monitoring) | changed)


def test_a_returned_plan_is_made_anew_and_the_old_one_stays_in_the_ledger(monitoring: County) -> None:
    matter = rectifying.planned(monitoring, rectifying.listed(monitoring))
    monitoring.do(matter, "approve", choice="back_plan", comment="没有说明怎样防止再次发生。", as_=CLERK)
    assert rectifying.fresh(matter).state == "listed"
    again = rectifying.plan_form(monitoring)
    again["lines"] = {"m1": again["lines"]["m2"]}
    monitoring.do(matter, "plan", **again)
    assert [each.title for each in matter.milestones.all()] == ["建立核对制度"]
    first = Event.objects.filter(stream=matter.stream, type="rectification.make_plan").earliest("seq")
    assert first.facts["values"]["step_1"] == "2026-02-20：补齐凭证"


def test_a_plan_whose_day_has_passed_is_not_approved(monitoring: County) -> None:
    matter = rectifying.planned(monitoring, rectifying.listed(monitoring))
    monitoring.move_to(dt.date(2026, 3, 3))
    sentence = "方案确定的完成日期 2026 年 3 月 2 日已经过去，请退回单位重新排定日期。"
    with refused(sentence):
        monitoring.do(matter, "approve", as_=CLERK)


# --- carrying out ------------------------------------------------------------------------------------------


def test_steps_are_ticked_off_while_it_is_under_way(monitoring: County) -> None:
    matter = rectifying.planned(monitoring, rectifying.listed(monitoring))
    step = matter.milestones.first()
    assert step is not None
    handler = monitoring.user("nanniu-handler")
    sentence = "“南牛乡整改：数据台账”目前的状态是“待批准方案”，只有整改期间才能登记进度。"
    with refused(sentence):
        rectifications.tick(step.pk, user_id=handler, note="已补齐。")
    monitoring.do(matter, "approve", as_=CLERK)
    with refused("请写明这个节点完成的情况后再登记。", field="note"):
        rectifications.tick(step.pk, user_id=handler, note=" ")
    rectifications.tick(step.pk, user_id=handler, note="12 份凭证已入库。")
    done = Milestone.objects.get(pk=step.pk)
    assert (done.done_on, done.note) == (dt.date(2026, 2, 10), "12 份凭证已入库。")
    assert monitoring.last_event(matter.stream)["title"] == "补齐凭证"
    with refused("“补齐凭证”已于 2026 年 2 月 10 日登记完成，不用重复登记。"):
        rectifications.tick(step.pk, user_id=handler, note="再登记一次。")
    other = matter.milestones.last()
    assert other is not None
    sentence = "此事项由南牛乡的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        rectifications.tick(other.pk, user_id=monitoring.user("xinchengpu-handler"), note="别的单位。")


def test_a_result_needs_words_and_a_document(monitoring: County) -> None:
    matter = rectifying.underway(monitoring, rectifying.listed(monitoring))
    with refused("请写明整改结果：做了什么、达到了什么程度后再报送。", field="result"):
        monitoring.do(matter, "result", result="")
    with refused("请先上传能够证明整改到位的佐证材料，再报送结果。", field="evidence"):
        monitoring.do(matter, "result", result="已整改。")


@pytest.mark.parametrize("day", [dt.date(2026, 2, 25), dt.date(2026, 3, 2)])
def test_after_a_failed_check_the_agreed_day_holds_or_the_policys_time_runs_anew(
    monitoring: County, day: dt.date
) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    monitoring.move_to(day)
    monitoring.do(matter, "check", choice="back_result", comment="四月凭证仍缺两份。", as_=SECOND)
    item = monitoring.item(matter, "result")
    assert item.due_at is not None
    expected = dt.date(2026, 3, 2) if day.month == 2 else dt.date(2026, 4, 2)
    assert clock.last_day(item.due_at) == expected
    assert rectifying.fresh(matter).state == "underway"


# --- verification by somebody else -------------------------------------------------------------------------


def check(county: County, matter: Rectification, who: str, choice: str = "next") -> None:
    county.do(matter, "check", comment="已核对。", as_=who, choice=choice)


@pytest.mark.parametrize("choice", ["next", "back_result"])
def test_who_approved_the_plan_does_not_verify_it(monitoring: County, choice: str) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    with pytest.raises(NotAllowed) as caught:
        check(monitoring, matter, CLERK, choice)
    assert str(caught.value).startswith("整改结果应当由他人核查：")
    assert "曾于 2026 年 2 月 10 日批准了整改方案" in str(caught.value)
    others = [User.objects.get(username=name).name for name in (SECOND, CHIEF)]
    assert str(caught.value).endswith(f"请改由县绩效办的{'、'.join(others)}核查。")


def seat(county: County, username: str, *, until: dt.date | None = None, **more: Any) -> None:
    """Give somebody another posting since last year."""
    since = dt.date(2025, 6, 1)
    Posting.objects.create(user_id=county.user(username), role="handler", since=since, until=until, **more)


def test_who_sits_in_the_units_organisation_does_not_verify(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    seat(monitoring, SECOND, office=monitoring.office("unit", "nanniu"))
    with pytest.raises(NotAllowed, match="在南牛乡任职（2025-06-01 起，至今），不能核查这项整改"):
        check(monitoring, matter, SECOND)


def test_who_sat_there_earlier_this_year_does_not_verify_either(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    seat(monitoring, SECOND, office=monitoring.office("unit", "nanniu"), until=dt.date(2026, 1, 31))
    with pytest.raises(NotAllowed, match="在南牛乡任职（2025-06-01 起，2026-01-31 止）"):
        check(monitoring, matter, SECOND)


def test_who_left_before_the_year_may_verify(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    seat(monitoring, SECOND, office=monitoring.office("unit", "nanniu"), until=dt.date(2025, 12, 31))
    check(monitoring, matter, SECOND)
    assert rectifying.fresh(matter).state == "closed"


def test_who_acts_for_the_approver_does_not_verify(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    Posting.objects.filter(user__username=SECOND).update(in_place_of=monitoring.user(CLERK))
    with pytest.raises(
        NotAllowed, match="演示·县绩效办经办员曾于 2026 年 2 月 10 日批准了整改方案，不能核查"
    ):
        check(monitoring, matter, SECOND)


def test_who_acted_for_the_approver_earlier_in_the_year_does_not_verify(monitoring: County) -> None:
    """Nothing of the plan was done in anybody's place; the two have stood in for each other."""
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    office, clerk = monitoring.office("leading_group"), monitoring.user(CLERK)
    seat(monitoring, SECOND, office=office, until=dt.date(2026, 1, 20), in_place_of_id=clerk)
    with pytest.raises(NotAllowed, match="有委托代办关系"):
        check(monitoring, matter, SECOND)


def test_in_whose_place_the_plan_was_approved_does_not_verify(monitoring: County) -> None:
    """The second clerk approved in the chief's place: the chief counts as the approver, too."""
    Posting.objects.filter(user__username=SECOND).update(in_place_of=monitoring.user(CHIEF))
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring), by=SECOND)
    chief = User.objects.get(username=CHIEF).name
    with pytest.raises(NotAllowed, match=f"{chief}曾于 2026 年 2 月 10 日批准了整改方案，不能核查"):
        check(monitoring, matter, CHIEF)
    check(monitoring, matter, CLERK)


def test_where_nobody_is_left_the_refusal_says_so(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    for name in (SECOND, CHIEF):
        seat(monitoring, name, office=monitoring.office("unit", "nanniu"))
    with pytest.raises(NotAllowed, match="县绩效办目前没有其他人可以核查，请先由系统管理员为县绩效办安排"):
        check(monitoring, matter, CLERK)


def test_closing_says_what_was_looked_at(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    with refused("请写明核查的情况（看了什么、核对了什么）后再予销号。", field="comment"):
        monitoring.do(matter, "check", as_=SECOND)


# --- taken off the list ------------------------------------------------------------------------------------


def test_a_problem_is_taken_off_the_list_with_its_task(monitoring: County) -> None:
    matter = rectifying.underway(monitoring, rectifying.listed(monitoring))
    clerk = monitoring.user(CLERK)
    with refused("请写明撤销的理由和依据的决定，再撤销这项整改。", field="why"):
        revoking.revoke_rectification(matter.pk, user_id=clerk, why=" ")
    revoking.revoke_rectification(matter.pk, user_id=clerk, why="复核决定认定不存在这一问题。")
    assert rectifying.fresh(matter).state == "revoked"
    assert not WorkItem.objects.filter(matter=matter, state="open").exists()
    with pytest.raises(NotPossible, match="目前的状态是“已撤销”"):
        revoking.revoke_rectification(matter.pk, user_id=clerk, why="再撤销一次。")


def test_a_rectification_does_not_hold_the_archive(uses: County) -> None:
    rectifying.listed(uses)
    assert not any(each.kind == "rectification" for each in obstacles(uses.cycle))
