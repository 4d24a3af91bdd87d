"""指标调整: what is changed, added and dropped, line by line."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property

from django.urls import reverse

from cycle.models import AdjustmentLine, Indicator, IndicatorAdjustment, Subject
from cycle.queries.adjustment_words import (
    changes_of,
    label_of,
    reach,
    title_of,
    words_of,
)
from cycle.queries.adjustments import current, season_of
from cycle.queries.method_words import METHOD_TITLES
from cycle.queries.packs import rules_of
from cycle.queries.rules import indicator_points
from cycle.services.adjusted_values import collectors_for, rounds_of, texts_of, version_of
from cycle.services.adjusting import resulting
from cycle.services.numbers import plain
from workflows.forms.parts import Cell, Control, Grid, Line, Pair, Section, pair
from workflows.forms.sheets import requirement
from workflows.forms.steps import StepForm

Options = list[tuple[str, str]]


class AdjustmentForm(StepForm):
    """Whoever asks fills the lines in and proves the ground; everybody after it compares before and after."""

    entry_steps = frozenset({"request"})
    evidence_steps = frozenset({"request"})

    def build(self) -> list[Section]:
        """The request, its lines, what they come to."""
        if self.entering:
            return [self._asked(), self._entries()]
        return [self._asked(), *(self._compared(line) for line in self.lines), self._outcome()]

    @cached_property
    def adjustment(self) -> IndicatorAdjustment:
        """The request."""
        rows = IndicatorAdjustment.objects.select_related("cycle__policy", "office", "subject")
        return rows.get(pk=self.item.matter_id)

    @cached_property
    def unit(self) -> Subject:
        """The unit whose indicators are adjusted."""
        unit = self.adjustment.unit
        unit.cycle = self.adjustment.cycle
        return unit

    @cached_property
    def lines(self) -> list[AdjustmentLine]:
        """The lines in their order."""
        rows = self.adjustment.changes.select_related("indicator__subject", "indicator__collector")
        return list(rows)

    def evidence_points(self) -> list[tuple[str, str]]:
        """The indicators that exist already."""
        return [(str(line.indicator.pk), line.indicator.title) for line in self.lines if line.indicator]

    def _asked(self) -> Section:
        adjustment = self.adjustment
        pairs = [
            pair("责任单位", self.unit.title),
            pair("提出机构", adjustment.office.title if adjustment.office else ""),
            pair("调整事由", adjustment.get_ground_display()),
        ]
        if not self.entering:
            pairs += [
                pair("生效日期", adjustment.effective_on.isoformat()),
                pair("批准机关", self._approver()),
                pair("理由和依据", adjustment.reason, long=True),
            ]
            return Section("申请", pairs=pairs)
        url = reverse("adjustment-lines", args=[self.item.pk])
        pairs.append(pair("申请时间", season_of(adjustment.cycle).words, long=True))
        pairs.append(pair("调整的指标", f"共 {len(self.lines)} 项，增减调整的指标", url=url))
        hint = "写明政策文件、机构调整决定的名称和文号，或者不可抗力的情况和对指标的影响。"
        fields = [
            self.area("reason", "理由和依据", adjustment.reason, hint=hint, is_needed=True),
            self.control(
                "effective_on", "生效日期", adjustment.effective_on.isoformat(), kind="date", is_needed=True,
                hint="已经汇总上报的月份和已经采集核定的评估期次不能追溯调整。",
            ),
        ]  # fmt: skip
        return Section("申请", "提交前请上传佐证材料", pairs=pairs, fields=fields)

    def _approver(self) -> str:
        if self.adjustment.needs_government:
            return "涉及重点工作目标，领导小组同意后报县政府批准"
        return "领导小组"

    def _entries(self) -> Section:
        before, wanted = _sums(current(self.unit)), self._wanted
        note = "；".join(
            f"{words_of('component', key, self.unit)}现行合计 {plain(before[key])} 分，"
            f"调整后应当是 {plain(points)} 分"
            for key, points in wanted.items()
        )
        grid = Grid("调整的指标", [self._entry(line) for line in self.lines], blocks=True)
        return Section("调整内容", note, grid=grid, empty="还没有选择指标。")

    @cached_property
    def _wanted(self) -> dict[str, Decimal]:
        return indicator_points(rules_of(self.unit.cycle), self.unit.group)

    def _entry(self, line: AdjustmentLine) -> Line:
        details = requirement(line.indicator) if line.indicator else []
        entry = Line(str(line.pk), title_of(line), details=details, returned=self.reason_for(str(line.pk)))
        if line.action == AdjustmentLine.Action.DROP:
            entry.notes.append("从生效之日起不再考核；分值要由其他指标承担。")
            return entry
        if line.indicator and line.indicator.is_key:
            entry.notes.append("重点工作目标，调整须报政府批准")
        entry.cells = [Cell(control.label, control=control) for control in self._controls(line)]
        return entry

    def _controls(self, line: AdjustmentLine) -> Iterator[Control]:
        key, said = str(line.pk), texts_of(line, self.unit)
        component = version_of(line, self.unit).component
        measure = line.indicator.unit if line.indicator else ""
        if line.indicator is None:
            yield from self._identity(key, said)
        yield self.decimal("points", "分值", said["points"], key=key, unit="分", is_needed=True)
        yield self.control("target", "全年目标值", said["target"], key=key, unit=measure, max_length=40)
        for round in rounds_of(self.unit, component or self._components()[0][0]):
            name = f"target_{round}"
            yield self.control(name, label_of(name), said.get(name, ""), key=key, unit=measure, max_length=40)
        collectors = [("", "请选择"), *((str(each.pk), each.title) for each in collectors_for(self.unit))]
        yield self._select("collector", said, key, collectors)
        methods = list(METHOD_TITLES.items())
        yield self._select("method", said, key, methods if said["method"] else [("", "按考核办法"), *methods])
        hint = "多数计分方法不用填；分档、分级的写法与指标导入表的“方法参数”一列相同。"
        yield self.area("params", "方法参数", said["params"], key=key, hint=hint)
        yield self.area("standard", "验收标准", said["standard"], key=key, is_needed=True)
        yield self.area("rule", "计分规则", said["rule"], key=key, is_needed=True)
        yield self.control("source", "数据来源", said["source"], key=key, max_length=120)

    def _identity(self, key: str, said: dict[str, str]) -> Iterator[Control]:
        """What an added indicator is: a changed one stays what it was."""
        yield self.control("title", "指标名称", said["title"], key=key, is_needed=True, max_length=120)
        yield self._select("component", said, key, self._components())
        headings = self._headings()
        if headings:
            yield self._select("heading", said, key, [("", "请选择"), *headings])
        yield self.control("unit", "计量单位", said["unit"], key=key, max_length=20)
        yield self._select("is_key", said, key, [("", "否"), ("yes", "是，由政府会议审议确定")])
        yield self.area("measures", "工作措施", said["measures"], key=key)
        yield self.area("milestones", "进度安排", said["milestones"], key=key)
        yield self.control("sections", "责任科室", said["sections"], key=key, max_length=120)

    def _select(self, name: str, said: dict[str, str], key: str, options: Options) -> Control:
        stored = said[name] or options[0][0]
        return self.control(
            name, label_of(name), stored, key=key, kind="select", options=options, is_needed=True
        )

    def _components(self) -> Options:
        return [(key, words_of("component", key, self.unit)) for key in self._wanted]

    def _headings(self) -> Options:
        content = rules_of(self.unit.cycle).content[self.unit.group].components.values()
        return [option for one in content for option in one.headings.items()]

    def _compared(self, line: AdjustmentLine) -> Section:
        if line.action == AdjustmentLine.Action.DROP and line.indicator:
            pairs: list[Pair] = [
                pair("分值", f"{plain(line.indicator.points)} 分"),
                pair("全年目标值", f"{line.indicator.target} {line.indicator.unit}".strip()),
            ]
            return Section(title_of(line), "从生效之日起不再考核", pairs=pairs)
        pairs = [
            pair(
                each.label,
                each.after,
                note=f"原为：{each.before or '空'}" if line.indicator else "",
                long=each.is_long,
            )
            for each in changes_of(line, self.unit)
        ]
        is_key = bool(line.indicator and line.indicator.is_key) or bool(line.values.get("is_key"))
        return Section(title_of(line), "重点工作目标" if is_key else "", pairs=pairs)

    def _outcome(self) -> Section:
        lines, unit = self.lines, self.unit
        pairs = [pair("生效和计分", reach(unit, lines, self.adjustment.effective_on), long=True)]
        if not self.adjustment.is_final:
            after = _sums(resulting(unit, lines))
            pairs += [
                pair(
                    words_of("component", key, unit),
                    f"调整后合计 {plain(after[key])} 分",
                    note=f"考核办法规定 {plain(points)} 分",
                )
                for key, points in self._wanted.items()
            ]
        return Section("调整结果", pairs=pairs)


def _sums(indicators: Iterable[Indicator]) -> dict[str, Decimal]:
    """Points by component; 0 for one without indicators."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in indicators:
        sums[each.component] += each.points
    return sums
