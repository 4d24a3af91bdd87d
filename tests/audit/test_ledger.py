"""What an event says and how it is hashed; services, pages, refusals; business and database time."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from audit.ids import uuid7
from audit.middleware import RequestId
from audit.models import Blob, Event, Outbox
from audit.queries.verifying import verify
from audit.refusals import NotAllowed, NotPossible
from tests.workflows.racing import failures, race

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=clock.ZONE)
PERSON = Actor(uuid7(), "演示·经办员", uuid7(), "南牛乡", "handler", uuid7(), "演示·负责人")


@ledger.service
def act(stream: str, *, by: Actor = PERSON, new: bool = True, **facts: Any) -> None:
    """A service that records one event."""
    ledger.record("test.act", stream, by=by, at=NOON, policy="sha256:00", new_stream=new, **facts)


def test_canonical_bytes_are_sorted_compact_exact_and_stable() -> None:
    value = {
        "b": Decimal("1.50"),
        "a": {"中": NOON, "day": dt.date(2026, 3, 2), "span": dt.timedelta(hours=1)},
        "id": uuid.UUID(int=7),
        "set": {"y", "x"},
        "none": None,
    }
    assert ledger.canonical(value) == (
        '{"a":{"day":"2026-03-02","span":3600.0,"中":"2026-03-02T04:00:00.000005Z"},"b":"1.50",'
        '"id":"00000000-0000-0000-0000-000000000007","none":null,"set":["x","y"]}'
    )
    assert ledger.canonical(dict(reversed(value.items()))) == ledger.canonical(value)


@pytest.mark.parametrize("value", [object(), b"bytes", 1j])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        ledger.canonical({"value": value})


def test_an_event_says_who_when_for_whom_where_under_which_policy() -> None:
    act("thing/1", set={"state": "done"}, was={"state": "open"}, why="因为")
    event = Event.objects.get(stream="thing/1")
    body = json.loads(event.body)
    assert body["v"] == 1
    assert (body["id"], body["stream"], body["seq"], body["type"]) == (
        str(event.pk),
        "thing/1",
        1,
        "test.act",
    )
    assert body["by"] == {"id": str(PERSON.user_id), "name": "演示·经办员", "role": "handler"}
    assert body["on_behalf_of"] == {"id": str(PERSON.behalf_id), "name": "演示·负责人"}
    assert body["office"] == {"id": str(PERSON.office_id), "title": "南牛乡"}
    assert (body["set"], body["was"], body["why"]) == ({"state": "done"}, {"state": "open"}, "因为")
    assert body["at"] == "2026-03-02T04:00:00.000005Z"
    assert (event.at, event.policy) == (NOON, body["policy"]) == (NOON, "sha256:00")
    assert (event.actor_id, event.actor_name) == (PERSON.user_id, PERSON.name)
    assert (event.behalf_id, event.behalf_name) == (PERSON.behalf_id, PERSON.behalf_name)
    assert (event.office_id, event.office_title) == (PERSON.office_id, PERSON.office_title)
    assert event.request_id == body["request"] != ""


def test_the_leaf_hash_is_that_of_the_stored_bytes() -> None:
    """RFC 9162 §2.1.1: SHA-256 of a zero byte and the leaf; recomputed here without our own code."""
    act("thing/1")
    event = Event.objects.get(stream="thing/1")
    assert event.leaf_alg == "sha256/rfc9162-leaf"
    assert bytes(event.leaf_hash) == hashlib.sha256(b"\x00" + event.body.encode("utf-8")).digest()
    assert ledger.canonical(json.loads(event.body)) == event.body


def test_the_system_is_an_actor_without_an_id() -> None:
    act("thing/1", by=SYSTEM)
    event = Event.objects.get(stream="thing/1")
    assert (event.actor_id, event.actor_name, event.office_id) == (None, "系统", None)
    with pytest.raises(RuntimeError, match="only a person"):
        _ = SYSTEM.user
    with pytest.raises(RuntimeError, match="only an office"):
        _ = SYSTEM.office


def test_all_events_of_one_transaction_share_a_request_id() -> None:
    @ledger.service
    def twice() -> None:
        act("thing/1")
        act("thing/2")

    twice()
    assert len(set(Event.objects.values_list("request_id", flat=True))) == 1


def test_the_request_id_is_that_of_the_http_request() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        act("thing/1")
        act("thing/2")
        return HttpResponse()

    answer = RequestId(view)(RequestFactory().get("/"))
    assert set(Event.objects.values_list("request_id", flat=True)) == {answer["X-Request-ID"]}
    act("thing/3")
    assert Event.objects.get(stream="thing/3").request_id != answer["X-Request-ID"]


def test_a_stream_counts_on_across_transactions_and_within_one() -> None:
    @ledger.service
    def thrice() -> None:
        for _ in range(3):
            act("thing/1", new=False)

    act("thing/1")
    thrice()
    act("thing/2")
    numbers = list(Event.objects.order_by("stream", "seq").values_list("stream", "seq"))
    assert numbers == [("thing/1", 1), ("thing/1", 2), ("thing/1", 3), ("thing/1", 4), ("thing/2", 1)]


def test_the_same_number_twice_is_loud() -> None:
    act("thing/1")
    with pytest.raises(Exception, match="audit_event_stream_seq"), transaction.atomic():
        act("thing/1", new=True)


def _count_up(stream: str) -> None:
    """Hold a row, as every service does, then record."""

    @ledger.service
    def step() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM audit_clock WHERE id = 1 FOR NO KEY UPDATE")
        act(stream, new=False)

    for _ in range(10):
        step()


@pytest.mark.django_db(transaction=True)
def test_eight_threads_leave_no_gap_and_no_fork() -> None:
    clock.move_to(NOON)
    results = race([partial(_count_up, "thing/1")] * 8)
    assert failures(results) == []
    events = list(Event.objects.filter(stream="thing/1"))
    assert sorted(event.seq for event in events) == list(range(1, 81))
    assert verify(events).sound


def test_nested_services_write_one_page_in_one_transaction() -> None:
    """The outermost service reads the numbers once and writes everything in one statement."""

    @ledger.service
    def outer() -> None:
        act("thing/1")
        act("thing/2")
        ledger.tell("matters.opened", "k", kind="sheet")

    with CaptureQueriesContext(connection) as seen:
        outer()
    work = [each["sql"] for each in seen if "SAVEPOINT" not in each["sql"]]
    assert len(work) == 2
    assert work[1].count("INSERT INTO audit_event") == 1
    assert "INSERT INTO audit_outbox" in work[1]
    xids = "SELECT count(DISTINCT xid) FROM audit_event WHERE stream LIKE 'thing/%'"
    with connection.cursor() as cursor:
        cursor.execute(xids)
        assert cursor.fetchone() == (1,)


def test_an_exception_leaves_nothing_and_the_page_is_clean_afterwards() -> None:
    @ledger.service
    def fails() -> None:
        Blob.objects.create(digest="d" * 64, size=1)
        act("thing/1")
        ledger.tell("matters.opened", "k")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fails()
    assert not any(model.objects.exists() for model in (Blob, Event, Outbox))
    with pytest.raises(RuntimeError, match="inside a @ledger.service only"):
        ledger.current_page()
    act("thing/2")
    assert [event.stream for event in Event.objects.all()] == ["thing/2"]


@pytest.mark.parametrize("kind", [NotAllowed, NotPossible])
def test_a_refusal_is_recorded_alone_after_the_rollback(kind: type[Exception]) -> None:
    target = uuid7()

    @ledger.service
    def refuse(matter_id: uuid.UUID, *, by: Actor) -> None:
        Blob.objects.create(digest="d" * 64, size=1)
        act("thing/1")
        ledger.tell("matters.opened", "k")
        raise kind("现在不能办理。", cite="五（四）")  # type: ignore[call-arg]

    with pytest.raises(kind, match="现在不能办理"):
        refuse(matter_id=target, by=PERSON)
    event = Event.objects.get()
    body = json.loads(event.body)
    assert event.type == "refuse.refused"
    assert event.stream.startswith("refusal/")
    assert event.actor_id == PERSON.user_id
    assert (body["why"], body["kind"]) == ("现在不能办理。（依据：五（四））", kind.__name__)
    assert body["target"] == {"matter_id": str(target)}
    assert not any(model.objects.exists() for model in (Blob, Outbox))


def test_who_was_refused_before_becoming_an_actor_is_named_by_the_account() -> None:
    """Commands of people take a user's id; what was asked of which record is known however it was passed."""
    person = get_user_model().objects.create(username="someone", name="演示·某经办员")
    target = uuid7()

    @ledger.service
    def refuse(item_id: uuid.UUID, *, user_id: uuid.UUID) -> None:
        raise NotAllowed("此事项由负责人办理。")

    with pytest.raises(NotAllowed):
        refuse(target, user_id=person.pk)
    with pytest.raises(NotAllowed):
        refuse(target, user_id=uuid7())
    known, unknown = Event.objects.order_by("recorded_at")
    assert (known.actor_id, known.actor_name) == (person.pk, "演示·某经办员")
    assert known.facts["target"] == {"item_id": str(target), "user_id": str(person.pk)}
    assert (unknown.actor_id, unknown.actor_name) == (None, "系统")


def test_a_refusal_of_an_inner_service_undoes_the_outer_one_and_is_recorded_once() -> None:
    @ledger.service
    def inner() -> None:
        raise NotPossible("不行。")

    @ledger.service
    def outer() -> None:
        act("thing/1")
        inner()

    with pytest.raises(NotPossible):
        outer()
    assert [event.type for event in Event.objects.all()] == ["outer.refused"]


def test_an_event_outside_a_service_is_a_mistake() -> None:
    commands: list[Callable[[], None]] = [
        lambda: ledger.record("x", "y", by=SYSTEM, at=NOON),
        lambda: ledger.tell("x", "y"),
        lambda: ledger.write("SELECT 1", []),
    ]
    for command in commands:
        with pytest.raises(RuntimeError, match="inside a @ledger.service only"):
            command()


def test_queued_statements_can_be_sent_early_and_only_once() -> None:
    @ledger.service
    def sends() -> int:
        ledger.write("INSERT INTO audit_blob (digest, size) VALUES (%s, %s)", ["d" * 64, 1])
        ledger.send_statements()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_blob")
            count: int = cursor.fetchone()[0]
        return count

    assert sends() == 1


def test_business_time_is_database_time_plus_the_offset_and_both_are_kept() -> None:
    clock.move_to(NOON)
    assert abs(clock.now() - NOON) < dt.timedelta(seconds=5)
    ledger.note("test.note", "thing/1", by=SYSTEM)
    event = Event.objects.get()
    assert abs(event.at - NOON) < dt.timedelta(seconds=5)
    offset = dt.timedelta(seconds=json.loads(event.body)["clock_offset"])
    assert abs(event.recorded_at + offset - event.at) < dt.timedelta(seconds=5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        assert abs(cursor.fetchone()[0] - event.recorded_at) < dt.timedelta(seconds=5)


def test_without_an_offset_business_time_is_database_time() -> None:
    assert clock.offset() == dt.timedelta(0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        assert abs(cursor.fetchone()[0] - clock.now()) < dt.timedelta(seconds=1)
    act("thing/1")
    assert json.loads(Event.objects.get().body)["clock_offset"] == 0


def test_the_time_is_of_the_call_not_of_the_transactions_start() -> None:
    first = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.02)")
    assert clock.now() - first >= dt.timedelta(milliseconds=20)


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    day = dt.date(2026, 12, 31)
    assert clock.end_of(day).isoformat() == "2027-01-01T00:00:00+08:00"
    assert clock.local_date(dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)) == day
    assert clock.local_date(dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)) == dt.date(2027, 1, 1)


def test_keys_grow_within_a_process_and_carry_their_time() -> None:
    keys = [uuid7() for _ in range(2000)]
    assert keys == sorted(keys)
    assert {key.version for key in keys} == {7}
    made = dt.datetime.fromtimestamp((keys[0].int >> 80) / 1000, tz=dt.UTC)
    assert abs(dt.datetime.now(tz=dt.UTC) - made) < dt.timedelta(seconds=5)


def test_keys_of_many_threads_are_distinct() -> None:
    made = race([lambda: [uuid7() for _ in range(500)]] * 8)
    assert failures(made) == []
    assert len({key for keys in made for key in keys}) == 4000
