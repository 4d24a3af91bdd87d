"""The year itself: day by day, whoever has something due does it, early, late, or after a return."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from audit import clock
from cycle.models import Cycle
from cycle.models.cycle import CycleState
from cycle.queries.calendar import current_calendar
from cycle.queries.freezing import waiting
from policies.clocks import shift
from workflows.models import WorkItem
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.deeds import Deed, Stage, holder, name_of
from workflows.rehearsal.director import Director
from workflows.rehearsal.performers import PERFORMERS, agree
from workflows.rehearsal.rectifiers import result_day
from workflows.services import relaying, tasks
from workflows.services.ticking import tick_and_relay

Progress = Callable[[dt.date, str, int], None]
LATE_PERCENT = 4
LAST_DAY = (9, 30)  # a year that is still open by the end of next September is stuck


def live(
    years: list["Year"],
    *,
    start: dt.date,
    until: dt.date | None = None,
    stop: Callable[[dt.date], bool] = lambda day: False,
) -> None:
    """Live every working day from `start` until all years are over, or to the end of `until`.

    `stop` is asked after each day whether it was the last. Years may overlap: one is still being concluded
    while the next is monitored already. Raises RuntimeError when a year does not come to its end.
    """
    last = until or dt.date(max(year.cycle.year for year in years) + 1, *LAST_DAY)
    with connection.cursor() as cursor:
        # Nobody is told anything by a rehearsal: its commits need not wait for the disk.
        cursor.execute("SET synchronous_commit TO off")
    for day in _days(start, last):
        clock.move_to(clock.at(day, 9, 0))
        tick_and_relay()
        for year in [year for year in years if year.cycle.year <= day.year and not year.is_over]:
            year.live_day(day)
        if all(year.is_over for year in years) or stop(day):
            return
    if until is None:
        raise RuntimeError("the year did not come to its end: something is stuck")


def _days(day: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Working days, and the last day of every month: it asks for the month's reports."""
    calendar = current_calendar()
    while day <= last:
        if calendar.is_working(day) or (day + dt.timedelta(days=1)).day == 1:
            yield day
        day += dt.timedelta(days=1)


def is_open(item: WorkItem) -> bool:
    """Whether an item that was read a while ago is still open."""
    return WorkItem.objects.filter(pk=item.pk, state=WorkItem.State.OPEN).exists()


@dataclass(slots=True)
class Year:
    """One cycle being lived: who has planned to do what on which day, and what has been done."""

    cycle: Cycle
    chance: Chance
    pack: str
    password: str
    progress: Progress = lambda day, stage, done: None
    done: int = 0
    late: int = 0
    returned: int = 0
    news: list[tuple[dt.date, str]] = field(default_factory=list)
    away: dict[UUID, dt.date] = field(default_factory=dict)  # who does nothing from which day on
    kept: frozenset[tuple[str, str]] = frozenset()  # flow and unit that nobody works on
    _plan: dict[UUID, dt.date] = field(default_factory=dict)
    _visits: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def live_day(self, day: dt.date) -> None:
        """Let the office and everybody else do what is ripe on this day."""
        director = Director(self.cycle, self.chance, self.pack)
        self.news += [(day, what) for what in director.act(day)]
        relaying.drain()
        self._work(day)
        self.progress(day, self.state.label, self.done)

    @property
    def state(self) -> CycleState:
        """Where the cycle stands now."""
        return CycleState(Cycle.objects.values_list("state", flat=True).get(pk=self.cycle.pk))

    @property
    def is_over(self) -> bool:
        """Whether it is archived and nothing that may run on beyond it (rectification) is open any more."""
        return self.state == CycleState.ARCHIVED and not self._open_items().exists()

    def _work(self, day: dt.date) -> None:
        """Do what was planned for today; what is served meanwhile waits for its own day."""
        fresh = self._open_items().exclude(pk__in=self._plan)
        for item in fresh:
            self._plan[item.pk] = self._day_of(item, day)
        ripe = [pk for pk, planned in self._plan.items() if planned <= day]
        items = self._open_items().filter(pk__in=ripe)
        for item in sorted(items, key=lambda item: tuple(map(str, name_of(item, 0)))):
            if not self._is_kept(item) and day < self.away.get(holder(item), dt.date.max):
                self._perform(item)
        for pk in ripe:
            del self._plan[pk]

    def _is_kept(self, item: WorkItem) -> bool:
        return item.subject is not None and (item.flow, item.subject.code) in self.kept

    def do_next(self, matter_id: UUID) -> None:
        """Let whoever has a matter on the desk do it now."""
        for item in self._open_items().filter(matter=matter_id):
            self._perform(item)

    def _open_items(self) -> QuerySet[WorkItem]:
        items = WorkItem.objects.filter(cycle=self.cycle, state=WorkItem.State.OPEN)
        items = items.select_related(
            "matter__subject", "matter__adjustmentclaim", "matter__consequence", "cycle"
        )
        return items.select_related("subject", "office__organisation").prefetch_related(
            "office__postings__user"
        )

    def _day_of(self, item: WorkItem, day: dt.date) -> dt.date:
        """When the office will do it: usually well before the deadline, now and then some days late."""
        name = name_of(item, self._visits[name_of(item, 0)] + 1)
        calendar = current_calendar()
        due = (
            clock.local_date(item.due_at - dt.timedelta(seconds=1))
            if item.due_at
            else shift(day, 3, calendar)
        )
        if item.flow == "publicity" and item.step == "close":
            return shift(due, 1, calendar)
        if (item.flow, item.step) == ("rectification", "result"):
            return result_day(item, day, self.chance)
        if (item.flow, item.step) == ("appeal", "file"):
            return shift(day, 1, calendar)  # nobody who has written an appeal lets its window close
        if self.chance.happens(LATE_PERCENT, "late", *name):
            return shift(max(due, day), self.chance.between(1, 3, "how-late", *name), calendar)
        spare = max((due - day).days - 1, 1)
        return day + dt.timedelta(days=self.chance.between(1, min(spare, 4), "when", *name))

    def _perform(self, item: WorkItem) -> None:
        if tasks.step_of(item).joint and not is_open(item):
            return  # a return by another office has ended it meanwhile
        if _waits_for_appeal(item):
            return  # it is planned anew tomorrow
        if item.flow == "ballot" and _in_time(item) and self.chance.happens(2, "absent", *name_of(item, 0)):
            return  # a leader on a journey, who votes late if the office still waits
        place = name_of(item, 0)
        self._visits[place] += 1
        stage = Stage(self.chance, self.pack, self.password)
        performer = PERFORMERS.get((item.flow, item.step), agree)
        deed: Deed = performer(item, stage, name_of(item, self._visits[place]))
        tasks.complete(
            item.pk, user_id=holder(item), choice=deed.choice, comment=deed.comment, form=deed.form
        )
        self.done += 1
        self.returned += deed.choice.startswith("back_")
        self.late += bool(item.due_at and clock.now() > item.due_at)


def _waits_for_appeal(item: WorkItem) -> bool:
    """Whether it is a use of results that an open appeal could still change."""
    if (item.flow, item.step) != ("consequence", "execute"):
        return False
    return (item.subject_id, item.matter.consequence.use) in waiting(item.cycle)


def _in_time(item: WorkItem) -> bool:
    return item.due_at is None or clock.now() < item.due_at
