"""Who may not have a hand in an appeal, and why: read from the ledger and the postings, not from memory.

Whoever scored, verified or approved the point stands aside, and so does who heads an office that did, who
acts or acted in such a person's place (or the other way round), and who serves or has served the appellant's
unit during the year under assessment (政府督查工作条例 17 条: 原承办人回避).
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet

from audit import clock
from audit.models import Event
from cycle.models import Appeal, Collection, Decision, PointKind, Recheck, Recusal
from offices.models import LeaderAssignment, Posting, User

DEEDS = {
    "collection.collect": "采集了数据",
    "collection.approve": "审签了采集数据",
    "collection.accept": "抽查复核了采集数据",
    "collection.give_back": "审核并退回过采集数据",
    "claim.create": "提出了这一事项",
    "claim.submit": "提出了这一事项",
    "claim.verify": "核实了这一事项",
    "claim.confirm": "认定了这一事项",
    "claim.reject": "审核后没有认定这一事项",
    "claim.give_back": "审核并退回过这一事项",
    "recheck.measure": "重新核验了数据",
    "recheck.confirm": "审签了重新核验的数据",
    "run.create": "组织了计分",
    "decision.create": "决定了并列名次或者名额",
    "decision.change": "决定了并列名次或者名额",
    "approval.compile": "汇总报批了考核结果",
    "approval.approve": "批准了考核结果",
    "appeal.accept": "办理过原复核申请",
    "appeal.answer": "代表原认定机构作过答复",
    "appeal.investigate": "调查过原复核申请",
    "appeal.draft": "拟过原复核决定",
    "appeal.propose": "拟定了原复核决定",
    "appeal.decide": "批准了原复核决定",
}
"""What counts as having scored, verified or approved a point, in words.

Making a run or approving the year's results is a deed on the whole; it counts where the grade is contested.
"""


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody's part in the point, as the ledger keeps it."""

    person: UUID
    name: str
    office: UUID | None
    office_title: str
    deed: str
    on: dt.date

    @property
    def words(self) -> str:
        """When and what."""
        return f"{self.on.year} 年 {self.on.month} 月 {self.on.day} 日{self.deed}"


class Conflicts:
    """The conflicts of one appeal at a moment. Make one for each request: it reads once and answers often."""

    def __init__(self, appeal: Appeal, at: dt.datetime) -> None:
        self.appeal, self.today = appeal, clock.local_date(at)
        self.since = dt.date(appeal.cycle.year, 1, 1)
        self._seats: dict[UUID, list[Posting]] = {}

    def read(self, people: Iterable[UUID]) -> None:
        """Read the postings of several people at once, before their reasons are asked for one by one."""
        found: dict[UUID, list[Posting]] = {person: [] for person in people}
        for posting in self._posted().filter(user__in=found):
            found[posting.user_id].append(posting)
        self._seats |= found

    def reason(self, person: UUID) -> str:
        """Why the person must stand aside, as a whole sentence; empty where nothing is known against it."""
        return next(self._reasons(person), "")

    def _reasons(self, person: UUID) -> Iterator[str]:
        yield from self._by_recusal(person)
        yield from self._by_deed(person)
        yield from self._by_headship(person)
        yield from self._by_delegation(person)
        yield from self._by_unit(person)

    def _by_recusal(self, person: UUID) -> Iterator[str]:
        for each in self._recusals:
            if each.person_id != person:
                continue
            if each.state == "granted":
                yield "已经决定其在本案中回避。"
            if each.state == "asked":
                yield "已经有人申请其回避，在作出决定之前不能办理本案。"

    def _by_deed(self, person: UUID) -> Iterator[str]:
        for hand in self.hands:
            if hand.person == person:
                yield f"其本人曾于 {hand.words}，属于原承办人员。"

    def _by_headship(self, person: UUID) -> Iterator[str]:
        for posting in self._postings(person):
            for hand in self.hands:
                heads = posting.office_id == hand.office and posting.role == Posting.Role.HEAD
                if heads and posting.since <= self.today and (posting.until or dt.date.max) >= hand.on:
                    yield f"其为{hand.office_title}的负责人，该机构的{hand.name}曾于 {hand.words}。"

    def _by_delegation(self, person: UUID) -> Iterator[str]:
        involved = {hand.person: hand for hand in self.hands}
        for posting in self._delegations:
            if person not in (posting.user_id, posting.in_place_of_id):
                continue
            other = posting.in_place_of_id if posting.user_id == person else posting.user_id
            if other in involved:
                hand = involved[other]
                how = "受其委托代行职责" if other == posting.in_place_of_id else "受本人委托代行过职责"
                yield f"原承办人员{hand.name}曾于 {hand.words}，两人之间有委托代办关系（{how}）。"

    def _by_unit(self, person: UUID) -> Iterator[str]:
        unit = self.appeal.unit
        for posting in self._postings(person):
            if posting.office.organisation_id == unit.organisation_id:
                until = f"{posting.until:%Y-%m-%d} 止" if posting.until else "至今"
                yield f"其在申诉单位{unit}任职（{posting.since:%Y-%m-%d} 起，{until}）。"
            if posting.office_id in self._leaders:
                yield f"其负责分管或者联系申诉单位{unit}。"

    def _postings(self, person: UUID) -> list[Posting]:
        """The person's postings of the year under assessment and since."""
        if person not in self._seats:
            self.read([person])
        return self._seats[person]

    def _posted(self) -> QuerySet[Posting]:
        rows = Posting.objects.filter(since__lte=self.today).exclude(until__lt=self.since)
        return rows.select_related("office").order_by("since")

    @cached_property
    def _recusals(self) -> list[Recusal]:
        return list(self.appeal.recusals.all())

    @cached_property
    def _delegations(self) -> list[Posting]:
        """Who acts or acted in the place of somebody who had a hand in the point, or the other way round."""
        involved = {hand.person for hand in self.hands}
        rows = Posting.objects.filter(in_place_of__isnull=False).exclude(until__lt=self.since)
        return list(rows.filter(Q(user__in=involved) | Q(in_place_of__in=involved)))

    @cached_property
    def _leaders(self) -> set[UUID]:
        rows = LeaderAssignment.objects.filter(unit=self.appeal.unit.organisation_id)
        rows = rows.exclude(kind=LeaderAssignment.Kind.MAIN).exclude(until__lt=self.since)
        return set(rows.values_list("leader", flat=True))

    @cached_property
    def hands(self) -> list[Hand]:
        """Everybody who had a hand in the point, oldest first; a deputy counts with the person acted for."""
        rows = Event.objects.filter(stream__in=self._streams, type__in=DEEDS).order_by("at", "stream", "seq")
        found: list[Hand] = []
        for event in rows:
            for person, name in ((event.actor_id, event.actor_name), (event.behalf_id, event.behalf_name)):
                if person:
                    found.append(
                        Hand(
                            person,
                            name,
                            event.office_id,
                            event.office_title,
                            DEEDS[event.type],
                            clock.local_date(event.at),
                        )
                    )
        return found

    @cached_property
    def _streams(self) -> list[str]:
        """The ledger streams in which the point was scored, verified or approved."""
        appeal = self.appeal
        found = [f"appeal/{appeal.earlier_id}"] if appeal.earlier_id else []
        if appeal.point == PointKind.INDICATOR and appeal.indicator:
            rows = Collection.objects.filter(readings__indicator__subject=appeal.subject_id)
            rows = rows.filter(readings__indicator__key=appeal.indicator.key)
            found += [f"collection/{pk}" for pk in rows.values_list("pk", flat=True).distinct()]
            again = Recheck.objects.filter(subject=appeal.subject_id, indicator__key=appeal.indicator.key)
            found += [f"recheck/{pk}" for pk in again.values_list("pk", flat=True)]
        elif appeal.claim_id:
            found.append(f"claim/{appeal.claim_id}")
            again = Recheck.objects.filter(claim=appeal.claim_id)
            found += [f"recheck/{pk}" for pk in again.values_list("pk", flat=True)]
        else:
            found.append(f"run/{appeal.run_id}")
            rows_of = Decision.objects.filter(cycle=appeal.cycle_id, group=appeal.unit.group)
            found += [f"decision/{pk}" for pk in rows_of.values_list("pk", flat=True)]
            found += [f"approval/{pk}" for pk in appeal.run.approvals.values_list("pk", flat=True)]
        return found


def eligible(appeal: Appeal, office_id: UUID, at: dt.datetime, *, role: str = "") -> list[User]:
    """Return who sits in the office today (in `role`) and has no conflict in the appeal, handlers first."""
    today, conflicts = clock.local_date(at), Conflicts(appeal, at)
    seats = Posting.objects.filter(office=office_id, since__lte=today, user__is_active=True)
    seats = seats.exclude(until__lt=today).select_related("user").order_by("-role", "user__username")
    seats = seats.filter(role=role) if role else seats
    people = {seat.user_id: seat.user for seat in sorted(seats, key=lambda seat: seat.role == "head")}
    conflicts.read(people)
    acted_for = {seat.user_id: seat.in_place_of_id for seat in seats if seat.in_place_of_id}
    return [
        user
        for pk, user in people.items()
        if not conflicts.reason(pk) and not (pk in acted_for and conflicts.reason(acted_for[pk]))
    ]
