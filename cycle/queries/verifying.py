"""Who may verify a rectification: somebody else than those who had a hand in it, and nobody of the unit."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from audit import clock
from audit.models import Event
from cycle.models import Rectification
from offices.models import Posting, User

DEEDS = {
    "rectification.make_plan": "制定了整改方案",
    "rectification.approve": "批准了整改方案",
    "rectification.milestone": "登记了整改进度",
    "rectification.report": "报送了整改结果",
}
"""What counts as a hand in the rectification itself, in words."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody's part in the plan or the result, as the ledger keeps it."""

    person: UUID
    name: str
    deed: str
    on: dt.date

    @property
    def words(self) -> str:
        """When and what."""
        return f"{self.on.year} 年 {self.on.month} 月 {self.on.day} 日{self.deed}"


class Verifying:
    """The conflicts of one rectification at a moment. Make one for each request: it reads once."""

    def __init__(self, matter: Rectification, at: dt.datetime) -> None:
        self.matter, self.today = matter, clock.local_date(at)
        self.since = dt.date(min(matter.cycle.year, self.today.year), 1, 1)

    def reason(self, person: UUID | None) -> str:
        """Why the person may not verify, as words that follow a name; empty where nothing is against it."""
        return next(self._reasons(person), "") if person else ""

    def _reasons(self, person: UUID) -> Iterator[str]:
        for hand in self.hands:
            if hand.person == person:
                yield f"曾于 {hand.words}"
        for posting in self._seats(person):
            until = f"{posting.until:%Y-%m-%d} 止" if posting.until else "至今"
            yield f"在{self.matter.unit}任职（{posting.since:%Y-%m-%d} 起，{until}）"
        involved = {hand.person: hand for hand in self.hands}
        for posting in self._delegations(person, list(involved)):
            other = posting.in_place_of_id if posting.user_id == person else posting.user_id
            hand = involved[other]  # type: ignore[index]
            yield f"与{hand.name}有委托代办关系，{hand.name}曾于 {hand.words}"

    def _seats(self, person: UUID) -> list[Posting]:
        """The person's seats in the unit's organisation, of the year under assessment and since."""
        rows = Posting.objects.filter(user=person, office__organisation=self.matter.unit.organisation_id)
        return list(rows.filter(since__lte=self.today).exclude(until__lt=self.since).order_by("since"))

    def _delegations(self, person: UUID, involved: list[UUID]) -> list[Posting]:
        rows = Posting.objects.filter(since__lte=self.today).exclude(until__lt=self.since)
        between = Q(user=person, in_place_of__in=involved) | Q(user__in=involved, in_place_of=person)
        return list(rows.filter(between).order_by("since"))

    @cached_property
    def hands(self) -> list[Hand]:
        """Everybody who had a hand in plan or result; who acted for another counts with the other."""
        rows = Event.objects.filter(stream=self.matter.stream, type__in=DEEDS).order_by("seq")
        return [
            Hand(person, name, DEEDS[event.type], clock.local_date(event.at))
            for event in rows
            for person, name in ((event.actor_id, event.actor_name), (event.behalf_id, event.behalf_name))
            if person
        ]

    def others(self, office_id: UUID) -> list[User]:
        """Return who sits in the office today and may verify, handlers first."""
        seats = Posting.objects.filter(office=office_id, since__lte=self.today, user__is_active=True)
        seats = seats.exclude(until__lt=self.today).select_related("user").order_by("user__username")
        people: dict[UUID, User] = {}
        for seat in sorted(seats, key=lambda each: each.role == Posting.Role.HEAD):
            if not self.reason(seat.user_id) and not self.reason(seat.in_place_of_id):
                people.setdefault(seat.user_id, seat.user)
        return list(people.values())
