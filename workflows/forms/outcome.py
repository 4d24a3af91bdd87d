"""结果运用: what offices do with the result."""

from cycle.models import Consequence
from cycle.queries.freezing import reason, waiting
from workflows.forms.parts import Control, Section, pair
from workflows.forms.steps import StepForm
from workflows.nodes import Choice


class UseForm(StepForm):
    """An office reports how it used the result; the performance office checks and evaluates."""

    entry_steps = frozenset({"execute"})
    evidence_steps = frozenset({"execute"})

    def build(self) -> list[Section]:
        """What is ordered, what was done."""
        use = Consequence.objects.select_related("cycle__policy", "subject", "office").get(
            pk=self.item.matter_id
        )
        pairs = [
            pair("单位", use.subject.title if use.subject else ""),
            pair("执行机构", use.office.title if use.office else ""),
            pair("依据", f"《{use.cycle.policy.title}》{use.cite}", long=True),
        ]
        if use.amount is not None:
            pairs.insert(2, pair("金额", f"{use.amount} 元", note=use.amount_basis))
        sections = [Section(use.title, pairs=pairs), *self._warnings(use)]
        if self.entering:
            sections.append(Section("执行情况", fields=self._fields(use)))
        elif use.text.get("result"):
            done = [pair("执行情况", use.text["result"], long=True)]
            if use.text.get("paid"):
                done.append(pair("实际金额", f"{use.text['paid']} 元"))
            sections.append(Section("执行情况", pairs=done))
        return sections

    def offers(self, choice: Choice) -> bool:
        """A use is undone only where the results that it rests on were changed."""
        return choice.name != "revoke" or bool(self.matter.text.get("overtaken"))

    def _warnings(self, use: Consequence) -> list[Section]:
        """What stands against carrying it out now, or against leaving it as it was carried out."""
        if use.text.get("overtaken") and use.state != "evaluated":
            return [Section("结果已变更", text=use.text["overtaken"])]
        causes = waiting(use.cycle).get((use.unit.pk, use.use)) if use.state == "ordered" else None
        if causes:
            text = f"要等{reason(causes)}办结以后才能执行：结果可能因此改变。"
            return [Section("等待办结", text=text)]
        return []

    def _fields(self, use: Consequence) -> list[Control]:
        hint = "做了什么、依据哪份文件、什么时候完成。"
        fields = [self.area("result", "执行情况", use.text.get("result", ""), hint=hint, is_needed=True)]
        if use.amount is not None:
            paid, hint = use.text.get("paid", ""), f"应执行 {use.amount} 元，精确到分。"
            fields.append(self.decimal("amount", "实际金额", paid, unit="元", hint=hint, is_needed=True))
        return fields

    @property
    def comment(self) -> Control | None:
        """At the last step the remark is the evaluation itself."""
        if self.writable and self.item.step == "evaluate":
            return self.area(
                "comment", "运用效果", is_needed=True, max_length=1000, hint="写明这项运用起到了什么作用。"
            )
        return super().comment
