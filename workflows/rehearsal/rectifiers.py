"""Rectification in a rehearsed year: plans, results, somebody else's check, more time, a recurrence."""

import datetime as dt
from typing import Any

from audit import clock
from audit.marks import DEMO_MARK
from cycle.models import Cycle, Extension, Rectification, Stage
from cycle.queries.calendar import current_calendar
from cycle.services import problem_lists, rectifications
from cycle.services.problem_lists import Problem
from offices.models import Office
from policies.clocks import shift
from workflows.models import WorkItem
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.county import CLERK, user
from workflows.rehearsal.deeds import Deed, Performer, holder
from workflows.rehearsal.deeds import Stage as Scene
from workflows.services import attaching, extending

LATE_START_PERCENT = 12
"""How many units need more time than they planned, and ask for it."""
MORE_TIME = 10
INSPECTED = ((7, 20), (8, 25), (11, 20))
"""The days on which the office lists what it found: of the first half-year, the summer, the autumn."""
LAGGING = ("重点工作进度", "民生实事推进", "督查事项反馈", "项目开工建设", "资金支付进度")
POSTS = ("分管副职", "办公室主任", "业务科室负责人")


def plan(item: WorkItem, scene: Scene, name: tuple[object, ...]) -> Deed:
    """A unit plans: two steps, well inside the time that the policy gives."""
    today = clock.local_date(clock.now())
    days = scene.chance.between(12, 24, "rectify-days", *name)
    half, finish = today + dt.timedelta(days=days // 2), today + dt.timedelta(days=days)
    lines = {
        "m1": {"title": "查明原因，逐项列出问题", "due_on": half.isoformat()},
        "m2": {"title": "全部整改到位，建立长效制度", "due_on": finish.isoformat()},
    }
    person = scene.chance.pick(list(POSTS), "rectify-person", *name)
    said = "对照问题逐项查找原因，明确责任岗位和完成时间，整改后纳入日常管理。"
    return Deed(form={"plan": said, "person": person, "finish_on": finish.isoformat(), "lines": lines})


def approve(item: WorkItem, scene: Scene, name: tuple[object, ...]) -> Deed:
    """The office gives one plan in six back the first time."""
    if name[-1] == 1 and scene.chance.happens(16, "return", *name):
        return Deed("back_plan", "方案没有说明怎样防止问题再次发生，请补充长效措施。")
    return Deed(comment="方案可行，同意实施。")


def report(item: WorkItem, scene: Scene, name: tuple[object, ...]) -> Deed:
    """The unit ticks off its steps, attaches what proves the result, and reports."""
    unit = user(f"{item.matter.unit.code}-handler")
    matter = Rectification.objects.get(pk=item.matter_id)
    for step in matter.milestones.filter(done_on__isnull=True):
        rectifications.tick(step.pk, user_id=unit, note="已按计划完成。")
    content = f"{DEMO_MARK}\n{item.matter.title}\n整改前后对比材料（演示）\n".encode()
    attaching.attach(
        item.pk, user_id=holder(item), name="整改佐证（演示）.txt", size=len(content), chunks=[content]
    )
    return Deed(form={"result": "问题已经逐项整改到位，相关制度已经印发执行，责任人和时限都已落实。"})


def check(item: WorkItem, scene: Scene, name: tuple[object, ...]) -> Deed:
    """Somebody who had no hand in it looks at the documents; one result in eight is not good enough yet."""
    if name[-1] == 1 and scene.chance.happens(12, "return", *name):
        return Deed("back_result", "抽查发现个别问题没有整改到位，请补充整改后重新报送。")
    return Deed(comment="查阅了整改材料，并抽查了两项，问题已经解决。")


RECTIFYING: dict[tuple[str, str], Performer] = {
    ("rectification", "plan"): plan,
    ("rectification", "approve"): approve,
    ("rectification", "result"): report,
    ("rectification", "check"): check,
}


def needs_time(item: WorkItem, chance: Chance) -> bool:
    """Whether the unit was drawn to need more time for its result."""
    matter = item.matter
    is_result = (item.flow, item.step) == ("rectification", "result")
    return is_result and chance.happens(LATE_START_PERCENT, "more-time", matter.unit.code, matter.key)


def result_day(item: WorkItem, today: dt.date, chance: Chance) -> dt.date:
    """The day on which a unit reports its result: near the deadline, after it where time was asked for."""
    due_on = clock.last_day(item.due_at) if item.due_at else today
    if needs_time(item, chance):
        return shift(due_on, 4, current_calendar())
    spare = (due_on - today).days
    early = chance.between(0, 4, "result-day", item.matter.unit.code, item.matter.key)
    return today + dt.timedelta(days=max(spare - early, 1))


def direct(cycle: Cycle, chance: Chance, today: dt.date) -> list[str]:
    """Let the office list what it found in the year's first half, and units ask for more time."""
    return [*_list(cycle, chance, today), *_ask(cycle, chance, today)]


def _list(cycle: Cycle, chance: Chance, today: dt.date) -> list[str]:
    """On each day of inspection: what is new, and once what has come back from an earlier year."""
    days = [dt.date(cycle.year, *day) for day in INSPECTED if dt.date(cycle.year, *day) <= today]
    if cycle.state != Stage.MONITORING or not days:
        return []
    rows = Rectification.objects.filter(cycle=cycle, source="monitoring")
    if rows.filter(created_at__gte=clock.at(days[-1])).exists():
        return []
    find = (_of_the_half_year, _of_the_summer, _of_the_autumn)[len(days) - 1]
    problems = find(cycle, chance)
    if not problems:
        return []
    office = Office.objects.get(capacity="performance_office")
    problem_lists.list_problems(
        cycle.pk, problems, source="monitoring", user_id=user(CLERK), office_id=office.pk
    )
    return [f"日常监测发现 {len(problems)} 个问题，列入整改"]


def _of_the_half_year(cycle: Cycle, chance: Chance) -> list[Problem]:
    units = list(cycle.subjects.order_by("position").values_list("code", flat=True))
    words = "日常监测发现上半年部分数据没有原始凭证，口径说明不清楚。"
    done = "补齐凭证，统一口径，按月核对。"
    found = Problem(chance.pick(units, "inspected"), "数据台账", words, done, is_key=True)
    return [found, *_returned(cycle, chance)]


def _of_the_summer(cycle: Cycle, chance: Chance) -> list[Problem]:
    """Two units whose work lags: that is what lies on desks in the autumn."""
    units = list(cycle.subjects.order_by("position").values_list("code", flat=True)[:2])
    words = "七月、八月的进度落后于序时进度，没有说明原因和补救措施。"
    done = "逐项分析原因，排出赶进度的时间表。"
    return [Problem(code, chance.pick(list(LAGGING), "lagging", code), words, done) for code in units]


def _of_the_autumn(cycle: Cycle, chance: Chance) -> list[Problem]:
    """One problem that was closed in this very year has come back."""
    closed = Rectification.objects.filter(cycle=cycle, source="monitoring", state="closed", recurs=None)
    again = closed.select_related("subject").order_by("key").first()
    if again is None:
        return []
    words = "本年度已经销号的问题再次出现，日常监测有记录。"
    return [Problem(again.unit.code, again.topic, words, "查明为什么反复，从制度上解决。")]


def _returned(cycle: Cycle, chance: Chance) -> list[Problem]:
    closed = Rectification.objects.filter(cycle__owner=cycle.owner_id, cycle__year=cycle.year - 1)
    rows: list[tuple[Any, ...]] = list(
        closed.filter(state="closed")
        .order_by("subject__position", "key")
        .values_list("subject__code", "topic")
    )
    if not rows:
        return []
    code, topic = chance.pick(rows, "come-back")
    words = "上年度已经销号的问题再次出现，日常监测有记录。"
    return [Problem(code, topic, words, "查明为什么反复，从制度上解决。")]


def _ask(cycle: Cycle, chance: Chance, today: dt.date) -> list[str]:
    rows = WorkItem.objects.filter(cycle=cycle, flow="rectification", step="result", state="open")
    done = []
    for item in rows.select_related("matter__subject", "office").order_by("matter__subject__position", "pk"):
        if not needs_time(item, chance) or item.due_at is None:
            continue
        due_on = clock.last_day(item.due_at)
        soon = shift(today, 3, current_calendar()) >= due_on >= today
        if soon and not Extension.objects.filter(of=item.matter_id).exists():
            until = shift(due_on, MORE_TIME, current_calendar()).isoformat()
            why = "所需设备采购尚在公示期，预计两周内到位，到位后即可完成（演示）。"
            extending.ask(item.pk, user_id=holder(item), until=until, why=why)
            done.append(f"{item.matter.unit}申请整改延期")
    return done
