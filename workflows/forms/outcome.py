"""绩效反馈 and 结果运用: the letter to the unit, and what offices do with the result."""

import json
from typing import Any

from django.urls import reverse

from audit import blobs
from cycle.models import Consequence, Feedback
from cycle.services.feedback import STATEMENT, document
from workflows.forms.parts import Cell, Control, Grid, Line, Section, pair
from workflows.forms.steps import StepForm


class FeedbackForm(StepForm):
    """The office writes problems and advice; the head of the unit signs for the bytes of the letter."""

    entry_steps = frozenset({"serve", "sign"})

    def build(self) -> list[Section]:
        """The letter as it is, or as it would be; then what this step adds."""
        letter = Feedback.objects.select_related("cycle", "run", "subject").get(pk=self.item.matter_id)
        content = _content(letter)
        sections = [_result(content), Section("各部分得分", grid=_components(content))]
        if letter.document_digest:
            url = reverse("letter", args=[letter.pk])
            sections[0].pairs.append(pair("全文", "阅读、打印反馈书", url=url))
        if self.entering and self.item.step == "serve":
            return [*sections, Section("意见和建议", fields=self._advice(letter))]
        pairs = [
            pair("存在问题", content["problems"] or "无", long=True),
            pair("意见和建议", content["advice"], long=True),
        ]
        sections.append(Section("意见和建议", pairs=pairs))
        if self.entering:
            fields = [
                self.control("password", "登录密码", kind="password", is_needed=True, max_length=200,
                             hint="请再次输入你的登录密码，确认由你本人签收。"),
                Control("digest", "反馈书摘要", letter.document_digest, kind="hidden", max_length=64),
            ]  # fmt: skip
            sections.append(Section("签收", text=STATEMENT, fields=fields))
        return sections

    def _advice(self, letter: Feedback) -> list[Control]:
        stored = letter.text
        return [
            self.area("problems", "存在问题", stored.get("problems", ""), hint="没有的可以不写。"),
            self.area("advice", "意见和建议", stored.get("advice", ""), is_needed=True),
        ]

    @property
    def comment(self) -> Control | None:
        """Signing takes a password, not an opinion."""
        return None


def _content(letter: Feedback) -> dict[str, Any]:
    """The letter's own bytes once it is served, else what it would say."""
    if letter.document_digest:
        stored: dict[str, Any] = json.loads(blobs.read(letter.document_digest))
        return stored
    return document(letter)


def _result(content: dict[str, Any]) -> Section:
    pairs = [
        pair("单位", content["unit"]),
        pair("综合得分", content["total"]),
        pair("名次", f"{content['rank'] or '—'} / {content['ranked']}"),
        pair("等次", content["grade"]),
        pair("加分", content["bonus"]),
        pair("减分", content["deduction"]),
    ]
    return Section(content["title"], f"依据《{content['policy']['title']}》", pairs)


def _components(content: dict[str, Any]) -> Grid:
    lines = [
        Line(
            each["title"],
            each["title"],
            cells=[Cell("得分", each["value"], is_number=True), Cell("依据", each["cite"])],
        )
        for each in content["components"]
    ]
    return Grid("各部分得分", lines, first="部分")


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
        sections = [Section(use.title, pairs=pairs)]
        if self.entering:
            sections.append(Section("执行情况", fields=self._fields(use)))
        elif use.text.get("result"):
            done = [pair("执行情况", use.text["result"], long=True)]
            if use.text.get("paid"):
                done.append(pair("实际金额", f"{use.text['paid']} 元"))
            sections.append(Section("执行情况", pairs=done))
        return sections

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
