"""整改 and 延期: the unit's plan and result, the office's judgement, requests for more time."""

from django.urls import reverse

from audit import clock
from cycle.models import Extension, Milestone, Rectification
from cycle.queries.recurrence import repeat_words
from cycle.services.days import in_words
from cycle.services.rectification_plans import MILESTONES, latest_result
from workflows.forms.parts import Cell, Control, Grid, Line, Pair, Section, pair
from workflows.forms.steps import StepForm


class RectificationForm(StepForm):
    """The unit plans and reports, with documents; the office approves, then somebody else verifies."""

    entry_steps = frozenset({"plan", "result"})
    evidence_steps = frozenset({"plan", "result"})

    def build(self) -> list[Section]:
        """The problem, then the plan and the result as far as they have come."""
        rows = Rectification.objects.select_related("cycle", "subject", "indicator")
        matter = rows.get(pk=self.item.matter_id)
        steps = list(matter.milestones.all())
        sections = [Section("存在问题", pairs=_problem(matter))]
        if self.entering and self.item.step == "plan":
            return [*sections, *self._planning(matter, steps)]
        if matter.plan:
            sections.append(_plan(matter, steps))
        if self.entering:
            hint = "逐条对照整改要求：做了什么、达到了什么程度、怎样防止再次发生。"
            field = self.area("result", "整改结果", matter.result, hint=hint, is_needed=True)
            note = "报送前请在下面上传能够证明整改到位的材料"
            sections.append(Section("整改结果", note, fields=[field]))
        elif matter.result:
            sections.append(Section("整改结果", pairs=[pair("整改结果", matter.result, long=True)]))
        return sections

    def _planning(self, matter: Rectification, steps: list[Milestone]) -> list[Section]:
        latest = latest_result(matter.cycle, clock.local_date(clock.now()))
        hint = f"最迟 {in_words(latest.due_on)}（{latest.rule_text}）。" if latest else ""
        finish = matter.text.get("finish_on", "")
        fields = [
            self.area("plan", "整改措施", matter.plan, is_needed=True, hint="逐条写明怎样整改、由谁负责。"),
            self.control("person", "责任人的岗位", matter.person, is_needed=True, max_length=80,
                         hint="写岗位，例如“分管副局长”。"),
            self.control("finish_on", "计划完成日期", finish, kind="date", is_needed=True, hint=hint),
        ]  # fmt: skip
        lines = [self._step(place, steps) for place in range(1, MILESTONES + 1)]
        note = "至少填写一个，用不到的行空着"
        grid = Grid("进度节点", lines, first="序号")
        return [Section("整改方案", fields=fields), Section("进度节点", note, grid=grid)]

    def _step(self, place: int, steps: list[Milestone]) -> Line:
        known = steps[place - 1] if place <= len(steps) else None
        key = f"m{place}"
        title = self.control("title", "做到什么", known.title if known else "", key=key, max_length=200)
        due_on = known.due_on.isoformat() if known else ""
        day = self.control("due_on", "完成日期", due_on, key=key, kind="date")
        return Line(
            key, f"节点 {place}", cells=[Cell("做到什么", control=title), Cell("完成日期", control=day)]
        )

    @property
    def comment(self) -> Control | None:
        """Whoever verifies says what was looked at."""
        if self.writable and self.item.step == "check":
            hint = "写明看了什么、核对了什么；退回的写明还差什么。"
            return self.area("comment", "核查意见", is_needed=True, max_length=1000, hint=hint)
        return super().comment


def _problem(matter: Rectification) -> list[Pair]:
    url = reverse("rectify-one", args=[matter.pk])
    pairs = [
        pair("单位", matter.unit.title),
        pair("问题来源", matter.get_source_display()),
        pair("问题类别", matter.topic, note="重点整改" if matter.is_key else ""),
        pair("存在问题", matter.problem, long=True),
        pair("整改要求", matter.requirement, long=True),
    ]
    if matter.indicator:
        pairs.append(
            pair("关联指标", matter.indicator.title, url=reverse("indicator", args=[matter.indicator_id]))
        )
    repeats = repeat_words(matter.text.get("years", []))
    if repeats:
        pairs.append(pair("重复出现", repeats, long=True))
    return [*pairs, pair("整改全貌", "查看全部记录、登记进度", url=url)]


def _plan(matter: Rectification, steps: list[Milestone]) -> Section:
    finish = matter.text.get("finish_on", "")
    pairs = [
        pair("整改措施", matter.plan, long=True),
        pair("责任人的岗位", matter.person),
        pair("计划完成日期", finish),
    ]
    lines = [
        Line(
            str(step.position),
            step.title,
            cells=[
                Cell("计划", step.due_on.isoformat()),
                Cell("完成", step.done_on.isoformat() if step.done_on else "未登记", step.note),
            ],
        )
        for step in steps
    ]
    return Section("整改方案", pairs=pairs, grid=Grid("进度节点", lines, first="节点"))


class ExtensionForm(StepForm):
    """The office reads which deadline is to be put off, to when and why, and decides."""

    def build(self) -> list[Section]:
        """The request."""
        asked = Extension.objects.select_related("of", "subject", "office").get(pk=self.item.matter_id)
        pairs = [
            pair("申请单位", asked.office.title if asked.office else ""),
            pair("事项", asked.of.title, url=reverse("task", args=[asked.item])),
            pair("环节", asked.text.get("task", "")),
            pair("目前的到期日", asked.text.get("due_on", "")),
            pair("申请延期到", asked.until.isoformat()),
            pair("理由", asked.why, long=True),
        ]
        return [Section("延期申请", "同意后原任务的时限改为申请的日期", pairs=pairs)]

    @property
    def comment(self) -> Control | None:
        """A denial says why, so that the unit can see how to manage in time."""
        if not self.writable:
            return None
        hint = "同意的可以不写；不予延期的必须写明理由，申请单位要据此安排。"
        return self.area("comment", "意见", max_length=1000, hint=hint)
