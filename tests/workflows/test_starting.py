"""Bulk start, the only way to start: its rows are those that the engine itself would make."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from viewflow.workflow.nodes.start import StartHandleActivation

from audit.ids import uuid7
from audit.models import Event, Outbox
from audit.refusals import NotPossible
from cycle.models import Cycle, Matter
from cycle.services import stages
from offices.models import Office
from tests.county import fingerprint
from tests.workflows import county
from workflows.flows import BY_KIND
from workflows.models import Process, Task, WorkItem
from workflows.services import relaying, starting

pytestmark = pytest.mark.django_db
UNITS = sum(county.UNITS.values())


def opened() -> Cycle:
    """A cycle in 指标设置 whose processes are not started yet."""
    cycle = county.prepared()
    stages.open_stage(cycle.pk, "indicator_setting", user_id=county.user(county.CHIEF))
    return cycle


def columns(row: Any, *, but: set[str]) -> dict[str, Any]:
    """Every column of a row that does not differ by nature."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in but
    }


def test_what_stands_after_a_start() -> None:
    cycle = opened()
    assert starting.start_waiting(cycle.pk, "sheet") is False
    connection.check_constraints()
    assert Process.objects.count() == Matter.objects.filter(kind="sheet").count() == UNITS
    for process in Process.objects.select_related("matter", "cycle"):
        assert process.flow_class is BY_KIND["sheet"]
        assert (process.cycle_id, process.subject_id) == (cycle.pk, process.matter.subject_id)
        assert (process.status, process.finished, process.policy) == ("NEW", None, cycle.policy_id)
        begin, first = Task.objects.filter(process=process).order_by("id")
        assert (begin.flow_task.name, begin.status) == ("start", "DONE")
        assert begin.created == begin.started == begin.finished == process.created
        assert (first.flow_task.name, first.status, first.started) == ("declare", "NEW", None)
        assert list(first.previous.all()) == [begin]
        assert list(begin.previous.all()) == []
        (item,) = WorkItem.objects.filter(process=process)
        assert (item.task_id, item.matter_id, item.office_id) == (
            first.pk,
            process.matter_id,
            process.matter.unit.office_id,
        )
        assert (item.stage, item.flow, item.step) == ("indicator_setting", "indicator_setting", "declare")
        (event,) = Event.objects.filter(stream=process.stream)
        assert event.facts["set"] == {
            "flow": "indicator_setting",
            "matter": str(item.matter_id),
            "status": "NEW",
        }
        assert [served["item"] for served in event.facts["served"]] == [str(item.pk)]
        assert event.at == process.created == item.served_at


def test_the_tasks_are_those_of_the_engine() -> None:
    """The library's own start is run on the same node, with its own code, into the same tables."""
    cycle = opened()
    matter = Matter.objects.filter(kind="sheet").select_related("subject", "cycle")[0]
    flow = BY_KIND["sheet"]
    (item,) = starting.start_all(flow, [matter])
    ours = list(Task.objects.filter(process=item.process).order_by("id"))
    Process.objects.filter(pk=item.process_id).update(status="CANCELED")
    with transaction.atomic():
        node: Any = flow.instance.node("start")
        engine: Any = StartHandleActivation.create(node, None, None)  # type: ignore[no-untyped-call]
        fields = columns(item.process, but={"id", "status"})
        for name, value in fields.items():
            setattr(engine.process, name, value)
        engine.task.created = item.process.created
        engine.process.save(force_insert=True)
        engine.complete()
        theirs = Task.objects.get(pk=engine.task.pk)
        assert engine.process.pk != item.process_id
    by_nature = {"id", "process_id", "created", "started", "finished"}
    assert columns(ours[0], but=by_nature) == columns(theirs, but=by_nature)
    assert [bool(getattr(ours[0], name)) for name in sorted(by_nature)] == [
        bool(getattr(theirs, name)) for name in sorted(by_nature)
    ]
    assert cycle.pk == item.cycle_id


def test_a_first_task_is_like_one_that_a_completion_makes() -> None:
    """`declare` served by the start and `declare` served by a return: same columns, same links."""
    county.setting()
    started = county.waiting()
    (item,) = county.walk("approve")
    county.do(item, county.HEAD, "back_declare", "请修改。")
    returned = county.waiting()
    by_nature = {"id", "created"}
    assert columns(started.task, but=by_nature | {"status", "started", "finished"}) == columns(
        returned.task, but=by_nature | {"status", "started", "finished"}
    )
    assert returned.task.status == "NEW"
    assert [each.flow_task.name for each in returned.task.previous.all()] == ["approve"]
    by_nature = {"id", "task_id", "served_at"}
    assert columns(started, but=by_nature) == columns(returned, but=by_nature)


def test_a_second_start_is_loud_and_leaves_nothing() -> None:
    county.setting()
    before = fingerprint()
    with pytest.raises(IntegrityError, match="workflows_one_active_flow"), transaction.atomic():
        starting.start_all(BY_KIND["sheet"], [county.sheet()])
    assert fingerprint() == before


def test_nothing_waiting_is_nothing_done() -> None:
    cycle = county.setting()
    before, events = fingerprint(), Event.objects.count()
    assert starting.start_waiting(cycle.pk, "sheet") is False
    assert starting.start_all(BY_KIND["sheet"], []) == []
    assert (fingerprint(), Event.objects.count()) == (before, events)


def test_many_are_started_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler asks to be called again until nobody is left; six units, four at a time."""
    monkeypatch.setattr(starting, "BATCH", 4)
    cycle = opened()
    assert starting.start_waiting(cycle.pk, "sheet") is True
    assert Process.objects.count() == 4
    assert starting.start_waiting(cycle.pk, "sheet") is False
    assert Process.objects.count() == UNITS


def test_one_message_starts_them_all_in_several_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "BATCH", 2)
    opened()
    relaying.drain()
    assert Process.objects.count() == UNITS
    assert not Outbox.objects.filter(done_at__isnull=True).exists()


def test_an_office_that_is_missing_stops_the_start_in_a_sentence() -> None:
    """A step that goes to an office which nobody has set up: nothing is started, and it says what to do."""
    cycle = county.prepared(reviewers=1)
    stages.open_stage(cycle.pk, "indicator_setting", user_id=county.user(county.CHIEF))
    relaying.drain()
    (item,) = county.walk("first_review")
    Office.objects.filter(capacity="reviewer_1").update(capacity="gone")
    before = fingerprint()
    with pytest.raises(NotPossible, match="没有设立承担“reviewer_1”职责的机构"):
        county.do(item, county.CLERK)
    assert fingerprint() == before


def test_a_cancelled_cycle_starts_nothing() -> None:
    """The message of an opening may be delivered after the cancellation (a retry): nothing may come alive."""
    cycle = opened()
    stages.cancel(cycle.pk, user_id=county.user(county.LEADING), why="县政府决定（演示文件）")
    for message in Outbox.objects.filter(done_at__isnull=True).order_by("-created_at", "-id"):
        assert relaying.deliver(message.pk)
    assert not Process.objects.filter(status="NEW").exists()
    assert not WorkItem.objects.filter(state="open").exists()
    assert starting.start_waiting(cycle.pk, "sheet") is False
    assert not Process.objects.exists()


def test_an_unknown_cycle_starts_nothing() -> None:
    assert starting.start_waiting(uuid7(), "sheet") is False
