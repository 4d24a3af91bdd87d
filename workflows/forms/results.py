"""结果公示 and 结果审批: the year's results on their way."""

from audit.clock import last_day
from cycle.models import Approval, Grade, Publication, ScoringRun, Subject
from cycle.queries.packs import rules_of
from cycle.services.publicity import shown
from workflows.forms.parts import Cell, Grid, Line, Section, pair
from workflows.forms.steps import StepForm
from workflows.queries.deadlines import day_text, moment_text


class PublicationForm(StepForm):
    """What will be, or is, shown of one group."""

    def build(self) -> list[Section]:
        """The table that is published."""
        publication = Publication.objects.select_related("cycle", "run").get(pk=self.item.matter_id)
        units = shown(publication)["units"]
        lines = [
            Line(
                unit["unit"],
                unit["unit"],
                cells=[
                    Cell("名次", str(unit["rank"] or "—"), is_number=True),
                    Cell("综合得分", unit["total"], is_number=True),
                    Cell("等次", unit["grade"]),
                ],
            )
            for unit in units
        ]
        pairs = [pair("计分", f"第 {publication.run.number} 次" if publication.run else "")]
        if publication.published_at and publication.closes_at:
            pairs += [
                pair("公示开始", moment_text(publication.published_at)),
                pair("公示截止", f"{day_text(last_day(publication.closes_at))} 24:00"),
            ]
        note = "开始公示后，公示内容固定不变" if self.item.step == "publish" else ""
        return [Section("公示内容", note, pairs, grid=Grid("公示名单", lines, first="单位"))]


class ApprovalForm(StepForm):
    """The results of all groups, on their way to the government's approval."""

    def build(self) -> list[Section]:
        """A table for each group."""
        approval = Approval.objects.select_related("cycle", "run").get(pk=self.item.matter_id)
        groups = rules_of(approval.cycle).groups
        run: ScoringRun | None = approval.run
        grades = Grade.objects.filter(run=run).select_related("subject").order_by("rank", "subject__position")
        found = list(grades)
        return [
            Section(
                definition.title,
                f"第 {run.number} 次计分" if run else "",
                grid=Grid(
                    definition.title,
                    [_line(each) for each in found if _in(each.subject, group)],
                    first="单位",
                ),
            )
            for group, definition in groups.items()
        ]


def _in(subject: Subject, group: str) -> bool:
    return subject.group == group


def _line(grade: Grade) -> Line:
    cells = [
        Cell("名次", str(grade.rank or "—"), is_number=True),
        Cell("综合得分", grade.total, is_number=True),
        Cell("加分", grade.bonus, is_number=True),
        Cell("减分", grade.deduction, is_number=True),
        Cell("等次", grade.grade_title or "待定"),
    ]
    return Line(str(grade.pk), grade.subject.title, cells=cells)
