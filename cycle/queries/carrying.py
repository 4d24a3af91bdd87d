"""Key items of earlier years that a year in preparation has not dealt with yet (济南 27 条)."""

from cycle.models import Cycle, Rectification


def waiting_items(cycle: Cycle) -> list[Rectification]:
    """Return the government's key items of earlier years that are neither taken over nor declined."""
    rows = Rectification.objects.filter(cycle__owner=cycle.owner_id, cycle__year__lt=cycle.year, is_key=True)
    rows = rows.filter(carried_to__isnull=True, text__not_carried__isnull=True).exclude(state="revoked")
    rows = rows.exclude(cycle__state=Cycle.State.CANCELLED)
    return list(rows.select_related("cycle", "subject").order_by("cycle__year", "subject__position", "key"))


def taken_items(cycle: Cycle) -> list[Rectification]:
    """Return the key items that this year has taken over or declined, for the record."""
    rows = Rectification.objects.filter(cycle__owner=cycle.owner_id, is_key=True)
    taken = rows.filter(carried_to__cycle=cycle) | rows.filter(text__not_carried__year=cycle.year)
    rows = taken.select_related("cycle", "subject", "carried_to__cycle")
    return list(rows.order_by("subject__position", "key"))


def preparing(cycles: list[Cycle]) -> Cycle | None:
    """Return the year in preparation, the earliest where there are several."""
    found = [each for each in cycles if each.state == Cycle.State.PREPARATION]
    return min(found, key=lambda each: each.year, default=None)
