"""Which cycles, units, indicators and results an acting office may see."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.access import OVERSEERS
from cycle.models import Cycle, Indicator, Opinion, Publication, Subject

_CYCLES = """
WITH RECURSIVE upwards(id, parent_id) AS (
  SELECT id, parent_id FROM offices_organisation WHERE id = %s
  UNION ALL SELECT o.id, o.parent_id FROM offices_organisation o JOIN upwards u ON o.id = u.parent_id)
SELECT c.* FROM cycle_cycle c JOIN upwards u ON u.id = c.owner_id
WHERE c.state <> 'cancelled' ORDER BY c.year DESC
"""


def cycles_of(seat: Any) -> list[Cycle]:
    """The cycles of the governments that the office belongs to, newest first, without cancelled ones."""
    return list(Cycle.objects.raw(_CYCLES, [seat.office.organisation_id]))


def chosen(cycles: Iterable[Cycle], year: int | None = None) -> Cycle | None:
    """The cycle of a year, else the newest that has begun, else the newest."""
    found = list(cycles)
    if year is not None:
        return next((each for each in found if each.year == year), None)
    begun = [each for each in found if each.state != Cycle.State.PREPARATION]
    return next(iter(begun or found), None)


def sees_all(seat: Any) -> bool:
    """Whether the office sees every unit's matters (the performance office, leaders' bodies, auditors)."""
    return seat.office.capacity in OVERSEERS


def subjects_seen(seat: Any, cycle: Cycle) -> QuerySet[Subject]:
    """The units whose records the office may see: its own, those it collects for, reviews or answers for."""
    rows = Subject.objects.filter(cycle=cycle)
    if sees_all(seat):
        return rows
    office = seat.office
    if office.capacity == "unit":
        return rows.filter(office=office)
    if office.capacity == "county_leader":
        return rows.filter(organisation__leaders__leader=office).distinct()
    collected = Indicator.objects.filter(cycle=cycle, collector=office).values("subject")
    reviewed = Opinion.objects.filter(office=office).values("matter__subject")
    served = Subject.objects.filter(matters__cycle=cycle, matters__office=office).values("pk")
    return rows.filter(Q(pk__in=collected) | Q(pk__in=reviewed) | Q(pk__in=served))


def indicators_seen(seat: Any, cycle: Cycle) -> QuerySet[Indicator]:
    """The indicators the office may see; a data collector sees those it collects."""
    rows = Indicator.objects.filter(cycle=cycle)
    if seat.office.capacity == "collector":
        return rows.filter(collector=seat.office)
    return rows if sees_all(seat) else rows.filter(subject__in=subjects_seen(seat, cycle))


def published_groups(cycle: Cycle) -> dict[str, Publication]:
    """The groups whose results are shown or have been, each with its newest publicity."""
    rows = Publication.objects.filter(cycle=cycle, state__in=["published", "closed"]).select_related("run")
    return {each.group: each for each in rows.order_by("run__number")}


def groups_seen(seat: Any, cycle: Cycle, published: dict[str, Publication]) -> set[str]:
    """The groups whose table of results the office may see: all for overseers, else those in publicity.

    A unit sees its own group's table only.
    """
    if sees_all(seat):
        return set(Subject.objects.filter(cycle=cycle).values_list("group", flat=True))
    if seat.office.capacity != "unit":
        return set(published)
    own = Subject.objects.filter(cycle=cycle, office=seat.office).values_list("group", flat=True)
    return set(own) & set(published)


def government_of(seat: Any) -> UUID:
    """The government that the office works for: the owner of its cycles, before the first its tree's top."""
    found = cycles_of(seat)
    organisation = seat.office.organisation
    while not found and organisation.parent is not None:
        organisation = organisation.parent
    return found[0].owner_id if found else organisation.pk
