"""Deadlines on work items: why by then, and that every rung of the ladder fires exactly once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from audit import clock, ledger
from audit.models import Event
from cycle.models import Cycle
from cycle.services import agenda
from tests.county import fingerprint
from tests.workflows import county
from tests.workflows.racing import failures, race
from workflows.models import WorkItem
from workflows.services import cancelling, sweeping, tasks, ticking

pytestmark = pytest.mark.django_db
UNITS = sum(county.UNITS.values())
# 7 working days from Monday 5 January 2026, over one weekend: Wednesday the 14th.
LADDER = [
    ("notice", clock.at(dt.date(2026, 1, 7))),
    ("reminder", clock.at(dt.date(2026, 1, 13))),
    ("yellow_card", clock.end_of(dt.date(2026, 1, 14))),
    ("red_card", clock.end_of(dt.date(2026, 1, 16))),
]
AFTER_ALL = clock.at(dt.date(2026, 2, 2), 9)


def fired(item: WorkItem | None = None) -> list[tuple[str, dt.datetime]]:
    """What the ledger has of the clock, in order: the rung and its moment."""
    rows = Event.objects.filter(type__startswith="deadline.").order_by("stream", "seq")
    if item is not None:
        rows = rows.filter(stream=item.process.stream)
    return [
        (each.type.removeprefix("deadline."), dt.datetime.fromisoformat(each.facts["rung"]["at"]))
        for each in rows
    ]


def test_the_deadline_is_proved_by_its_derivation() -> None:
    """正定 八（三）: within seven working days; the days counted and skipped stand with the item."""
    county.setting()
    item = county.waiting()
    assert item.due_at == clock.end_of(dt.date(2026, 1, 14))
    basis = dict(item.basis)
    rungs = basis.pop("rungs")
    assert basis == {
        "rule_text": "7 个工作日",
        "cite": "八（三）",
        "default": False,
        "provisional": False,
        "served_on": "2026-01-05",
        "start": "2026-01-05",
        "due_on": "2026-01-14",
        "counted": [f"2026-01-{day:02}" for day in (6, 7, 8, 9, 12, 13, 14)],
        "skipped": ["2026-01-10", "2026-01-11"],
    }
    assert [(each["do"], dt.datetime.fromisoformat(each["at"])) for each in rungs] == LADDER
    assert rungs[3]["to"] == ["main_leaders", "performance_office"]
    assert item.next_rung_at == LADDER[0][1]


def test_a_rung_whose_day_is_past_at_service_is_not_there() -> None:
    """Two working days leave no room for a notice five days before."""
    county.setting()
    (item,) = county.walk("approve")
    assert item.due_at == clock.end_of(dt.date(2026, 1, 7))
    assert [each["do"] for each in item.basis["rungs"]] == ["reminder", "yellow_card", "red_card"]
    assert item.basis["default"] is True


def test_over_a_holiday_the_rest_days_are_skipped_and_the_made_up_ones_counted() -> None:
    """Spring Festival 2026: off from 15 to 23 February, at work on Saturdays 14 and 28 February."""
    county.setting(on=dt.date(2026, 2, 10))
    basis = county.waiting().basis
    assert basis["counted"] == [f"2026-02-{day}" for day in (11, 12, 13, 14, 24, 25, 26)]
    assert basis["skipped"] == [f"2026-02-{day}" for day in range(15, 24)]


@pytest.mark.parametrize("rung", range(4))
def test_each_rung_fires_at_its_moment_and_once(rung: int) -> None:
    county.setting()
    item, moment = county.waiting(), LADDER[rung][1]
    clock.move_to(moment - dt.timedelta(seconds=30))
    sweeping.fire_all()
    assert fired(item) == LADDER[:rung]
    clock.move_to(moment)
    assert sweeping.fire_all() == UNITS
    assert fired(item) == LADDER[: rung + 1]
    assert sweeping.fire_all() == 0
    item.refresh_from_db()
    assert item.rungs_fired == rung + 1
    assert item.next_rung_at == (LADDER[rung + 1][1] if rung < 3 else None)


def test_after_an_outage_every_missed_rung_fires_in_order() -> None:
    county.setting()
    clock.move_to(AFTER_ALL)
    assert sweeping.fire_all() == UNITS
    assert fired(county.waiting()) == LADDER
    assert len(fired()) == UNITS * len(LADDER)
    event = Event.objects.filter(stream=county.waiting().process.stream, type="deadline.red_card").get()
    assert event.actor_name == "系统"
    assert abs(event.at - AFTER_ALL) < dt.timedelta(minutes=1), (
        "it says when it was fired, not when it was due"
    )
    assert event.facts["item"] == str(county.waiting().pk)
    assert sweeping.fire_all() == 0


def test_a_closed_item_never_fires() -> None:
    cycle = county.setting()
    done = county.waiting()
    county.do(done, county.HANDLER)
    county.do(county.waiting(), county.HEAD, "back_declare", "请修改。")
    others = county.waiting("xinchengpu")
    cancelling.cancel_processes(cycle.pk)
    clock.move_to(AFTER_ALL)
    assert sweeping.fire_all() == 0
    assert fired() == []
    for item in (done, others):
        item.refresh_from_db()
        assert item.next_rung_at is None


def test_a_sweep_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    county.setting()
    clock.move_to(AFTER_ALL)
    record, calls = ledger.record, 0

    def breaks(*args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 7:
            raise ConnectionError("the database went away")
        record(*args, **kwargs)

    before = fingerprint()
    with monkeypatch.context() as broken:
        broken.setattr(ledger, "record", breaks)
        with pytest.raises(ConnectionError), transaction.atomic():
            sweeping.fire()
    assert fingerprint() == before
    assert fired() == []
    assert sweeping.fire_all() == UNITS
    assert len(fired()) == UNITS * len(LADDER)


def test_a_sweep_works_in_portions() -> None:
    county.setting()
    clock.move_to(AFTER_ALL)
    assert [sweeping.fire(limit=4), sweeping.fire(limit=4), sweeping.fire(limit=4)] == [4, UNITS - 4, 0]
    assert len(fired()) == UNITS * len(LADDER)


@pytest.mark.django_db(transaction=True)
def test_many_sweepers_fire_each_rung_once() -> None:
    county.setting()
    clock.move_to(AFTER_ALL)
    results = race([sweeping.fire_all] * 4)
    assert failures(results) == []
    assert sum(results) == UNITS
    for unit in ("nanniu", "xinchengpu"):
        assert fired(county.waiting(unit)) == LADDER
    assert len(fired()) == UNITS * len(LADDER)


@pytest.mark.django_db(transaction=True)
def test_an_item_somebody_works_on_is_left_to_the_next_sweep() -> None:
    county.setting()
    clock.move_to(AFTER_ALL)
    with transaction.atomic():
        tasks.hold(county.waiting().pk)
        assert race([sweeping.fire_all]) == [UNITS - 1]
    assert fired(county.waiting()) == []
    assert sweeping.fire_all() == 1
    assert fired(county.waiting()) == LADDER


def test_trouble_in_one_cycle_does_not_stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle whose periods cannot be opened (an office is missing) leaves everybody's deadlines alone."""
    cycle = county.setting()
    Cycle.objects.filter(pk=cycle.pk).update(state="monitoring")
    clock.move_to(AFTER_ALL)

    def breaks(cycle_id: object) -> list[str]:
        raise RuntimeError("no such office")

    monkeypatch.setattr(agenda, "open_due", breaks)
    assert ticking.tick() == {"opened": 0, "lapsed": 0, "fired": UNITS, "locked": 0}
