"""Feedback letters as their pages show them: who may read which, the letter as a paper, the list."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from audit import clock
from audit.access import PERFORMANCE_OFFICE
from cycle.documents import Paper
from cycle.documents.letters import letter_paper
from cycle.models import Cycle, Feedback, Interview
from cycle.queries.letters import content_of, issuer_of
from cycle.queries.receipts import deemed_words, receipt_words
from cycle.queries.scopes import cycles_of, sees_all
from cycle.services.interviews import DURING


def letters_seen(seat: Any) -> QuerySet[Feedback]:
    """Return the served letters that the office may read: overseers all, a unit its own, newest first."""
    rows = Feedback.objects.filter(cycle__in=cycles_of(seat)).exclude(document_digest="")
    rows = rows.select_related("cycle__owner", "subject", "run")
    if not sees_all(seat):
        rows = rows.filter(subject__office=seat.office)
    return rows.order_by("-cycle__year", "subject__position")


def letter_seen(seat: Any, feedback_id: UUID) -> Feedback | None:
    """Return one letter that the office may read; None for any other, also one that is not served yet."""
    return letters_seen(seat).filter(pk=feedback_id).first()


def letter_table(seat: Any, cycle: Cycle) -> dict[str, Any]:
    """Return the letters of a year that the office may read, for `components/data_table.html`."""
    labels = ["单位", "文号", "送达", "签收", "面谈"]
    found = list(letters_seen(seat).filter(cycle=cycle))
    talks = _interviews(found)
    plans = _plans_talks(seat, cycle)
    return {
        "caption": f"{cycle.year} 年度绩效反馈书",
        "cards": True,
        "columns": [{"label": label} for label in (*labels, *([""] if plans else []))],
        "rows": [{"cells": _cells(each, talks.get(each.unit.pk), plans=plans)} for each in found],
    }


def _interviews(letters: list[Feedback]) -> dict[UUID, Interview]:
    """The newest interview of each unit."""
    units = [each.unit.pk for each in letters]
    rows = Interview.objects.filter(subject__in=units).select_related("subject").order_by("created_at")
    return {each.unit.pk: each for each in rows}


def _talk(talk: Interview | None) -> dict[str, Any]:
    cell: dict[str, Any] = {"label": "面谈", "text": "—" if talk is None else ""}
    if talk is not None:
        url = reverse("interview", args=[talk.pk]) if talk.state != "planned" else ""
        when = f"{talk.text['on']}，{talk.text['place']}"
        cell |= {"text": talk.state_title, "url": url, "note": when}
    return cell


def interview_url(seat: Any, letter: Feedback) -> str:
    """Return where this office plans a talk about a letter; empty where it may not, or one is under way."""
    if not _plans_talks(seat, letter.cycle):
        return ""
    return _plan_url(letter, _interviews([letter]).get(letter.unit.pk))


def _plans_talks(seat: Any, cycle: Cycle) -> bool:
    return seat.office.capacity == PERFORMANCE_OFFICE and cycle.state in DURING


def _plan_url(letter: Feedback, talk: Interview | None) -> str:
    if talk is not None and not talk.is_final:
        return ""
    return reverse("interview-new", args=[letter.pk])


def _plan(letter: Feedback, talk: Interview | None) -> dict[str, Any]:
    """The button that plans a talk; none while one is not finished."""
    url = _plan_url(letter, talk)
    if not url:
        return {"text": ""}
    return {"action": {"label": "安排面谈", "url": url, "hint": f"安排与{letter.unit.title}面谈"}}


def interview_seen(seat: Any, interview_id: UUID) -> Interview | None:
    """Return a recorded interview that the office may read: overseers all, a unit its own."""
    rows = Interview.objects.filter(cycle__in=cycles_of(seat)).exclude(state="planned")
    if not sees_all(seat):
        rows = rows.filter(subject__office=seat.office)
    return rows.select_related("cycle__owner", "subject").filter(pk=interview_id).first()


def _cells(letter: Feedback, talk: Interview | None, *, plans: bool) -> list[dict[str, Any]]:
    url = reverse("letter", args=[letter.pk])
    return [
        {"text": letter.unit.title, "url": url},
        {"label": "文号", "text": letter.text.get("number") or "—"},
        {"label": "送达", "text": _moment(letter.served_at)},
        {"label": "签收"} | _signed(letter),
        _talk(talk),
        *([_plan(letter, talk)] if plans else []),
    ]


def _signed(letter: Feedback) -> dict[str, str]:
    """When it was signed for, or that nobody did so in time."""
    if letter.deemed_on:
        return {"text": deemed_words(letter.deemed_on)}
    return {"text": _moment(letter.signed_at)} if letter.signed_at else {"tag": "待签收", "tone": "warn"}


def _moment(moment: dt.datetime | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""


def paper_of(feedback: Feedback, *, at: dt.datetime) -> Paper:
    """Return the letter as a paper, whether it is served already or would be at this moment."""
    return letter_paper(
        content_of(feedback, at=at),
        digest=feedback.document_digest,
        issuer=issuer_of(feedback.cycle.owner_id),
        served_on=clock.local_date(feedback.served_at or at),
        receipt=receipt_words(feedback),
    )


def drafted_paper(feedback: Feedback, draft: dict[str, str], *, at: dt.datetime) -> Paper:
    """Return a letter that is not served yet, with the problems and advice that are typed so far."""
    typed = {name: text for name, text in draft.items() if name in ("problems", "advice")}
    feedback.text = feedback.text | typed
    return paper_of(feedback, at=at)
