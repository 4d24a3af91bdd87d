"""完成情况报告 and 汇总上报: monthly figures, their verification, the summary."""

from functools import cached_property

from django.db.models import Count

from cycle.models import Report, ReportLine
from cycle.queries.periods import period_title
from cycle.services.numbers import plain
from workflows.forms.parts import Cell, Grid, Line, Section, pair
from workflows.forms.sheets import requirement
from workflows.forms.steps import StepForm


class ReportForm(StepForm):
    """The unit fills in; its head reads; each collector confirms its lines or puts its own figures beside."""

    entry_steps = frozenset({"fill", "verify"})
    evidence_steps = frozenset({"fill"})

    def build(self) -> list[Section]:
        """One line for each indicator, with the figure of the period before."""
        lines = [self._line(row) for row in self.rows]
        note = f"{period_title(self.matter.key)}，共 {len(lines)} 项"
        if self.item.step == "verify" and self.entering:
            note = f"由本单位采集的 {len(lines)} 项；核验数留空表示与上报数一致"
        grid = Grid("各项指标完成情况", lines, can_pick=self.judging)
        return [Section("完成情况", note, grid=grid, empty="本期没有需要报送的指标，直接提交即可。")]

    @cached_property
    def rows(self) -> list[ReportLine]:
        """The lines of the report; a collector who verifies sees its own."""
        rows = ReportLine.objects.filter(report=self.matter)
        if self.item.step == "verify" and self.entering:
            rows = rows.filter(indicator__collector=self.item.office_id)
        related = rows.select_related("indicator__collector", "indicator__subject")
        return list(related.order_by("indicator__position"))

    @cached_property
    def before(self) -> dict[object, str]:
        """The figures of the month before, by indicator."""
        key = self.matter.key
        if not key.startswith("m") or key == "m01":
            return {}
        rows = ReportLine.objects.filter(
            report__kind=Report.KIND,
            report__subject=self.item.subject_id,
            report__key=f"m{int(key[1:]) - 1:02d}",
        )
        return {line: plain(value) for line, value in rows.values_list("indicator", "value")}

    def _line(self, row: ReportLine) -> Line:
        each, key = row.indicator, str(row.pk)
        unit = each.unit
        notes = [f"年度目标 {each.target} {unit}".strip()] if each.target else []
        line = Line(key, each.title, notes, details=requirement(each), returned=self.reason_for(key))
        line.cells = [Cell("上期", self.before.get(each.pk, "") or "—", is_number=True)]
        if self.entering and self.item.step == "fill":
            line.cells += [
                Cell("完成数", control=self.decimal("value", "完成数", plain(row.value), key=key, unit=unit)),
                Cell("说明", control=self.area("note", "说明", row.note, key=key, max_length=500,
                                             hint="没有进展的写明原因；已填完成数的可以不写。")),
            ]  # fmt: skip
            return line
        line.cells += [
            Cell("上报数", plain(row.value) or "—", note=unit, is_number=True),
            Cell("说明", row.note or "—"),
        ]
        if self.entering:
            line.cells += [
                Cell("核验数", control=self.decimal("verified", "核验数", key=key, unit=unit)),
                Cell("核验说明", control=self.control("remark", "核验说明", key=key, max_length=500)),
            ]
        elif row.verified is not None or row.remark:
            line.cells[-2].note = f"核验 {plain(row.verified)} {row.remark}".strip()
        return line

    def evidence_points(self) -> list[tuple[str, str]]:
        """Each indicator."""
        return [(str(row.indicator_id), row.indicator.title) for row in self.rows]


class CompilationForm(StepForm):
    """The office sees which units are in and which are missing before it passes the summary up."""

    def build(self) -> list[Section]:
        """Counts, and the units that are missing."""
        rows = Report.objects.filter(cycle=self.item.cycle_id, key=self.matter.key)
        counts = dict(rows.values_list("state").annotate(n=Count("id")))
        missing = rows.filter(state__in=["due", "filled", "approved"]).select_related("subject")
        names = [str(report.subject) for report in missing.order_by("subject__position")]
        text = self.matter.text
        if "count" in text:
            pairs = [
                pair("已汇总", f"{text['count']} 个单位"),
                pair("未报送", "、".join(text["missing"]) or "无", long=True),
            ]
        else:
            pairs = [
                pair("已核验", f"{counts.get('verified', 0)} 个单位"),
                pair("在办", f"{len(names)} 个单位"),
                pair("尚未核验的单位", "、".join(names) or "无，全部核验完毕", long=True),
            ]
        note = "上报后，尚未核验的单位在汇总表中记为缺报。" if names and self.writable else ""
        return [Section(f"{period_title(self.matter.key)}汇总", note, pairs)]
