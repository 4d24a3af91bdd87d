"""The year's own steps: by name, by date, through gates that say what is open; waivers; cancelling."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.refusals import NotAllowed
from cycle.models import Consequence, Cycle, Feedback, Matter, Waiver
from cycle.queries.gates import obstacles, open_matters
from cycle.services import approvals, stages, waivers
from tests.county import County, refused
from tests.small_county import publish, work
from workflows.models import Process, WorkItem
from workflows.services.cancelling import cancel_processes

CHIEF_ONLY = "此事项由县绩效办的负责人办理，你目前没有这一任职，请联系本单位负责人。"
TITLE = "正定县 2026 年度绩效考核"
ORDER = ["indicator_setting", "monitoring", "assessment", "feedback", "uses"]
LABELS = dict(zip(ORDER, ["指标设置", "日常监测", "年终考核", "绩效反馈", "结果运用"], strict=True))


def open_stage(county: County, stage: str, by: str = "jxb-chief") -> None:
    stages.open_stage(county.cycle.pk, stage, user_id=county.user(by))


def grant(county: County, matter: Matter, until: dt.date, why: str = "遭受洪灾，延期办理。") -> None:
    waivers.grant(matter.pk, why=why, until=until, user_id=county.user("lingdaoxiaozu-head"))


def test_the_head_of_the_office_opens_a_stage(preparation: County) -> None:
    with refused(CHIEF_ONLY, NotAllowed):
        open_stage(preparation, "indicator_setting", by="jxb-clerk")
    open_stage(preparation, "indicator_setting")
    cycle = preparation.cycle
    assert cycle.state == "indicator_setting"
    event = preparation.last_event(f"cycle/{cycle.pk}")
    assert (event["type"], event["was"], event["set"]) == (
        "cycle.open_setting",
        {"state": "preparation"},
        {"state": "indicator_setting"},
    )
    topics = [topic for topic, _ in preparation.told()]
    assert topics == ["matters.opened", "cycle.stage_opened"]
    assert Matter.objects.filter(cycle=cycle, kind="sheet", state="draft").count() == 5


def test_the_second_click_is_refused(preparation: County) -> None:
    open_stage(preparation, "indicator_setting")
    with refused(f"{TITLE}目前处于“指标设置”阶段，不能进入“指标设置”。"):
        open_stage(preparation, "indicator_setting")


@pytest.mark.parametrize(
    ("moment", "here"),
    [
        ("preparation", "准备"),
        ("monitoring", "日常监测"),
        ("assessment", "年终考核"),
        ("feedback", "绩效反馈"),
        ("archived", "已归档"),
    ],
)
def test_stages_follow_each_other_only(moment: str, here: str, request: pytest.FixtureRequest) -> None:
    county: County = request.getfixturevalue(moment)
    states = ["preparation", *ORDER, "archived"]
    after = states[states.index(county.cycle.state) + 1 :][:1]
    for stage in [each for each in ORDER if each not in after]:
        with refused(f"{TITLE}目前处于“{here}”阶段，不能进入“{LABELS[stage]}”。"):
            open_stage(county, stage)


def test_a_gate_names_what_is_open(setting: County) -> None:
    shown = "；".join(
        f"{title} 2026 年度指标申报（待申报）"
        for title in ("南牛乡", "新城铺镇", "财政局", "统计局", "住建局")
    )
    with refused(f"还有事项没有办完，不能进入“日常监测”：{shown}。办完或者办理豁免后再进入。"):
        open_stage(setting, "monitoring")


def test_a_gate_shows_five_and_counts_the_rest(assessment: County) -> None:
    count = len(obstacles(assessment.cycle))
    assert count > 5
    with pytest.raises(Exception, match=f"等 {count} 项。办完或者办理豁免后再进入。$") as caught:
        open_stage(assessment, "feedback")
    assert str(caught.value).count("；") == 4


def test_the_year_end_assessment_waits_for_the_new_year(monitoring: County) -> None:
    work(monitoring.cycle)
    monitoring.move_to(dt.date(2026, 12, 31), 23)
    with refused("年终考核要到 2027 年 01 月 01 日 才能开始，现在还没有到时间。"):
        open_stage(monitoring, "assessment")
    monitoring.move_to(dt.date(2027, 1, 1), 0)
    with refused("12 月的完成情况还没有要求报送，不能进入“年终考核”。"):
        open_stage(monitoring, "assessment")


def test_feedback_waits_for_the_approval(assessed: County) -> None:
    sentence = "考核结果还没有批准，不能进入“绩效反馈”。请先计分、公示、报批。"
    with refused(sentence):
        open_stage(assessed, "feedback")
    publish(assessed.cycle)
    assessed.move_to(dt.date(2027, 2, 10))
    work(assessed.cycle)
    with refused(sentence):
        open_stage(assessed, "feedback")
    approvals.open_approval(assessed.cycle.pk, user_id=assessed.user("jxb-clerk"))
    with pytest.raises(Exception, match="年度考核结果审批（待汇总）"):
        open_stage(assessed, "feedback")
    assessed.relay()
    work(assessed.cycle)
    open_stage(assessed, "feedback")
    assert Feedback.objects.filter(state="prepared").count() == 5


AFTER_THE_WINDOWS = dt.date(2027, 3, 8)


def test_archive_is_the_end(uses: County) -> None:
    with pytest.raises(Exception, match="还有事项没有办完，不能进入“归档”"):
        stages.archive(uses.cycle.pk, user_id=uses.user("jxb-chief"))
    work(uses.cycle)
    with pytest.raises(Exception, match="的结果还没有锁定，不能归档：申诉期还没有届满：南牛乡，"):
        stages.archive(uses.cycle.pk, user_id=uses.user("jxb-chief"))
    uses.move_to(AFTER_THE_WINDOWS)
    with refused(CHIEF_ONLY, NotAllowed):
        stages.archive(uses.cycle.pk, user_id=uses.user("jxb-clerk"))
    stages.archive(uses.cycle.pk, user_id=uses.user("jxb-chief"))
    assert uses.cycle.state == "archived"
    with refused(f"{TITLE}目前处于“已归档”阶段，不能进入“归档”。"):
        stages.archive(uses.cycle.pk, user_id=uses.user("jxb-chief"))


def test_an_archived_year_has_nothing_open(archived: County) -> None:
    cycle = archived.cycle
    assert not WorkItem.objects.filter(cycle=cycle, state="open").exists()
    assert not Process.objects.filter(cycle=cycle).exclude(status__in=["DONE", "CANCELED"]).exists()
    assert [matter for stage in ORDER for matter in open_matters(cycle, stage)] == []
    assert archived.told() == []


# Waivers


def test_a_waiver_lets_one_matter_pass_for_a_while(setting: County) -> None:
    late = setting.matter("sheet", unit="zhujian")
    work_all_but(setting, late)
    assert [each.pk for each in obstacles(setting.cycle)] == [late.pk]
    grant(setting, late, dt.date(2026, 1, 31))
    assert obstacles(setting.cycle, dt.date(2026, 1, 31)) == []
    assert [each.pk for each in obstacles(setting.cycle, dt.date(2026, 2, 1))] == [late.pk]
    assert [each.pk for each in open_matters(setting.cycle, "indicator_setting")] == [late.pk]
    open_stage(setting, "monitoring")
    assert setting.cycle.state == "monitoring"


def work_all_but(county: County, matter: Matter) -> None:
    item = county.item(matter)
    WorkItem.objects.filter(pk=item.pk).update(state="removed", closed_at=county.now)
    work(county.cycle)
    WorkItem.objects.filter(pk=item.pk).update(state="open", closed_at=None)


def test_a_waiver_says_why_by_whom_until_when(setting: County) -> None:
    late = setting.matter("sheet", unit="zhujian")
    grant(setting, late, dt.date(2026, 3, 1))
    waiver = Waiver.objects.get(matter=late)
    assert (waiver.why, waiver.granted_by) == ("遭受洪灾，延期办理。", "演示·领导小组组长")
    event = setting.last_event(late.stream)
    assert (event["type"], event["set"]) == ("waiver.grant", {"waived_until": "2026-03-01"})
    grant(setting, late, dt.date(2026, 4, 1), "灾后重建，再延一个月。")
    assert str(Waiver.objects.get(matter=late).until) == "2026-04-01"


@pytest.mark.parametrize(
    ("change", "sentence", "field"),
    [
        ({"why": "  "}, "请写明同意豁免的理由。", "why"),
        ({"until": dt.date(2026, 1, 4)}, "豁免的截止日期不能早于今天。", "until"),
    ],
)
def test_a_waiver_without_sense_is_refused(
    setting: County, change: dict[str, Any], sentence: str, field: str
) -> None:
    given: dict[str, Any] = {"why": "延期。", "until": dt.date(2026, 3, 1)} | change
    with refused(sentence, field=field):
        grant(setting, setting.matter("sheet", unit="zhujian"), given["until"], given["why"])


def test_what_is_done_needs_no_waiver(monitoring: County) -> None:
    done = monitoring.matter("sheet", unit="nanniu")
    with refused(f"“{done.title}”已经办完，不需要豁免。"):
        grant(monitoring, done, dt.date(2026, 3, 1))


def test_only_the_leading_group_waives(setting: County) -> None:
    sentence = "此事项由县政府绩效管理工作领导小组的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        waivers.grant(
            setting.matter("sheet", unit="zhujian").pk,
            why="延期。",
            until=dt.date(2026, 3, 1),
            user_id=setting.user("jxb-chief"),
        )


def test_the_database_wants_a_reason_for_a_waiver(setting: County) -> None:
    grant(setting, setting.matter("sheet", unit="zhujian"), dt.date(2026, 3, 1))
    with pytest.raises(IntegrityError, match="cycle_waiver_why"), transaction.atomic():
        Waiver.objects.update(why="")


# Cancelling


def cancel(county: County, why: str = "机构改革，本年度不再考核。", by: str = "lingdaoxiaozu-head") -> None:
    stages.cancel(county.cycle.pk, user_id=county.user(by), why=why)


def test_a_cancelled_year_leaves_nothing_in_any_inbox(assessment: County) -> None:
    cycle = assessment.cycle
    waiting = WorkItem.objects.filter(cycle=cycle, state="open").count()
    matters = Matter.objects.filter(cycle=cycle).count()
    assert waiting > 0
    cancel(assessment)
    assessment.relay()
    assert assessment.cycle.state == "cancelled"
    assert not WorkItem.objects.filter(cycle=cycle, state="open").exists()
    assert WorkItem.objects.filter(cycle=cycle, state="cancelled").count() == waiting
    assert not Process.objects.filter(cycle=cycle, status="NEW").exists()
    assert Matter.objects.filter(cycle=cycle).count() == matters
    event = assessment.last_event(f"cycle/{cycle.pk}")
    assert (event["type"], event["why"]) == ("cycle.cancel", "机构改革，本年度不再考核。")


def test_every_cancelled_process_says_so(assessment: County) -> None:
    process = assessment.item(assessment.matter("self_assessment", unit="nanniu")).process
    cancel(assessment)
    assert not cancel_processes(assessment.cycle.pk)
    event = assessment.last_event(process.stream)
    assert (event["type"], event["why"]) == ("process.cancel", "考核周期已取消")


def test_a_cancelled_year_can_be_begun_again(assessment: County) -> None:
    cancel(assessment)
    first = Cycle.objects.get()
    Cycle.objects.create(
        owner=first.owner, year=first.year, title="再次", policy=first.policy, created_at=assessment.now
    )
    with pytest.raises(IntegrityError, match="cycle_one_a_year"), transaction.atomic():
        Cycle.objects.create(
            owner=first.owner, year=first.year, title="三次", policy=first.policy, created_at=assessment.now
        )


def test_cancelling_needs_a_reason_and_the_leading_group(assessment: County) -> None:
    with refused("请写明取消本年度考核的理由和决定文件。", field="why"):
        cancel(assessment, " ")
    sentence = "此事项由县政府绩效管理工作领导小组的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        cancel(assessment, by="jxb-chief")


def test_what_is_over_cannot_be_cancelled(archived: County) -> None:
    with refused(f"{TITLE}已经已归档，不能取消。"):
        cancel(archived)


def test_the_uses_that_the_policy_orders_are_opened(uses: County) -> None:
    """正定 七: advanced units are commended and paid, everybody's result is circulated and copied."""
    ordered = {(each.unit.code, each.use) for each in Consequence.objects.all()}
    for code in ("nanniu", "xinchengpu", "caizheng", "tongji", "zhujian"):
        assert {(code, use) for use in ("circulate", "copy_promotion", "staff_results")} <= ordered
    advanced = {code for code, use in ordered if use == "commend"}
    assert advanced == {code for code, use in ordered if use == "month_pay"}
    assert len(advanced) >= 2
