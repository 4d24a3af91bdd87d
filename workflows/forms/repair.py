"""重新核验、变更结果审批、结果变更告知: what follows a decision that changes a result."""

import json
from typing import Any

from django.urls import reverse

from audit import blobs
from cycle.models import AdjustmentClaim, ChangeNotice, Indicator, Reapproval, Recheck, ScoringRun
from cycle.queries.measured import value_text
from cycle.queries.overlay import recorded_claim
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.results import approved_before
from cycle.queries.rules import claim_items, level_titles
from cycle.queries.run_pages import grades_between
from cycle.services.change_notices import STATEMENT
from cycle.services.measuring import recorded
from cycle.services.numbers import plain
from cycle.services.rechecks import CONCLUSIONS
from workflows.forms.parts import Cell, Control, Grid, Line, Pair, Section, pair
from workflows.forms.steps import StepForm


class RecheckForm(StepForm):
    """The office that owns the point looks again; its head confirms."""

    entry_steps = frozenset({"measure"})
    evidence_steps = frozenset({"measure"})

    def build(self) -> list[Section]:
        """Why the point is looked at again, what is recorded, what was found."""
        rows = Recheck.objects.select_related("cycle__policy", "subject", "indicator", "claim", "case")
        recheck = rows.get(pk=self.item.matter_id)
        sections = [Section(recheck.title, pairs=self._why(recheck))]
        if recheck.indicator is not None:
            sections.append(self._rounds(recheck, recheck.indicator))
        elif recheck.claim is not None:
            sections.append(self._claim(recheck, recheck.claim))
        if self.entering:
            hint = "写明查阅了哪些材料、结论是什么；数值不变的也要写明理由。"
            stored = recheck.text.get("finding", "")
            field = self.area("finding", "核验情况和结论", stored, hint=hint, is_needed=True)
            sections.append(Section("核验情况", fields=[field]))
        else:
            found = pair("核验情况和结论", recheck.text.get("finding", ""), long=True)
            sections.append(Section("核验情况", pairs=[found]))
        return sections

    def _why(self, recheck: Recheck) -> list[Pair]:
        case = recheck.case
        return [
            pair("责任单位", recheck.unit.title),
            pair("得分点", recheck.get_point_display()),
            pair("起因", f"复核决定 {case.number} 退回重新核验" if case else "绩效办发现记录有误，提请更正"),
            pair("理由", recheck.why, long=True),
        ]

    def _rounds(self, recheck: Recheck, indicator: Indicator) -> Section:
        known = recorded(indicator)
        lines = [self._line(recheck, indicator, round, text) for round, text in sorted(known.items())]
        note = "只填写需要改变的轮次，空着的维持原值" if self.entering else ""
        return Section(f"指标：{indicator.title}", note, grid=Grid("重新核验的数值", lines, first="轮次"))

    def _line(self, recheck: Recheck, indicator: Indicator, round: str, text: str) -> Line:
        said = recheck.changes.get(round, {})
        new = str(said.get("actual") or said.get("score") or "")
        line = Line(round, period_title(round), [f"{plain(indicator.points)} 分"])
        line.cells = [Cell("原认定", value_text(indicator, text), is_number=True)]
        if self.entering:
            line.cells.append(Cell("重新核验为", control=self._control(indicator, round, new)))
        else:
            line.cells.append(
                Cell("重新核验为", value_text(indicator, new) if new else "维持", is_number=True)
            )
        return line

    def _control(self, indicator: Indicator, round: str, stored: str) -> Control:
        label = f"{period_title(round)}重新核验的数值"
        if indicator.method == "levels":
            options = [("", "维持原认定"), *level_titles(indicator.params).items()]
            return self.control("value", label, stored, key=round, kind="select", options=options)
        unit = "分" if indicator.method == "given" else indicator.unit
        return self.decimal("value", label, stored, key=round, unit=unit)

    def _claim(self, recheck: Recheck, claim: AdjustmentClaim) -> Section:
        item = claim_items(rules_of(recheck.cycle), recheck.unit.group, claim.sort).get(claim.item)
        now = recorded_claim(claim)
        left_out = "不予认定" if claim.state == "rejected" else "已撤销"
        standing = "已认定" if now.counts else left_out
        pairs = [
            pair("事项", claim.title),
            pair("来源文件", claim.source, long=True),
            pair("原认定", standing, note=f"{now.count} 次" if claim.sort != "veto" else ""),
        ]
        said = recheck.changes.get("claim", {})
        if not self.entering:
            pairs.append(pair("重新核验", _claim_words(said)))
            return Section("加减分和否决事项", pairs=pairs)
        stored = "void" if said.get("void") else "change" if said else "keep"
        fields = [
            self.control("conclusion", "结论", stored, kind="select", is_needed=True,
                         options=list(CONCLUSIONS.items()))
        ]  # fmt: skip
        if claim.sort != "veto":
            fields.append(self.decimal("count", "次数", str(said.get("count") or ""), hint="不变的不填。"))
        if item is not None and item.given_range is not None:
            low, high = (plain(each) for each in item.given_range)
            hint = f"{low} 到 {high} 分之间，不变的不填。"
            fields.append(
                self.decimal("points", "认定分值", str(said.get("points") or ""), unit="分", hint=hint)
            )
        return Section("加减分和否决事项", pairs=pairs, fields=fields)


def _claim_words(said: dict[str, Any]) -> str:
    if not said:
        return "维持原认定"
    if said.get("void"):
        return "撤销，不再计入"
    parts = [
        f"{said['count']} 次" if said.get("count") else "",
        f"{said['points']} 分" if said.get("points") else "",
    ]
    return "，".join(["认定", *(part for part in parts if part)])


class ReapprovalForm(StepForm):
    """What the new results change against those that were approved."""

    def build(self) -> list[Section]:
        """Why the results changed, and every unit whose total, rank or grade moved."""
        rows = Reapproval.objects.select_related("cycle", "run")
        reapproval = rows.get(pk=self.item.matter_id)
        run: ScoringRun | None = reapproval.run
        before = approved_before(run) if run else None
        if run is None or before is None:
            return []
        url = reverse("run", args=[reapproval.cycle.year, run.number])
        pairs = [
            pair("原批准", str(before)),
            pair("报批", str(run), url=url),
            pair("变更原因", run.cause, long=True),
        ]
        lines = [
            Line(
                each.code,
                each.title,
                cells=[
                    Cell("综合得分", _from_to(each.total), is_number=True),
                    Cell("名次", _from_to(each.rank), is_number=True),
                    Cell("等次", _from_to(each.grade)),
                ],
            )
            for each in grades_between(before, run)
        ]
        note = f"{len(lines)} 家单位的得分、名次或者等次有变化"
        return [
            Section("结果变更", pairs=pairs),
            Section("变化的单位", note, grid=Grid("变化的单位", lines, first="单位"),
                    empty="各单位的得分、名次和等次都没有变化，变化的只是计分依据。"),
        ]  # fmt: skip


def _from_to(values: tuple[object, object]) -> str:
    """Before and after; once where nothing moved."""
    before, after = (str(value or "—") for value in values)
    return after if before == after else f"{before} → {after}"


class ChangeForm(StepForm):
    """The head of the unit reads what changed and signs for the bytes of the notice."""

    entry_steps = frozenset({"sign"})

    def build(self) -> list[Section]:
        """Before and after, the cause, what can be done; then the signature."""
        notice = ChangeNotice.objects.get(pk=self.item.matter_id)
        content: dict[str, Any] = json.loads(blobs.read(notice.document_digest))
        old, new = content["before"], content["after"]
        lines = [
            Line(
                name,
                name,
                cells=[Cell("原结果", before, is_number=True), Cell("现结果", after, is_number=True)],
            )
            for name, before, after in (
                ("综合得分", old["total"], new["total"]),
                ("名次", _rank(old), _rank(new)),
                ("等次", old["grade"], new["grade"]),
            )
        ]
        pairs = [pair("变更原因", "；".join(each["text"] for each in content["causes"]), long=True)]
        if content["own"]:
            pairs.append(pair("本单位变化的数据", "；".join(content["own"]), long=True))
        if content["remedy"]:
            pairs.append(pair("救济途径", content["remedy"], long=True))
        pairs.append(pair("全文", "阅读、打印告知书", url=reverse("change-notice", args=[notice.pk])))
        sections = [
            Section(content["title"], f"依据《{content['policy']['title']}》", pairs),
            Section("变更前后", grid=Grid("变更前后", lines, first="项目")),
        ]
        if self.entering:
            fields = [
                self.control("password", "登录密码", kind="password", is_needed=True, max_length=200,
                             hint="请再次输入你的登录密码，确认由你本人签收；逾期未签收的，视为送达。"),
                Control("digest", "告知书摘要", notice.document_digest, kind="hidden", max_length=64),
            ]  # fmt: skip
            sections.append(Section("签收", text=STATEMENT, fields=fields))
        return sections

    @property
    def comment(self) -> Control | None:
        """Signing takes a password, not an opinion."""
        return None


def _rank(result: dict[str, Any]) -> str:
    return f"{result['rank'] or '—'} / {result['ranked']}"
