"""指标申报: targets and work plans of a unit's indicators."""

from decimal import Decimal
from functools import cached_property

from cycle.models import Indicator
from cycle.services.numbers import plain
from workflows.forms.parts import Cell, Grid, Line, Pair, Section, pair
from workflows.forms.steps import StepForm


def requirement(indicator: Indicator) -> list[Pair]:
    """Return what an indicator asks for, as facts that fold away."""
    return [
        pair("验收标准", indicator.standard, long=True),
        pair("计分规则", indicator.rule, long=True),
        pair("数据来源", indicator.source),
        pair("采集单位", indicator.collector.title if indicator.collector else ""),
    ]


class SheetForm(StepForm):
    """The unit declares; everybody after it reads and may name the lines that are wrong."""

    entry_steps = frozenset({"declare"})
    evidence_steps = frozenset({"declare"})

    def build(self) -> list[Section]:
        """One line for each indicator."""
        total = sum((each.points for each in self.indicators), start=Decimal(0))
        note = f"共 {len(self.indicators)} 项，合计 {plain(total)} 分"
        grid = Grid(
            "年度指标和工作计划",
            [self._line(each) for each in self.indicators],
            can_pick=self.judging,
            blocks=self.entering,
        )
        return [Section("指标和工作计划", note, grid=grid)]

    @cached_property
    def indicators(self) -> list[Indicator]:
        """The indicators of the unit, the newest version of each."""
        rows = Indicator.objects.filter(cycle=self.item.cycle_id, subject=self.item.subject_id)
        rows = rows.exclude(state__in=["superseded", "dropped"]).select_related("plan", "collector")
        return list(rows.order_by("position"))

    def _line(self, each: Indicator) -> Line:
        key, plan = str(each.pk), each.plan
        notes = [f"{plain(each.points)} 分"] if self.entering else []
        if each.is_key:
            notes.append("重点工作目标")
        if each.last_year is not None:
            notes.append(f"上年实绩 {plain(each.last_year)} {each.unit}".strip())
        line = Line(key, each.title, notes, details=requirement(each), returned=self.reason_for(key))
        if self.entering:
            controls = [
                self.decimal("target", "目标值", each.target, key=key, unit=each.unit),
                self.control("sections", "责任科室", plan.sections, key=key, max_length=120),
                self.area("measures", "工作措施", plan.measures, key=key, is_needed=True),
                self.area("milestones", "进度安排", plan.milestones, key=key),
            ]
            line.cells = [Cell(control.label, control=control) for control in controls]
            return line
        line.cells = [
            Cell("目标值", f"{each.target} {each.unit}".strip() or "—", is_number=True),
            Cell("分值", plain(each.points), is_number=True),
            Cell("工作措施", plan.measures or "—", note=plan.sections),
        ]
        line.details.append(pair("进度安排", plan.milestones, long=True))
        return line

    def evidence_points(self) -> list[tuple[str, str]]:
        """Each indicator."""
        return [(str(each.pk), each.title) for each in self.indicators]
