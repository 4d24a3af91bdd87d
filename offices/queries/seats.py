"""For which office a person acts in this session."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from audit import clock
from offices.models import Office, Posting, User

ACTING_OFFICE = "acting_office"
"""The key of the session under which the chosen office is kept."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A person acting for one office: pages show what it may see, deeds are done in its name.

    `role` is `head` when the person holds that posting in the office, else `handler`. `postings` are all
    of the person's postings in force, for the switch in the header; `at` is business time then.
    """

    user: User
    office: Office
    role: str
    postings: tuple[Posting, ...]
    at: dt.datetime

    @property
    def capacity(self) -> str:
        """The capacity of the office: unit, collector, performance_office, …"""
        return self.office.capacity

    @property
    def is_head(self) -> bool:
        """Whether the person heads the office."""
        return self.role == Posting.Role.HEAD

    @property
    def offices(self) -> list[Office]:
        """The offices that the person may act for, each once."""
        return list({posting.office_id: posting.office for posting in self.postings}.values())

    def may_do(self, office_id: UUID, role: str) -> bool:
        """Whether a task of this office that asks for `role` may be done from this seat."""
        held = {posting.role for posting in self.postings if posting.office_id == office_id}
        return office_id == self.office.pk and bool(held) and (not role or role in held)


def postings_today(user: User) -> tuple[tuple[Posting, ...], dt.datetime]:
    """Return the person's postings in force, heads first, and the business time of the look-up."""
    at = clock.now()
    day = clock.local_date(at)
    rows = Posting.objects.filter(user=user, since__lte=day).exclude(until__lt=day)
    rows = rows.select_related("office__organisation__parent__parent").order_by("-role", "office__title")
    return tuple(sorted(rows, key=lambda posting: posting.role != Posting.Role.HEAD)), at


def seat_in(
    user: User, postings: tuple[Posting, ...], at: dt.datetime, office_id: UUID | None = None
) -> Seat | None:
    """Return the seat in `office_id`, or in the first office when it is not (any more) the person's.

    None for a person without any posting.
    """
    chosen = [posting for posting in postings if posting.office_id == office_id] or list(postings[:1])
    if not chosen:
        return None
    held = [posting for posting in postings if posting.office_id == chosen[0].office_id]
    role = "head" if any(posting.role == "head" for posting in held) else "handler"
    return Seat(user, chosen[0].office, role, postings, at)
