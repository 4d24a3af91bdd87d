"""数据采集核验: one collector's readings of every unit that it measures."""

from functools import cached_property

from cycle.models import Collection, Indicator, Reading, ReportLine
from cycle.queries.periods import period_end
from cycle.queries.rules import level_titles
from cycle.services.collections import indicators_of
from cycle.services.numbers import plain
from workflows.forms.parts import Cell, Control, Grid, Line, Section
from workflows.forms.sheets import requirement
from workflows.forms.steps import StepForm


class CollectionForm(StepForm):
    """The collector measures; its head and the performance office read and may name what is wrong."""

    entry_steps = frozenset({"collect"})
    evidence_steps = frozenset({"collect"})

    def build(self) -> list[Section]:
        """One line for each unit and indicator, beside what the unit itself has reported."""
        lines = [self._line(each) for each in self.indicators]
        grid = Grid("采集数据", lines, first="单位和指标", can_pick=self.judging)
        note = f"共 {len(lines)} 项；“单位上报”是责任单位报送的累计数，仅供核对，以采集的实绩计分"
        return [Section("采集数据", note, grid=grid)]

    @cached_property
    def indicators(self) -> list[Indicator]:
        """The indicators that this collection measures."""
        return indicators_of(Collection.objects.select_related("cycle", "office").get(pk=self.item.matter_id))

    @cached_property
    def readings(self) -> dict[object, Reading]:
        """What is entered already, by indicator."""
        return {each.indicator_id: each for each in Reading.objects.filter(collection=self.item.matter_id)}

    @cached_property
    def reported(self) -> dict[object, str]:
        """What the units reported for the last month of the round, by indicator."""
        ends = period_end(self.item.cycle.year, self.matter.key)
        if ends is None:
            return {}
        rows = ReportLine.objects.filter(indicator__in=self.indicators, report__key=f"m{ends.month:02d}")
        return {line: plain(value) for line, value in rows.values_list("indicator", "value")}

    def _line(self, each: Indicator) -> Line:
        key, reading = str(each.pk), self.readings.get(each.pk)
        target = each.round_values.get(self.matter.key, {}).get("target") or each.target
        subject = each.subject
        line = Line(key, each.title, [f"{plain(each.points)} 分"], group=subject.title,
                    details=requirement(each), returned=self.reason_for(key))  # fmt: skip
        line.cells = [
            Cell("目标值", f"{target} {each.unit}".strip() or "—", is_number=True),
            Cell("单位上报", self.reported.get(each.pk, "") or "—", is_number=True),
        ]
        stored = (reading.actual or plain(reading.score)) if reading else ""
        graded = level_titles(each.params).get(stored, stored) if each.method == "levels" else stored
        if self.entering:
            line.cells += [
                Cell("实绩", control=self._actual(each, key, stored)),
                Cell("说明", control=self.control("note", "说明", reading.note if reading else "", key=key,
                                                max_length=500)),
            ]  # fmt: skip
        else:
            line.cells += [
                Cell("实绩", graded or "—", is_number=True),
                Cell("说明", (reading.note if reading else "") or "—"),
            ]
        return line

    def _actual(self, each: Indicator, key: str, stored: str) -> Control:
        label = f"{each.subject.title} {each.title} 实绩"
        if each.method == "levels":
            levels = [("", "请选择"), *level_titles(each.params).items()]
            return self.control("actual", label, stored, key=key, kind="select", options=levels)
        unit = "分" if each.method == "given" else each.unit
        return self.decimal("actual", label, stored, key=key, unit=unit, is_needed=True)
