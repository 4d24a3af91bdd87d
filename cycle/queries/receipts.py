"""Whether and when a unit received a paper: its head signed for it, or it is deemed received."""

import datetime as dt

from audit import clock
from cycle.models import Appeal, ChangeNotice, Feedback
from cycle.services.days import in_words

Served = Feedback | ChangeNotice | Appeal


def received_on(paper: Served) -> dt.date | None:
    """Return the day of receipt, by signature or deemed; None while it is still waited for."""
    if isinstance(paper, Appeal):
        signed = paper.text.get("signed_on")
        return dt.date.fromisoformat(signed) if signed else paper.deemed_on
    return clock.local_date(paper.signed_at) if paper.signed_at else paper.deemed_on


def receipt_words(paper: Served) -> str:
    """Return the receipt in one sentence, as the paper and its page say it."""
    day = received_on(paper)
    if day is None:
        return "尚未签收，请单位负责人在待办中阅读后签收。"
    if paper.deemed_on:
        return f"{deemed_words(day)}。"
    if isinstance(paper, Appeal) or paper.signed_at is None:
        return f"已于 {in_words(day)}由单位负责人签收。"
    return f"已于 {in_words(day)} {clock.local(paper.signed_at):%H:%M} 由单位负责人签收。"


def deemed_words(day: dt.date) -> str:
    """Return how lists name a paper that nobody signed for in time."""
    return f"逾期未签收，{in_words(day)}视为送达"
