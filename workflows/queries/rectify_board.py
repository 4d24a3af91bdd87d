"""The board of rectifications: columns by state, what is overdue first; and one of them in full."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from cycle.models import Extension, Rectification
from cycle.queries.calendar import current_calendar
from cycle.queries.rectifications import with_progress
from cycle.queries.recurrence import repeat_words
from workflows.models import WorkItem
from workflows.queries.deadlines import Due, due_of

FLOW = Rectification.KIND
COLUMNS = ("listed", "planned", "underway", "reported", "closed")
A_COLUMN = 20
"""How many cards a column of the board shows; the rest is behind its link."""
TONES = {"closed": "good", "revoked": "neutral", "underway": "info", "reported": "warn"}


@dataclass(frozen=True, slots=True)
class Card:
    """One rectification with the task that is open for it."""

    matter: Rectification
    item: WorkItem | None
    due: Due
    is_late: bool

    @property
    def repeats(self) -> str:
        """That the problem came back, in words."""
        return repeat_words(self.matter.text.get("years", []))

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return "bad" if self.is_late else TONES.get(str(self.matter.state), "neutral")


def cards(rows: QuerySet[Rectification], now: dt.datetime) -> list[Card]:
    """Return the rectifications with their deadlines, overdue ones first, then by deadline.

    Two statements, whatever their number.
    """
    found = list(with_progress(rows).order_by("subject__position", "created_at", "pk"))
    items = _open_items([each.pk for each in found])
    calendar = current_calendar()
    made = []
    for matter in found:
        item = items.get(matter.pk)
        due_at = item.due_at if item else None
        due = due_of(due_at, now, calendar, provisional=bool(item and item.basis.get("provisional")))
        made.append(Card(matter, item, due, bool(due_at and due_at <= now)))
    return sorted(made, key=lambda card: _urgency(card, now))


def _open_items(keys: Sequence[UUID]) -> dict[object, WorkItem]:
    rows = WorkItem.objects.filter(matter__in=keys, flow=FLOW, state=WorkItem.State.OPEN)
    return {each.matter_id: each for each in rows.select_related("office")}


def _urgency(card: Card, now: dt.datetime) -> tuple[bool, bool, dt.datetime]:
    due_at = card.item.due_at if card.item else None
    return (not card.is_late, due_at is None, due_at or now)


def columns(found: Iterable[Card], query: str) -> list[dict[str, Any]]:
    """Return the board: a column for each state with its count, its first cards and the way to the rest."""
    by_state: dict[str, list[Card]] = {state: [] for state in COLUMNS}
    for card in found:
        if card.matter.state in by_state:
            by_state[str(card.matter.state)].append(card)
    return [
        {
            "state": state,
            "title": Rectification.STATES[state],
            "cards": held[:A_COLUMN],
            "count": len(held),
            "more": max(len(held) - A_COLUMN, 0),
            "late": sum(card.is_late for card in held),
            "url": f"{reverse('rectify')}?{query}&state={state}",
        }
        for state, held in by_state.items()
    ]


def rows_of(found: Iterable[Card]) -> list[dict[str, Any]]:
    """Return the cards as rows of `components/data_table.html`."""
    return [_row(card) for card in found]


def _row(card: Card) -> dict[str, Any]:
    matter = card.matter
    notes = [matter.get_source_display(), "重点整改" if matter.is_key else "", card.repeats]
    cells: list[dict[str, Any]] = [
        {
            "text": matter.topic,
            "url": reverse("rectify-one", args=[matter.pk]),
            "note": "，".join(note for note in notes if note),
        },
        {"label": "单位", "text": matter.unit.title, "note": matter.person},
        {"label": "存在问题", "text": matter.problem},
        {"label": "状态", "tag": f"超期：{matter.state_title}" if card.is_late else matter.state_title,
         "tone": card.tone},
        {"label": "在谁手中", "text": card.item.office.title if card.item else "—", "note": card.due.due},
    ]  # fmt: skip
    return {"cells": cells}


def extensions_of(matter: Rectification) -> list[Extension]:
    """The requests for more time about a rectification, newest first."""
    return list(Extension.objects.filter(of=matter.pk).order_by("-created_at"))
