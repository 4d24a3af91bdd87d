"""结果审批: the year's results on their way to the government."""

from cycle.models import Approval, Grade, ScoringRun, Subject
from cycle.queries.packs import rules_of
from workflows.forms.parts import Cell, Grid, Line, Section
from workflows.forms.steps import StepForm


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
