"""Finding an office by its capacity, and a person's offices."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from audit.refusals import NotPossible
from offices.models import Office, Organisation, Posting, User

_found: dict[tuple[UUID, str], UUID] = {}


def office_of(owner_id: UUID, capacity: str) -> UUID:
    """Return the id of the one office of this capacity in the government `owner_id` and its bodies.

    Raises NotPossible when there is none or more than one. Only hits are remembered: an office never
    changes its organisation or capacity.
    """
    known = _found.get((owner_id, capacity))
    if known is not None:
        return known
    offices = list(
        Office.objects.filter(capacity=capacity, organisation__in=family(owner_id)).values_list(
            "id", flat=True
        )[:2]
    )
    if len(offices) != 1:
        problem = "没有设立" if not offices else "设立了不止一个"
        raise NotPossible(f"{problem}承担“{capacity}”职责的机构，请先在机构与岗位中设置好。")
    _found[owner_id, capacity] = offices[0]
    return offices[0]


@cache
def organisation_of(office_id: UUID) -> UUID:
    """Return the id of the organisation that an office belongs to; it never changes."""
    return Office.objects.values_list("organisation_id", flat=True).get(pk=office_id)


def forget() -> None:
    """Forget remembered offices (tests that rebuild the database)."""
    _found.clear()
    organisation_of.cache_clear()


def family(owner_id: UUID) -> list[UUID]:
    """Return the ids of an organisation and everything below it."""
    found, layer = [owner_id], [owner_id]
    while layer:
        layer = list(Organisation.objects.filter(parent__in=layer).values_list("id", flat=True))
        found += layer
    return found


def postings_on(user: User, day: dt.date) -> list[Posting]:
    """Return the person's postings in force on `day`, heads first, with their offices."""
    rows = Posting.objects.filter(user=user, since__lte=day).exclude(until__lt=day)
    return list(rows.select_related("office__organisation").order_by("-role", "office__title"))


def holders(office_id: UUID, day: dt.date, role: str = "") -> list[User]:
    """Return who sits in the office on `day` (in `role`, if given)."""
    rows = Posting.objects.filter(office=office_id, since__lte=day, user__is_active=True).exclude(
        until__lt=day
    )
    if role:
        rows = rows.filter(role=role)
    return [posting.user for posting in rows.select_related("user").order_by("-role", "since")]


def titles_of(office_ids: Sequence[UUID]) -> list[str]:
    """Return the offices' titles, in the order of the ids."""
    found = dict(Office.objects.filter(pk__in=office_ids).values_list("pk", "title"))
    return [found[office] for office in office_ids if office in found]
