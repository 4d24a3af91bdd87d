"""Uses of the results as their page lists them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cycle.models import Consequence, Cycle
from cycle.queries.freezing import reason, waiting
from cycle.queries.packs import rules_of
from cycle.queries.scopes import sees_all


def uses_seen(seat: Any, cycle: Cycle) -> QuerySet[Consequence]:
    """The uses that the office may see: all for overseers, its own unit's, those it carries out."""
    rows = Consequence.objects.filter(cycle=cycle).select_related("subject", "office")
    if not sees_all(seat):
        own = rows.filter(office=seat.office)
        rows = own | rows.filter(subject__office=seat.office) if seat.office.capacity == "unit" else own
    return rows.prefetch_related("processes").order_by("subject__position", "key")


def with_waits(rows: Iterable[Consequence], cycle: Cycle) -> list[Consequence]:
    """Say of each use what it waits for (`waits`, empty for most): it must not be carried out before."""
    found, frozen = list(rows), waiting(cycle)
    for each in found:
        open_still = each.state == "ordered"
        causes = frozen.get((each.unit.pk, each.use), []) if open_still else []
        each.waits = reason(causes)  # type: ignore[attr-defined]
    return found


def frozen_lines(cycle: Cycle) -> list[dict[str, str]]:
    """Return, unit by unit, which uses wait for what; also those that only might be ordered."""
    subjects = {each.pk: each for each in cycle.subjects.all()}
    uses, places = rules_of(cycle).uses, waiting(cycle)
    lines: dict[tuple[UUID, str], list[str]] = {}
    for unit, use in sorted(places, key=lambda place: (subjects[place[0]].position, place[1])):
        title = uses[use].title if use in uses else use
        lines.setdefault((unit, reason(places[unit, use])), []).append(f"“{title}”")
    return [
        {"unit": subjects[unit].title, "uses": "、".join(titles), "causes": causes}
        for (unit, causes), titles in lines.items()
    ]
