"""The ledger read back: records folded from their events, and what was refused."""

from __future__ import annotations

from typing import Any

from audit.models import Event


def folded(stream: str) -> dict[str, Any]:
    """The state of a record as its events tell it: every `set` in order, the `was` of each checked."""
    state: dict[str, Any] = {}
    for event in Event.objects.filter(stream=stream).order_by("seq"):
        facts = event.facts
        for name, value in (facts.get("was") or {}).items():
            assert state.get(name) == value, f"{event}: {name} was {state.get(name)!r}, not {value!r}"
        state |= facts.get("set") or {}
    return state


def refusals() -> list[dict[str, Any]]:
    """What was refused, in order."""
    rows = Event.objects.filter(type__endswith=".refused").order_by("recorded_at")
    return [event.facts for event in rows]
