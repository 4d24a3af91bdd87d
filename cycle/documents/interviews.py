"""绩效面谈记录 as a paper: what was said, what was agreed, and that the unit has confirmed it."""

import datetime as dt
from typing import Any

from cycle.documents.paper import Heading, Paper, Text
from cycle.models import Interview


def interview_paper(interview: Interview, *, issuer: str) -> Paper:
    """Return the record of a talk; one that the unit has not confirmed says so."""
    text = interview.text
    return Paper(
        title=f"{interview.cycle.year} 年度绩效面谈记录",
        addressee=interview.unit.title,
        blocks=(
            Heading("面谈的时间、地点和参加人员"),
            Text(f"{_day(text['on'])}，在{text['place']}进行面谈。参加人员："),
            Text(text["present"]),
            Heading("面谈的事由和内容"),
            Text(text["topic"] or "反馈年度考核结果。"),
            Text(text["said"]),
            Heading("商定的措施"),
            Text(text["measures"] or "没有另行商定措施，按反馈书的意见和建议办理。"),
            Heading("单位确认"),
            Text(_confirmation(text)),
        ),
        signed_by=issuer,
        date=dt.date.fromisoformat(text.get("confirmed_on") or text.get("deemed_on") or text["on"]),
        is_demo=interview.cycle.is_demo,
    )


def _confirmation(text: dict[str, Any]) -> str:
    """That the unit has confirmed the record, that it let its time pass, or that it is still waited for."""
    if text.get("confirmed_on"):
        opinion = text["opinion"] or "没有补充意见"
        return f"{text['confirmed_by']}已于 {_day(text['confirmed_on'])}确认。单位意见：{opinion}。"
    if text.get("deemed_on"):
        return f"单位逾期未确认，{_day(text['deemed_on'])}视为无异议。"
    return "本记录尚未经单位确认。"


def _day(text: str) -> str:
    day = dt.date.fromisoformat(text)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
