"""绩效反馈: the office writes problems and advice, the head of the unit signs for the letter's bytes."""

from fractions import Fraction
from typing import Any

from django.urls import reverse

from audit import clock
from cycle.models import Feedback
from cycle.queries.letters import STATEMENT, content_of
from cycle.queries.suggesting import suggested_problems
from policies.exact import plain
from workflows.forms.parts import Cell, Control, Grid, Line, Section, pair
from workflows.forms.steps import StepForm

PLACES = 4


class FeedbackForm(StepForm):
    """The letter as it is, or as it would be; then what this step adds."""

    entry_steps = frozenset({"serve", "sign"})

    def build(self) -> list[Section]:
        """Result, components, lost points; the fields of the step."""
        letter = Feedback.objects.select_related("cycle__policy", "run", "subject").get(
            pk=self.item.matter_id
        )
        content = content_of(letter, at=clock.now())
        sections = [_result(content), Section("各部分得分", grid=_components(content))]
        sections[0].pairs.append(self._whole(letter))
        if self.entering and self.item.step == "serve":
            return [*sections, *_lost(content), self._advice(letter, content)]
        sections.append(_said(content))
        return [*sections, self._signing(letter)] if self.entering else sections

    def _whole(self, letter: Feedback) -> dict[str, Any]:
        if letter.document_digest:
            return pair("全文", "阅读、打印、下载反馈书", url=reverse("letter", args=[letter.pk]))
        url = reverse("letter-preview", args=[self.item.pk])
        return pair("全文", "预览反馈书", note="预览用已保存的草稿，送达后内容不再改变", url=url)

    def _advice(self, letter: Feedback, content: dict[str, Any]) -> Section:
        kept = letter.text.get("problems")
        problems = "\n".join(suggested_problems(content)) if kept is None else kept
        hint = (
            "一行一个问题，每一行列入该单位的整改清单；行首加“★”的为重点整改。"
            "已按失分情况列出建议，请核对修改；没有的可以不写。"
        )
        return Section(
            "意见和建议",
            fields=[
                self.area("problems", "存在问题", problems, hint=hint),
                self.area("advice", "意见和建议", letter.text.get("advice", ""), is_needed=True),
            ],
        )

    def _signing(self, letter: Feedback) -> Section:
        hint = "请再次输入你的登录密码，确认由你本人签收；逾期未签收的，视为送达。"
        return Section(
            "签收",
            text=STATEMENT,
            fields=[
                self.control(
                    "password", "登录密码", kind="password", is_needed=True, max_length=200, hint=hint
                ),
                Control("digest", "反馈书摘要", letter.document_digest, kind="hidden", max_length=64),
            ],
        )

    @property
    def comment(self) -> Control | None:
        """Signing takes a password, not an opinion."""
        return None


def _result(content: dict[str, Any]) -> Section:
    pairs = [
        pair("单位", content["unit"]),
        pair("综合得分", content["total"]),
        pair("名次", f"{content['rank'] or '—'} / {content['ranked']}"),
        pair("等次", content["grade"]),
        pair("加分", content["bonus"]),
        pair("减分", content["deduction"]),
    ]
    if content.get("number"):
        pairs.append(pair("文号", content["number"]))
    return Section(content["title"], f"依据《{content['policy']['title']}》", pairs)


def _components(content: dict[str, Any]) -> Grid:
    means = {each["key"]: each["mean"] for each in content.get("standing", {}).get("components", [])}
    lines = []
    for each in content["components"]:
        cells = [Cell("得分", _short(each["value"]), is_number=True)]
        if "key" in each:
            cells += [
                Cell("满分", _short(each["points"]), is_number=True),
                Cell("本组平均", means.get(each["key"], ""), is_number=True),
            ]
        lines.append(Line(each["title"], each["title"], cells=[*cells, Cell("依据", each["cite"])]))
    return Grid("各部分得分", lines, first="部分")


def _lost(content: dict[str, Any]) -> list[Section]:
    """The indicators that lost points, the most first."""
    indicators = [one for each in content["components"] for one in each["indicators"]]
    lost = [each for each in indicators if each["lost"] not in ("", "0")]
    lines = [
        Line(
            each["key"],
            each["title"],
            cells=[
                Cell("满分", _short(each["points"]), is_number=True),
                Cell("得分", _short(each["value"]), is_number=True),
                Cell("失分", _short(each["lost"]), is_number=True),
                Cell("理由", "；".join(_reason(one) for one in each["rounds"] if one["lost"] != "0")),
            ],
        )
        for each in sorted(lost, key=lambda one: Fraction(one["lost"]), reverse=True)
    ]
    return [Section("失分指标", grid=Grid("失分指标", lines))] if lines else []


def _reason(each: dict[str, Any]) -> str:
    return f"{each['title']}：{each['numbers'] or each['reason']}" + (
        f"（{each['note']}）" if each["note"] else ""
    )


def _said(content: dict[str, Any]) -> Section:
    problems = content["problems"]
    words = "\n".join(problems) if isinstance(problems, list) else problems
    pairs = [pair("存在问题", words or "无", long=True), pair("意见和建议", content["advice"], long=True)]
    pairs += [pair("异议和申诉", "\n".join(content["rights"]), long=True)] if "rights" in content else []
    return Section("意见和建议", pairs=pairs)


def _short(value: str) -> str:
    return plain(Fraction(value), PLACES) if value else ""
