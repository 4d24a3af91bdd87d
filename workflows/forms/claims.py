"""加减分认定: bonus, deduction and veto facts."""

from cycle.models import AdjustmentClaim, Subject
from cycle.queries.packs import rules_of
from cycle.queries.rules import claim_items
from cycle.services.claims import ANSWERS
from cycle.services.numbers import plain
from workflows.forms.parts import Control, Section, pair
from workflows.forms.steps import StepForm


class ClaimForm(StepForm):
    """The claimant hands in with documents; others read and decide."""

    entry_steps = frozenset({"submit", "answer"})
    evidence_steps = frozenset({"submit", "answer"})

    def build(self) -> list[Section]:
        """The item with its article, and what the claimant states."""
        claim = AdjustmentClaim.objects.select_related("cycle__policy").get(pk=self.item.matter_id)
        unit = Subject.objects.get(matters=claim.pk)
        item = claim_items(rules_of(claim.cycle), unit.group, claim.sort)[claim.item]
        pairs = [
            pair("责任单位", unit.title),
            pair("类别", claim.get_sort_display()),
            pair("事项", item.title),
            pair("分值", self._points(claim, item.points, item.given_range is not None)),
            pair("次数", claim.count),
            pair("发生日期", claim.happened_on.isoformat() if claim.happened_on else ""),
            pair("依据", f"《{claim.cycle.policy.title}》{item.cite}", long=True),
        ]
        if claim.fact:
            pairs.append(pair("同一事项", claim.fact, note="同一事项只按最高一级计一次", long=True))
        if self.item.step != "submit" or not self.entering:
            pairs.append(pair("来源文件", claim.source, long=True))
            return [Section("认定事项", pairs=pairs), *self._answer(claim)]
        fields = [
            self.control("source", "来源文件名称、文号", claim.source, is_needed=True, max_length=200,
                         hint="例如：关于表彰先进单位的决定（市政发〔2026〕12 号）。")
        ]  # fmt: skip
        if item.given_range:
            low, high = item.given_range
            hint = f"考核办法规定由决定机关给分，申请分值在 {plain(low)} 到 {plain(high)} 分之间。"
            fields.append(
                self.decimal("points", "申请分值", plain(claim.points), unit="分", hint=hint, is_needed=True)
            )
        return [Section("认定事项", pairs=pairs), Section("申报内容", "提交前请上传证明文件", fields=fields)]

    @property
    def comment(self) -> Control | None:
        """The unit's answer is its statement; everybody else gives an opinion."""
        return None if self.entering and self.item.step == "answer" else super().comment

    def _answer(self, claim: AdjustmentClaim) -> list[Section]:
        """What the unit says to a deduction or veto: to fill in, or to read."""
        if self.entering:
            hint = "写明事实经过、理由和依据；有证明材料的，在“佐证材料”中上传。没有异议的可以不写。"
            fields = [
                self.control("accepts", "对这一事项", kind="select", is_needed=True,
                             options=[("", "请选择"), *ANSWERS.items()]),
                self.area("statement", "陈述和申辩", hint=hint),
            ]  # fmt: skip
            note = "本事项是对本单位的减分或者否决。核实前请在时限内陈述意见；逾期没有陈述的，不视为认可。"
            return [Section("单位陈述意见", note, fields=fields)]
        said = claim.text.get("answer")
        if said is None:
            return []
        if not said["accepts"]:
            return [Section("单位陈述意见", text=f"单位到 {said['on']} 没有陈述意见，不视为认可。")]
        pairs = [
            pair("对这一事项", ANSWERS[said["accepts"]].partition("，")[0]),
            pair("陈述人、日期", f"{said['by']}，{said['on']}"),
            pair("陈述和申辩", said["statement"] or "没有补充", long=True),
        ]
        return [Section("单位陈述意见", pairs=pairs)]

    def _points(self, claim: AdjustmentClaim, ruled: str, is_given: bool) -> str:
        if claim.sort == "veto":
            return "否决事项，不计分值"
        return (
            (f"{plain(claim.points)} 分" if claim.points is not None else "由决定机关确定")
            if is_given
            else f"{ruled} 分"
        )
