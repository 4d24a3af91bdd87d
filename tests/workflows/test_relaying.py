"""The outbox: every message is delivered at least once, its effect happens once, failures are seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from kombu.serialization import dumps

from audit import ledger
from audit.actor import SYSTEM
from audit.ids import uuid7
from audit.models import Blob, Event, Outbox
from audit.refusals import NotPossible
from config.celery import app
from cycle.services import stages
from tests.county import fingerprint
from tests.workflows import county
from tests.workflows.racing import failures, race
from workflows import tasks as celery_tasks
from workflows.models import Process, WorkItem
from workflows.services import relaying, ticking
from workflows.subscriptions import SUBSCRIPTIONS

pytestmark = pytest.mark.django_db
UNITS = sum(county.UNITS.values())
TOPIC = "test.topic"
Handler = Callable[[str, dict[str, Any]], bool]


@ledger.service
def tell(key: str, **payload: Any) -> None:
    """Leave one message."""
    ledger.tell(TOPIC, key, **payload)


@pytest.fixture
def subscribe(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], list[str]]:
    """Let a handler listen to the test's topic; its calls are written down."""

    def listen(handler: Handler) -> list[str]:
        calls: list[str] = []

        def heard(key: str, payload: dict[str, Any]) -> bool:
            calls.append(key)
            return handler(key, payload)

        monkeypatch.setitem(SUBSCRIPTIONS, TOPIC, heard)
        return calls

    return listen


def message() -> Outbox:
    return Outbox.objects.get(topic=TOPIC)


def make_due() -> None:
    """Let the pause before the next try be over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_outbox SET available_at = clock_timestamp() WHERE done_at IS NULL")


def store(key: str, payload: dict[str, Any]) -> bool:
    Blob.objects.create(digest=key.ljust(64, "0"), size=payload.get("size", 1))
    return False


def fail(key: str, payload: dict[str, Any]) -> bool:
    Blob.objects.create(digest=key.ljust(64, "0"), size=1)
    raise ConnectionError("the other side is down")


def test_a_message_brings_its_key_and_facts_and_is_done(subscribe: Callable[[Handler], list[str]]) -> None:
    calls = subscribe(store)
    tell("k1", size=7)
    assert relaying.pending() == [message().pk]
    assert relaying.drain() == 1
    assert calls == ["k1"]
    assert Blob.objects.get().size == 7
    assert message().done_at is not None
    assert (relaying.pending(), relaying.drain()) == ([], 0)


def test_a_message_that_was_done_is_not_delivered_again(subscribe: Callable[[Handler], list[str]]) -> None:
    """Redis may hand the same id out twice."""
    calls = subscribe(store)
    tell("k1")
    assert [relaying.deliver(message().pk) for _ in range(3)] == [True, False, False]
    assert calls == ["k1"]
    assert relaying.deliver(uuid7()) is False


def test_work_and_mark_are_one_transaction(
    subscribe: Callable[[Handler], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies before its mark has done nothing; the message is delivered again."""
    subscribe(store)
    tell("k1")
    handled = relaying._handle

    def dies(message_id: UUID) -> bool:
        handled(message_id)
        raise SystemExit("killed")

    with monkeypatch.context() as broken:
        broken.setattr(relaying, "_handle", dies)
        with pytest.raises(SystemExit):
            relaying.deliver(message().pk)
    assert not Blob.objects.exists()
    assert message().done_at is None
    assert relaying.drain() == 1
    assert Blob.objects.count() == 1


def test_a_failure_leaves_nothing_waits_longer_each_time_and_dies_in_the_end(
    subscribe: Callable[[Handler], list[str]],
) -> None:
    calls = subscribe(fail)
    tell("k1")
    pauses = []
    for attempt in range(1, relaying.MAX_ATTEMPTS + 1):
        make_due()
        assert relaying.deliver(message().pk) is False
        found = message()
        assert (found.attempts, found.done_at) == (attempt, None)
        assert found.last_error == "ConnectionError: the other side is down"
        assert (found.dead_at is not None) == (attempt == relaying.MAX_ATTEMPTS)
        assert relaying.pending() == []
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT round(extract(epoch FROM available_at - clock_timestamp())) FROM audit_outbox"
            )
            pauses.append(int(cursor.fetchone()[0]))
    assert not Blob.objects.exists()
    assert pauses == [min(3600, 2 * 2**attempt) for attempt in range(relaying.MAX_ATTEMPTS)]
    make_due()
    assert (relaying.pending(), relaying.deliver(message().pk)) == ([], False), "dead is dead"
    assert len(calls) == relaying.MAX_ATTEMPTS


def test_a_dead_message_can_be_given_another_life(
    subscribe: Callable[[Handler], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "MAX_ATTEMPTS", 1)
    subscribe(fail)
    tell("k1")
    relaying.drain()
    assert message().dead_at is not None
    subscribe(store)
    assert relaying.drain() == 0
    relaying.replay(message().pk)
    assert (message().dead_at, message().attempts) == (None, 0)
    assert relaying.drain() == 1, "at once, not after the last pause"
    assert message().done_at is not None


def test_only_the_dead_are_replayed(subscribe: Callable[[Handler], list[str]]) -> None:
    calls = subscribe(store)
    tell("k1")
    relaying.drain()
    relaying.replay(message().pk)
    assert relaying.drain() == 0
    assert calls == ["k1"]


def test_one_that_fails_does_not_hold_up_the_others(subscribe: Callable[[Handler], list[str]]) -> None:
    calls = subscribe(lambda key, payload: fail(key, payload) if key == "k1" else store(key, payload))
    for number in range(1, 4):
        tell(f"k{number}")
    assert relaying.drain() == 2
    assert sorted(calls) == ["k1", "k2", "k3"]
    assert Blob.objects.count() == 2


def test_an_unknown_topic_is_a_failure_that_is_seen() -> None:
    tell("k1")
    assert relaying.drain() == 0
    assert message().last_error == f"KeyError: '{TOPIC}'"


def test_a_refusal_in_a_handler_is_tried_again_and_leaves_no_event(
    subscribe: Callable[[Handler], list[str]],
) -> None:
    @ledger.service
    def refuse() -> bool:
        ledger.record("test.act", "thing/1", by=SYSTEM, at=message().created_at, new_stream=True)
        raise NotPossible("还没有到时候。")

    subscribe(lambda key, payload: refuse())
    tell("k1")
    assert relaying.drain() == 0
    assert message().last_error == "NotPossible: 还没有到时候。"
    assert not Event.objects.exists()


def test_a_handler_may_ask_to_be_called_again(subscribe: Callable[[Handler], list[str]]) -> None:
    calls = subscribe(lambda key, payload: store(f"{len(calls)}", payload) or len(calls) < 3)
    tell("k1")
    assert relaying.deliver(message().pk) is True
    assert message().done_at is None
    assert relaying.drain() == 2
    assert (calls, Blob.objects.count()) == (["k1"] * 3, 3)
    assert message().done_at is not None


def test_what_a_handler_tells_is_delivered_in_the_same_drain(
    subscribe: Callable[[Handler], list[str]],
) -> None:
    def chain(key: str, payload: dict[str, Any]) -> bool:
        if int(key) < 5:
            tell(str(int(key) + 1))
        return False

    calls = subscribe(chain)
    tell("1")
    assert relaying.drain() == 5
    assert calls == ["1", "2", "3", "4", "5"]


@pytest.mark.django_db(transaction=True)
def test_several_relays_do_not_deliver_twice(subscribe: Callable[[Handler], list[str]]) -> None:
    calls = subscribe(store)
    for number in range(20):
        tell(f"{number:02}")
    results = race([relaying.drain] * 4)
    assert failures(results) == []
    assert sum(results) == 20
    assert sorted(calls) == [f"{number:02}" for number in range(20)]
    assert Blob.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_a_message_in_other_hands_is_passed_over_not_waited_for(
    subscribe: Callable[[Handler], list[str]],
) -> None:
    inner: list[Any] = []

    def slow(key: str, payload: dict[str, Any]) -> bool:
        inner.extend(race([lambda: relaying.deliver(message().pk)]))
        return False

    subscribe(slow)
    tell("k1")
    assert relaying.drain() == 1
    assert inner == [False]


@pytest.mark.parametrize("topic", sorted(SUBSCRIPTIONS))
def test_every_handler_may_run_twice(topic: str) -> None:
    """What a second delivery of the same message changes: nothing."""
    cycle = county.setting()
    payload = {"kind": "sheet", "stage": "monitoring", "period": "m01", "round": "q1", "why": "结果变更"}
    handler = SUBSCRIPTIONS[topic]
    while handler(str(cycle.pk), payload):
        pass
    relaying.drain()
    Outbox.objects.update(done_at="2026-01-01T00:00:00Z")
    before = fingerprint()
    assert handler(str(cycle.pk), payload) is False
    Outbox.objects.filter(done_at__isnull=True).delete()
    assert fingerprint() == before


# --- Celery: only the speed --------------------------------------------------------------------------------


def test_the_relay_hands_out_ids_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    county.setting()
    tell("k1", secret="演示")
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(celery_tasks.deliver, "delay", lambda *args: sent.append(args))
    assert celery_tasks.relay.run() == 1
    assert sent == [(str(message().pk),)]
    serializer = app.conf.task_serializer
    content_type, encoding, body = dumps(sent[0], serializer=serializer)  # type: ignore[no-untyped-call]
    assert (content_type, json.loads(body)) == ("application/json", [str(message().pk)])
    assert encoding == "utf-8"


@pytest.fixture
def eager() -> Iterator[None]:
    """Celery runs a task where it is called."""
    before = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = before


def test_through_celery_the_same_comes_out(eager: None) -> None:
    cycle = county.prepared()
    stages.open_stage(cycle.pk, "indicator_setting", user_id=county.user(county.CHIEF))
    told = Outbox.objects.count()
    assert celery_tasks.relay.delay().get() == told
    assert (Process.objects.count(), WorkItem.objects.filter(state="open").count()) == (UNITS, UNITS)
    assert not Outbox.objects.filter(done_at__isnull=True).exists()
    assert celery_tasks.relay.delay().get() == 0
    nothing = {"opened": 0, "lapsed": 0, "fired": 0, "locked": 0}
    assert celery_tasks.tick.delay().get() == ticking.tick() == nothing


def test_every_periodic_task_is_registered_and_expires() -> None:
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name
        assert entry["options"]["expires"] > 0
