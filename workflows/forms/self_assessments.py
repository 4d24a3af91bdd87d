"""年度自评: the unit's own account of its year."""

from cycle.services.self_assessments import MIN_LENGTH
from workflows.forms.parts import Section, pair
from workflows.forms.steps import StepForm

TITLES = {
    "summary": ("完成情况", "写清做了什么、做到什么程度、群众得到什么，避免空话。"),
    "problems": ("存在问题", "写清哪些指标没有完成或者完成得不好，原因是什么。"),
    "plans": ("改进措施", "写清谁负责、什么时候完成。"),
}


class SelfAssessmentForm(StepForm):
    """Three texts."""

    entry_steps = frozenset({"write"})
    evidence_steps = frozenset({"write"})

    def build(self) -> list[Section]:
        """The texts, to write or to read."""
        stored = self.matter.text
        if not self.entering:
            pairs = [pair(title, stored.get(name, ""), long=True) for name, (title, _) in TITLES.items()]
            return [Section("自评报告", pairs=pairs)]
        fields = [
            self.area(name, title, stored.get(name, ""), hint=hint, is_needed=True, max_length=4000)
            for name, (title, hint) in TITLES.items()
        ]
        return [Section("自评报告", f"每部分不少于 {MIN_LENGTH} 个字", fields=fields)]
