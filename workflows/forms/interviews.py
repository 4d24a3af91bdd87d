"""绩效面谈: the office's record of the talk, the unit's confirmation."""

from cycle.models import Interview
from cycle.services.days import day, in_words
from workflows.forms.parts import Control, Section, pair
from workflows.forms.steps import COMMENT_LENGTH, StepForm


class InterviewForm(StepForm):
    """The performance office records; the head of the unit confirms with an opinion, or gives back."""

    entry_steps = frozenset({"record", "confirm"})
    evidence_steps = frozenset({"record"})

    def build(self) -> list[Section]:
        """What was planned, what was said, what is to fill in."""
        interview = Interview.objects.select_related("cycle", "subject").get(pk=self.item.matter_id)
        pairs = [
            pair("单位", interview.unit.title),
            pair("反馈书", "阅读反馈书", url=f"/letters/{interview.text['letter']}/"),
            pair("面谈事由", interview.text.get("topic") or "反馈年度考核结果", long=True),
        ]
        sections = [Section(interview.title, pairs=pairs)]
        if self.item.step == "record" and self.entering:
            return [*sections, Section("面谈记录", fields=self._fields(interview))]
        sections.append(Section("面谈记录", pairs=_recorded(interview)))
        if self.entering:
            hint = (
                "对记录和商定的措施有补充意见的写在这里，可以不写；记录不实的，请退回并写明理由；"
                "逾期未确认的，视为无异议。"
            )
            sections.append(Section("单位意见", fields=[self.area("opinion", "单位意见", hint=hint)]))
        return sections

    @property
    def comment(self) -> Control | None:
        """The unit's opinion has a field of its own; a reason is needed where the record goes back."""
        if not (self.writable and self.item.step == "confirm"):
            return None
        hint = "退回面谈记录的，写明哪些内容与实际不符；确认的不用填写。"
        return self.area("comment", "退回理由", hint=hint, max_length=COMMENT_LENGTH)

    def _fields(self, interview: Interview) -> list[Control]:
        stored = interview.text
        posts = "写职务，一行一个，例如“县绩效办负责人”“南牛乡乡长”，不写身份证号、电话等个人信息。"
        return [
            self.control("on", "面谈日期", stored["on"], kind="date", is_needed=True),
            self.control("place", "面谈地点", stored["place"], is_needed=True, max_length=100),
            self.area("present", "参加人员", stored.get("present", ""), is_needed=True, hint=posts),
            self.area("said", "面谈内容", stored.get("said", ""), is_needed=True,
                      hint="反馈了哪些问题、单位说明了什么情况、双方怎样认识。"),
            self.area("measures", "商定的措施", stored.get("measures", ""),
                      hint="谁负责、做什么、什么时候完成。"),
        ]  # fmt: skip


def _recorded(interview: Interview) -> list[dict[str, object]]:
    stored = interview.text
    return [
        pair("日期、地点", f"{in_words(day(stored['on'], what='面谈日期'))}，{stored['place']}"),
        pair("参加人员", stored.get("present"), long=True),
        pair("面谈内容", stored.get("said"), long=True),
        pair("商定的措施", stored.get("measures") or "没有另行商定", long=True),
        *([pair("单位意见", stored["opinion"], long=True)] if stored.get("opinion") else []),
    ]
