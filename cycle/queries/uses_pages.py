"""Uses of the results as their page lists them."""

from typing import Any

from django.db.models import QuerySet

from cycle.models import Consequence, Cycle
from cycle.queries.scopes import sees_all


def uses_seen(seat: Any, cycle: Cycle) -> QuerySet[Consequence]:
    """The uses that the office may see: all for overseers, its own unit's, those it carries out."""
    rows = Consequence.objects.filter(cycle=cycle).select_related("subject", "office")
    if not sees_all(seat):
        own = rows.filter(office=seat.office)
        rows = own | rows.filter(subject__office=seat.office) if seat.office.capacity == "unit" else own
    return rows.prefetch_related("processes").order_by("subject__position", "key")
