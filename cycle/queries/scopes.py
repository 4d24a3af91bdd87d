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


def groups_of(seat: Any, cycle: Cycle) -> set[str]:
    """The groups that the office belongs to: its unit's, or those of the units that a leader answers for."""
    if seat.office.capacity not in ("unit", "county_leader"):
        return set()
    return set(subjects_seen(seat, cycle).values_list("group", flat=True))


def publications_seen(seat: Any, cycle: Cycle) -> list[Publication]:
    """What was shown and the office may read, oldest first: its own group's, else by the audience."""
    rows = Publication.objects.filter(cycle=cycle).exclude(published_at=None).exclude(content_digest="")
    found = list(rows.select_related("run", "cycle").order_by("published_at", "key"))
    if sees_all(seat):
        return found
    own = groups_of(seat, cycle)
    return [each for each in found if each.audience != each.Audience.INSIDE or each.group in own]


def published_groups(cycle: Cycle) -> dict[str, Publication]:
    """The groups whose results are shown or have been, each with its newest publicity."""
    rows = Publication.objects.filter(cycle=cycle).exclude(published_at=None).select_related("run")
    return _newest_results(rows.order_by("published_at", "key"))


def published_to(seat: Any, cycle: Cycle) -> dict[str, Publication]:
    """The groups whose results the office was shown, each with the newest publicity that it may read."""
    return _newest_results(publications_seen(seat, cycle))


def _newest_results(shown: Iterable[Publication]) -> dict[str, Publication]:
    """By group, of those that are given in order of time."""
    return {each.group: each for each in shown if each.shows_results}


def groups_seen(seat: Any, cycle: Cycle) -> set[str]:
    """The groups whose table of results the office may see: all for overseers, else those shown to it."""
    if sees_all(seat):
        return set(Subject.objects.filter(cycle=cycle).values_list("group", flat=True))
    return set(published_to(seat, cycle))


def government_of(seat: Any) -> UUID:
    """The government that the office works for: the owner of its cycles, before the first its tree's top."""
    found = cycles_of(seat)
    organisation = seat.office.organisation
    while not found and organisation.parent is not None:
        organisation = organisation.parent
    return found[0].owner_id if found else organisation.pk
