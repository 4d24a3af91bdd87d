"""申诉复核 and 回避: what each step of an appeal shows and asks for."""

from functools import cached_property
from typing import ClassVar

from django.urls import reverse

from audit import clock
from cycle.models import Appeal, Proposal, Recusal
from cycle.queries.appointable import appointable
from cycle.queries.conflicts import eligible
from cycle.queries.points import point_contested
from workflows.forms.parts import Control, Pair, Section, pair
from workflows.forms.steps import COMMENT_LENGTH, StepForm
from workflows.queries.appeal_words import drafts_of, impact_lines, impact_of, proposal_pairs
from workflows.queries.deadlines import moment_text

ANSWERED = ("investigate", "decide", "approve")
"""The steps that show what the case has brought to light; the parties' own steps do not."""
HINTS = {
    "accept": "受理的可以不写。要求补正的，写明缺什么、怎么补；不予受理的，写明理由，申诉单位会看到。",
    "approve": "同意的可以不写。退回的必须写明理由，承办人要据此修改。",
    "appoint": "写明指定的理由和会议依据，将记入台账。",
}


class AppealForm(StepForm):
    """The unit says what it contests; the others accept, answer, investigate, decide."""

    entry_steps = frozenset({"file", "appoint", "accept", "supplement", "answer", "investigate"})
    evidence_steps = frozenset({"file", "supplement", "answer", "investigate"})
    FIELDS: ClassVar[dict[str, str]] = {
        "file": "_filing",
        "appoint": "_appointing",
        "accept": "_accepting",
        "supplement": "_supplementing",
        "answer": "_answering",
        "investigate": "_investigating",
    }

    def build(self) -> list[Section]:
        """The point, what was said about it so far, and what this step asks for."""
        sections = [self._point()]
        if not (self.entering and self.item.step == "file"):
            sections.append(self._said())
        # Deliberation is on the desk of whoever prepares the decision; others who may read it open the file.
        if self.writable and self.item.step in ANSWERED:
            sections += self._found_out()
        if self.item.step == "sign" or (self.writable and self.item.step in ("decide", "approve")):
            sections += self._decision()
        if self.entering:
            sections.append(getattr(self, self.FIELDS[self.item.step])())
        return sections

    @cached_property
    def appeal(self) -> Appeal:
        """The appeal with all that its page names."""
        related = ("cycle__policy", "subject", "run", "indicator__subject", "claim", "reviewer")
        return Appeal.objects.select_related(*related).get(pk=self.item.matter_id)

    @cached_property
    def comment(self) -> Control | None:
        """Where a step may go more than one way its words are asked for; filing and answering say all."""
        if not self.writable or self.item.step in ("file", "supplement", "answer", "investigate", "sign"):
            return None
        hint = HINTS.get(self.item.step, "需要向批准人说明的写在这里，可以不写。")
        return self.area("comment", "意见", hint=hint, max_length=COMMENT_LENGTH)

    def _point(self) -> Section:
        appeal, point = self.appeal, point_contested(self.appeal)
        url = reverse("appeal", args=[appeal.pk])
        pairs = [
            pair("申诉单位", appeal.unit.title),
            pair("得分点", point.title, url=url, note="打开案卷"),
            pair("类别", appeal.get_point_display()),
            pair("分值", f"{point.full} 分" if point.indicator else point.full),
            pair("原认定", f"{point.score} 分" if point.indicator and point.score else point.score),
            pair("计分", str(appeal.run)),
            pair("依据", f"《{appeal.cycle.policy.title}》{point.cite}", long=True),
            pair("申诉期", appeal.window.get("words", ""), long=True),
        ]
        if appeal.filed_at:
            pairs.insert(6, pair("提交时间", moment_text(appeal.filed_at)))
        return Section("申诉的得分点", pairs=pairs)

    def _said(self) -> Section:
        appeal = self.appeal
        pairs = [
            pair("申诉理由", appeal.get_ground_display(), long=True),
            pair("事实和理由", appeal.facts, long=True),
            pair("复核请求", appeal.request, long=True),
        ]
        if appeal.text.get("asked"):
            pairs.append(pair("要求补正", appeal.text["asked"], long=True))
        if appeal.text.get("supplement"):
            pairs.append(pair("补正说明", appeal.text["supplement"], long=True))
        return Section("申诉内容", pairs=pairs)

    def _found_out(self) -> list[Section]:
        appeal, answer = self.appeal, self.appeal.text.get("answer")
        said = answer["text"] if answer else "原认定机构在期限内没有书面答复。"
        title = f"原认定机构答复：{answer['office']}" if answer else "原认定机构答复"
        pairs = [pair(title, said, long=True)]
        if appeal.text.get("findings"):
            pairs.append(pair("调查核实的情况", appeal.text["findings"], long=True))
        return [Section("答复和调查", pairs=pairs)]

    def _filing(self) -> Section:
        fields = [
            self.area("facts", "事实和理由", self.appeal.facts, is_needed=True,
                      hint="写清楚认定错在哪里、正确的应当是什么、凭什么，一件一件写。"),
            self.area("request", "复核请求", self.appeal.request, is_needed=True,
                      hint="希望怎样改正，例如：按入库数 3.2 亿元重新计分。"),
        ]  # fmt: skip
        note = "提交以后不能修改；材料在下面上传"
        return Section(f"申诉理由：{self.appeal.get_ground_display()}", note, fields=fields)

    def _appointing(self) -> Section:
        people = [
            (each.user.username, f"{each.user.name}（{each.office.title}）")
            for each in appointable(self.appeal, clock.now())
        ]
        fields = [
            self.control("person", "复核人员", kind="select", is_needed=True,
                         options=[("", "请选择"), *people], hint="名单中只列没有回避情形的人员。"),
            self.control("until", "任职止日", kind="date", is_needed=True, max_length=10,
                         hint="到期后自动离开复核机构，应当晚于本案办结的日期。"),
        ]  # fmt: skip
        text = "复核机构的人员在本案中都应当回避，由领导小组另行指定一人，任职期限内以复核机构名义办理。"
        return Section("指定复核人员", text=text, fields=fields)

    def _accepting(self) -> Section:
        people = eligible(self.appeal, self.item.office_id, clock.now())
        options = [("", "请选择"), *((str(user.pk), user.name) for user in people)]
        field = self.control(
            "reviewer", "复核承办人", kind="select", options=options, is_needed=True,
            hint="名单中只列没有回避情形的人员；由承办人调查、拟定决定。",
        )  # fmt: skip
        asked = "本案已经要求补正过一次，不能再次要求。" if self.appeal.text.get("asked") else ""
        return Section("受理", text=asked, fields=[field])

    def _supplementing(self) -> Section:
        field = self.area("supplement", "补正说明", self.appeal.text.get("supplement", ""), is_needed=True,
                          hint="写明补交了哪些材料、说明了什么；材料在下面上传。")  # fmt: skip
        return Section("补正", "逾期没有补正的，按现有材料审查", fields=[field])

    def _answering(self) -> Section:
        field = self.area("answer", "书面答复", is_needed=True,
                          hint="写明数据来源、认定过程，以及对申诉理由的意见。")  # fmt: skip
        return Section("答复", "佐证材料在下面上传", fields=[field])

    def _investigating(self) -> Section:
        field = self.area("findings", "调查核实的情况", self.appeal.text.get("findings", ""), is_needed=True,
                          hint="写明查了什么、查明什么、采信哪些证据；写入复核决定书。")  # fmt: skip
        return Section("调查", fields=[field])

    def _decision(self) -> list[Section]:
        appeal, newest = self.appeal, self.appeal.proposals.order_by("-number").first()
        if self.item.step == "sign":
            return [self._served()]
        if newest is None:
            url = reverse("appeal", args=[appeal.pk]) + "#draft"
            pairs = [pair("拟定决定", "还没有保存决定稿，请先到案卷页拟定", url=url, long=True)]
            return [Section("拟作出的决定", pairs=pairs)]
        sections = [self._proposed(newest)]
        if self.item.step == "approve":
            sections += self._for_approval(newest)
        return sections

    def _proposed(self, newest: Proposal) -> Section:
        pairs = proposal_pairs(newest, self.appeal)
        if self.writable and self.item.step == "decide":
            url = reverse("appeal", args=[self.appeal.pk]) + "#draft"
            pairs.append(pair("修改", "需要修改的，到案卷页另存一稿", url=url, long=True))
        return Section("拟作出的决定", f"第 {newest.number} 稿，{moment_text(newest.saved_at)} 保存", pairs)

    def _for_approval(self, newest: Proposal) -> list[Section]:
        found, problem = impact_of(self.appeal, newest)
        pairs = [pair(label, words, long=True) for label, words in impact_lines(found)] if found else []
        nothing = "批准后，没有单位的得分、名次、等次和结果运用发生变化。"
        text = problem or ("" if pairs else nothing)
        drafts: list[Pair] = [pair(label, words, long=True) for label, words in drafts_of(self.appeal)]
        return [Section("批准后的变化", pairs=pairs, text=text), Section("全部决定稿", pairs=drafts)]

    def _served(self) -> Section:
        appeal = self.appeal
        url = reverse("appeal-decision", args=[appeal.pk])
        pairs = [
            pair("文号", appeal.number),
            pair("决定", appeal.get_outcome_display()),
            pair("决定日期", moment_text(appeal.decided_at)),
            pair("全文", "阅读、打印复核决定书", url=url, long=True),
        ]
        return Section("复核决定", "签收只表示收到；逾期未签收的，视为送达", pairs)


class RecusalForm(StepForm):
    """The leading group decides whether a person stands aside, and who takes the case over."""

    entry_steps = frozenset({"decide"})

    def build(self) -> list[Section]:
        """Who asks about whom and why; who takes over where it is the case's reviewer."""
        related = ("person", "office", "case__cycle", "case__subject", "case__run", "case__reviewer")
        recusal = Recusal.objects.select_related(*related).get(pk=self.item.matter_id)
        case = recusal.case
        pairs = [
            pair("被申请人", recusal.person.name),
            pair("申请单位", recusal.office.title if recusal.office else ""),
            pair("本案承办人", case.reviewer.name if case.reviewer else "尚未指定"),
            pair("案件", case.title, url=reverse("appeal", args=[case.pk]), long=True),
            pair("申请理由", recusal.why, long=True),
        ]
        sections = [Section("回避申请", "决定之前，被申请人暂停办理本案", pairs)]
        if self.entering and recusal.person_id == case.reviewer_id:
            people = eligible(case, case.office_id, clock.now())  # type: ignore[arg-type]
            options = [("", "请选择"), *((str(user.pk), user.name) for user in people)]
            field = self.control("reviewer", "接办人员", kind="select", options=options,
                                 hint="决定回避的必须同时指定；名单为空的，先在案卷页指定。")  # fmt: skip
            sections.append(Section("接办", fields=[field]))
        return sections
