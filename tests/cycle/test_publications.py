"""Publicity: what is shown of a group is fixed when it is shown, and shown again only where it changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from audit import blobs, clock, ledger
from audit.models import Event
from cycle.models import Ballot, CalendarDay, Grade, Indicator, Matter, Publication, Score, Stage, Subject
from cycle.queries import calendar
from cycle.queries.publicity import open_publication
from cycle.services import approvals, publicity, scoring
from cycle.services.numbers import plain
from tests.county import County, refused
from tests.cycle.publicity import AFTER, adopt, content, prepare, press, publication, rescored
from tests.small_county import enter, publish, work
from workflows.models import Process, WorkItem
from workflows.services.ticking import tick

GROUPS = ["township", "department", "heritage"]
TITLES = ["乡镇政府", "县政府工作部门和单位", "承担古城风貌恢复工作的单位"]


def shows() -> list[Publication]:
    return list(Publication.objects.filter(what="show").order_by("created_at", "pk"))


# Targets, notice, approved results


def test_targets_are_published_when_monitoring_opens(monitoring: County) -> None:
    found = Publication.objects.filter(what="targets").order_by("created_at", "pk")
    assert [each.title for each in found] == [f"{title}绩效目标公布" for title in TITLES]
    assert [(each.key, each.group) for each in found] == [(f"targets:{group}", group) for group in GROUPS]
    assert {each.stage for each in found} == {Stage.MONITORING}
    item = monitoring.item(found[0])
    assert (item.step, item.stage, item.office.capacity) == ("post", "monitoring", "performance_office")
    monitoring.do(found[0], "post")
    shown = publication("targets")
    assert (shown.state, shown.audience, shown.closes_at) == ("posted", "units", None)
    assert Process.objects.get(matter=shown.pk).status == "DONE", "nothing has to be closed"


def test_targets_say_what_was_issued(monitoring: County) -> None:
    monitoring.do(publication("targets"), "post")
    said = content(publication("targets"))
    assert [unit["unit"] for unit in said["units"]] == ["南牛乡", "新城铺镇"]
    assert said["units"][0]["indicators"][0] == {
        "heading": "经济发展",
        "title": "固定资产投资",
        "target": "12.5万元；中期评估：5.9万元",
        "points": "30",
        "standard": "以年度目标值为准，达到目标值的认定为完成。",
        "collector": monitoring.indicator("nanniu", "investment").collector.organisation.title,  # type: ignore[union-attr]
    }
    for unit in said["units"]:
        issued = Indicator.objects.filter(subject__title=unit["unit"], state="issued")
        assert [each["title"] for each in unit["indicators"]] == [each.title for each in issued]
        assert sum(Decimal(each["points"]) for each in unit["indicators"]) == 90
    assert (said["demo"], said["year"], said["earlier"]) == (True, 2026, None)


def test_a_notice_says_what_when_by_whom_and_how_to_object(assessment: County) -> None:
    assert publication("notice").stage == Stage.ASSESSMENT
    assessment.do(publication("notice", "department"), "post")
    said = content(publication("notice", "department"))
    assert said["subjects"] == ["财政局", "统计局"]
    assert [(one["title"], one["points"], one["cite"]) for one in said["components"]] == [
        ("指标评估", "60", "五（二）1"),
        ("公众评估", "30", "五（二）2"),
        ("领导评估", "10", "五（二）3"),
    ]
    assert said["components"][0]["rounds"] == "中期评估、年终评估，权重相等"
    dates = {each["title"]: each["when"] for each in said["dates"]}
    assert dates["各单位报送年度自评"] == "2027 年 1 月 15 日前"
    assert dates["公示考核结果"] == "公示期 5 个工作日"
    issued = Indicator.objects.filter(subject__group="department", state="issued")
    assert sum(each["indicators"] for each in said["collectors"]) == issued.count()
    assert said["voters"] == ["县委县政府主要领导和分包（分管、主管）领导"]
    assert len(said["objecting"]) == 2
    assert said["objecting"][1].startswith("各单位的得分明细以绩效反馈书为准。")


def test_a_notice_names_only_what_the_group_has(assessment: County) -> None:
    assessment.do(publication("notice"), "post")
    titles = [each["title"] for each in content(publication("notice"))["dates"]]
    assert "领导评估" in titles
    assert "公众评估" not in titles, "the public assesses departments only"


def test_approved_results_are_published_when_feedback_opens(feedback: County) -> None:
    found = publication("final")
    assert (found.key, found.stage, found.run) == ("final:township-1", Stage.FEEDBACK, found.cycle.runs.get())
    feedback.do(found, "post")
    said = content(publication("final"))
    for row in said["units"]:
        grade = Grade.objects.get(run=found.run, subject__code=row["code"])
        assert (row["rank"], row["total"], row["grade"]) == (grade.rank, grade.total, grade.grade_title)
        scores = Score.objects.filter(run=found.run, subject=grade.subject)
        assert sorted(row["components"]) == sorted(scores.values_list("value", flat=True))
    assert said["columns"] == ["指标评估", "领导评估"]
    assert "对结果有异议的，自绩效反馈书送达之日起 3 个工作日内可以提出申诉。" in said["window"][0]


@pytest.mark.parametrize(
    ("moment", "what", "stage"),
    [("setting", "targets", Stage.MONITORING), ("yearend", "notice", Stage.ASSESSMENT)],
)
def test_what_the_policy_leaves_out_does_not_take_place(
    moment: str, what: str, stage: Stage, request: pytest.FixtureRequest
) -> None:
    county: County = request.getfixturevalue(moment)
    adopt(county, **{what: {"skip": "true", "why": "办法没有规定。"}})
    work(county.cycle)
    county.move_to(dt.date(2027, 1, 8))
    enter(county.cycle, stage)
    assert not Publication.objects.filter(what=what).exists()


def test_a_stage_waits_until_its_publications_are_out(monitoring: County) -> None:
    """They are due, and the gate names them until the office has done them."""
    press(monitoring, "post")
    assert Matter.objects.filter(kind="publication", state="posted").count() == len(GROUPS)
    assert not WorkItem.objects.filter(flow="publicity", state="open").exists()


# Bytes


def test_what_was_shown_stays_byte_for_byte(monitoring: County) -> None:
    monitoring.do(publication("targets"), "post")
    before = publication("targets")
    kept = blobs.read(before.content_digest)
    assert kept == ledger.canonical(content(before)).encode()
    Indicator.objects.filter(subject__group="township").update(title="别的指标", standard="别的标准")
    Subject.objects.filter(code="nanniu").update(title="改了名的乡")
    adopt(monitoring, targets={"audience": "public"})
    after = publication("targets")
    assert (after.content_digest, after.audience) == (before.content_digest, "units")
    assert blobs.read(after.content_digest) == kept


def test_provisional_results_are_fixed_when_they_are_shown(published: County) -> None:
    matter = publication("show")
    said = content(matter)
    assert [row["rank"] for row in said["units"]] == [1, 2]
    assert (said["run"], said["demo"], said["policy"]) == (1, True, published.cycle.policy_id)
    for row in said["units"]:
        grade = Grade.objects.get(run=matter.run, subject__code=row["code"])
        assert (row["total"], row["bonus"], row["deduction"]) == (grade.total, grade.bonus, grade.deduction)
    barred = {row["code"]: row["barred"] for row in content(publication("show", "department"))["units"]}
    assert barred == {"caizheng": False, "tongji": True}


# The window


def test_publicity_needs_a_run(assessed: County) -> None:
    with refused("还没有计分，请先计分再公示。"):
        publicity.prepare(assessed.cycle.pk, user_id=assessed.user("jxb-clerk"))


def test_each_group_is_shown_for_itself(published: County) -> None:
    assert [each.title for each in shows()] == [f"{title}考核结果公示" for title in TITLES]
    assert [each.key for each in shows()] == [f"{group}-1" for group in GROUPS]
    with refused("各组的结果已经在公示或者公示过了，不需要重复公示。"):
        publicity.prepare(published.cycle.pk, user_id=published.user("jxb-clerk"))


def test_the_window_is_five_working_days(published: County) -> None:
    """Default of the pack: five working days, the day of publication not counted."""
    matter = publication("show")
    assert matter.published_at is not None
    assert clock.local_date(matter.published_at) == dt.date(2027, 1, 8)
    assert matter.closes_at == clock.at(dt.date(2027, 1, 16))
    days = "1 月 11 日、1 月 12 日、1 月 13 日、1 月 14 日、1 月 15 日"
    assert content(matter)["window"][0] == (
        f"公示期为 5 个工作日（{days}），公示当日不计，到 2027 年 1 月 15 日 24 时止。"
    )


def test_a_window_over_spring_festival_skips_the_holidays(assessed: County) -> None:
    """Shown on Wednesday 3 February: the 4th counts, the Sunday worked in exchange, then three weekdays."""
    CalendarDay.objects.filter(day__range=(dt.date(2027, 2, 1), dt.date(2027, 2, 28))).delete()
    rest = [CalendarDay(day=dt.date(2027, 2, day), working=False, name="春节") for day in range(5, 13)]
    CalendarDay.objects.bulk_create([*rest, CalendarDay(day=dt.date(2027, 2, 14), working=True)])
    calendar.forget()
    assessed.move_to(dt.date(2027, 2, 3))
    publish(assessed.cycle)
    matter = publication("show")
    assert matter.text["due"]["close"]["counted"] == [f"2027-02-{day}" for day in ("04", 14, 15, 16, 17)]
    assert matter.closes_at == clock.at(dt.date(2027, 2, 18))
    clock.move_to(clock.at(dt.date(2027, 2, 18)) - dt.timedelta(seconds=30))
    tick()
    assert publication("show").state == "published"
    clock.move_to(clock.at(dt.date(2027, 2, 18)))
    tick()
    assert publication("show").state == "closed"
    calendar.forget()


def test_a_publicity_is_never_closed_early(published: County) -> None:
    matter = publication("show")
    sentence = "公示期到 2027 年 01 月 15 日 24 时结束，在此之前不能结束公示。"
    for day, hour in ((dt.date(2027, 1, 11), 9), (dt.date(2027, 1, 15), 23)):
        published.move_to(day, hour)
        with refused(sentence):
            published.do(matter, "close")
    published.move_to(dt.date(2027, 1, 16), 0)
    published.do(matter, "close")
    assert publication("show").state == "closed"


def test_it_ends_by_itself_at_midnight_of_the_last_day(published: County) -> None:
    end = clock.at(dt.date(2027, 1, 16))
    clock.move_to(end - dt.timedelta(seconds=30))
    tick()
    assert {each.state for each in shows()} == {"published"}
    clock.move_to(end)
    tick()
    assert {each.state for each in shows()} == {"closed"}
    event = Event.objects.get(stream=publication("show").stream, type="publication.close")
    assert event.actor_id is None
    streams = [Process.objects.get(matter=each.pk).stream for each in shows()]
    cards = Event.objects.filter(stream__in=streams, type__endswith="_card")
    assert not cards.exists(), "nobody was late"
    assert Process.objects.get(matter=publication("show").pk).status == "DONE"


def test_a_unit_may_object_up_to_midnight(published: County) -> None:
    unit, end = published.unit("nanniu"), clock.at(dt.date(2027, 1, 16))
    assert open_publication(unit, end - dt.timedelta(microseconds=1)) == publication("show")
    assert open_publication(unit, end) is None
    shown = publication("show").published_at
    assert shown is not None
    assert open_publication(unit, shown - dt.timedelta(seconds=1)) is None


def test_the_announced_last_day_stands_whatever_becomes_of_the_calendar(published: County) -> None:
    item = published.item(publication("show"), "close")
    assert item.due_at == publication("show").closes_at
    assert publication("show").text["due"]["close"]["due_on"] == "2027-01-15"


# Results that change


def test_only_a_group_whose_results_changed_is_shown_again(published: County) -> None:
    published.move_to(AFTER)
    press(published, "close")
    before = {each.group: each.pk for each in shows()}
    run = rescored(published)
    (again,) = prepare(published)
    assert (again.group, again.run, again.key) == ("heritage", run, f"heritage-{run.number}")
    with refused(f"{TITLES[2]}考核结果公示已经准备好，请在待办中逐组开始公示。"):
        prepare(published)
    published.do(again, "publish")
    said = content(publication("show", "heritage"))
    assert said["earlier"] == {"id": str(before["heritage"]), "shown_on": "2027-01-08"}
    assert {each.group: each.pk for each in shows() if each.run_id != run.pk} == before


def test_approval_waits_for_the_group_that_changed_only(published: County) -> None:
    published.move_to(AFTER)
    press(published, "close")
    clerk = published.user("jxb-clerk")
    run = rescored(published)
    with refused(f"公示之后又重新计过分，{TITLES[2]}的结果有变化，请对这些组重新公示后再报批。"):
        approvals.open_approval(published.cycle.pk, user_id=clerk)
    (again,) = prepare(published)
    published.do(again, "publish")
    with refused(f"{again.title}还没有结束，结束后才能报批。"):
        approvals.open_approval(published.cycle.pk, user_id=clerk)
    published.move_to(AFTER + dt.timedelta(days=30))
    press(published, "close")
    approvals.open_approval(published.cycle.pk, user_id=clerk)
    assert published.matter("approval").run == run


def test_results_that_come_back_are_shown_again(published: County) -> None:
    """What the units were told last is what counts: the first list was replaced by another meanwhile."""
    scores = dict(Ballot.objects.filter(subject__code="zhujian").values_list("pk", "score"))
    published.move_to(AFTER)
    press(published, "close")
    rescored(published)
    prepare(published)
    press(published, "publish")
    published.move_to(AFTER + dt.timedelta(days=30))
    press(published, "close")
    for ballot, score in scores.items():
        Ballot.objects.filter(pk=ballot).update(score=score)
    clerk = published.user("jxb-clerk")
    scoring.score_cycle(published.cycle.pk, cause="更正有误，恢复原评分", user_id=clerk)
    digests = published.cycle.runs.order_by("number").values_list("result_digest", flat=True)
    assert digests[0] == digests[2] != digests[1]
    (again,) = prepare(published)
    assert (again.group, again.key) == ("heritage", "heritage-3")


def test_a_list_that_waits_is_renewed(assessed: County) -> None:
    clerk = assessed.user("jxb-clerk")
    scoring.score_cycle(assessed.cycle.pk, cause="年终计分", user_id=clerk)
    prepare(assessed)
    second = rescored(assessed)
    waiting = publication("show", "heritage")
    with refused("公示名单准备好之后又重新计过分，本组的结果有变化，请按最新的计分结果重新准备公示。"):
        assessed.do(waiting, "publish")
    assessed.do(publication("show"), "publish")
    assert [each.pk for each in prepare(assessed)] == [waiting.pk]
    event = assessed.last_event(waiting.stream)
    assert (event["type"], event["set"]["run"]) == ("publication.renew", str(second.pk))
    assessed.do(publication("show", "heritage"), "publish")
    assert content(publication("show", "heritage"))["run"] == 2


def test_two_results_of_a_group_are_never_shown_at_once(published: County) -> None:
    rescored(published)
    with refused(f"{TITLES[2]}考核结果公示还没有结束，结束后才能公示新的结果。"):
        prepare(published)


def reapproved(county: County) -> None:
    """A correction gives one group other results, and the government approves them."""
    Ballot.objects.filter(subject__code="zhujian").update(score=100)
    scoring.recalculate(county.cycle, because_of=None, cause="更正评分", by=county.clerk(), at=county.now)
    county.relay()
    matter = county.matter("reapproval")
    county.do(matter, "submit")
    county.do(matter, "reapprove", comment="同意。")


def test_changed_results_are_published_again_to_the_group_they_concern(feedback: County) -> None:
    press(feedback, "post")
    first = publication("final", "heritage")
    reapproved(feedback)
    feedback.relay()
    publicity.announce_changed_results(feedback.cycle.pk)
    (again,) = Publication.objects.filter(what="final", state="prepared")
    assert (again.group, again.key) == ("heritage", "final:heritage-2")
    feedback.do(again, "post")
    said = content(publication("final", "heritage"))
    assert said["earlier"] == {"id": str(first.pk), "shown_on": "2027-02-10"}
    assert said["units"][0]["total"] != content(first)["units"][0]["total"]


def test_approved_results_that_wait_are_renewed_when_others_are_approved(feedback: County) -> None:
    waiting = publication("final", "heritage")
    reapproved(feedback)
    with refused("名单准备好之后，本组变更后的结果又获得批准，名单正在换成新的结果，请稍后刷新页面再公布。"):
        feedback.do(waiting, "post")
    feedback.do(publication("final"), "post")  # the townships' results are as they were
    feedback.relay()
    renewed = publication("final", "heritage")
    assert (renewed.pk, renewed.key) == (waiting.pk, "final:heritage-2")
    feedback.do(renewed, "post")
    assert content(publication("final", "heritage"))["run"] == 2
    assert content(publication("final"))["run"] == 1


def test_without_a_publicity_the_newest_run_goes_up(assessed: County) -> None:
    adopt(assessed, show={"skip": "true", "why": "办法没有规定公示。"})
    clerk = assessed.user("jxb-clerk")
    with refused("还没有计分，请先计分再报批。"):
        approvals.open_approval(assessed.cycle.pk, user_id=clerk)
    scoring.score_cycle(assessed.cycle.pk, cause="年终计分", user_id=clerk)
    with refused("办法没有规定公示。计分后可以直接报批。"):
        prepare(assessed)
    approvals.open_approval(assessed.cycle.pk, user_id=clerk)
    assert assessed.matter("approval").state == "open"


@pytest.mark.parametrize(
    ("what", "key", "group"),
    [
        ("show", "town-ship-12", "town-ship"),
        ("final", "final:town-ship-3", "town-ship"),
        ("targets", "targets:town-ship", "town-ship"),
        ("notice", "notice:a-1", "a-1"),
    ],
)
def test_a_group_may_have_any_name(what: str, key: str, group: str) -> None:
    assert Publication(what=what, key=key).group == group


def test_points_are_as_they_were_issued(monitoring: County) -> None:
    monitoring.do(publication("targets"), "post")
    points = [
        each["points"] for unit in content(publication("targets"))["units"] for each in unit["indicators"]
    ]
    rows = Indicator.objects.filter(subject__group="township").order_by("subject__position", "position")
    assert points == [plain(each.points) for each in rows]
