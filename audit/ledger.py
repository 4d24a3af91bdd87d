"""The one way to change state: a service is one transaction that ends by writing its page of the ledger.

    @ledger.service
    def approve(matter_id, *, by, at, ...):
        lock the row → who may → is the state right → what does the policy say → write, and record()

The outermost service owns the transaction and the page; services that it calls write on the same page.
What is collected — engine rows, events, outbox messages — leaves in two statements at the end, whatever
their number: one reads the streams' last numbers (their rows are locked by then), one writes everything.
A refusal rolls everything back and is itself recorded, in a transaction of its own.
"""

import datetime as dt
import functools
import hashlib
import inspect
import json
import uuid
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from audit import clock
from audit.actor import SYSTEM, Actor
from audit.ids import uuid7
from audit.refusals import Refusal

P = ParamSpec("P")
R = TypeVar("R")

LEAF_ALG = "sha256/rfc9162-leaf"
BODY_VERSION = 1

request_id: ContextVar[str] = ContextVar("request_id", default="")
_page: ContextVar["Page | None"] = ContextVar("page", default=None)


@dataclass(slots=True)
class Entry:
    """One event on its way to the ledger."""

    type: str
    stream: str
    by: Actor
    at: dt.datetime
    policy: str
    new_stream: bool
    facts: dict[str, Any]


@dataclass(slots=True)
class Page:
    """What one transaction has to say: statements of the engine, events, messages; and the rows it holds."""

    entries: list[Entry] = field(default_factory=list)
    messages: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    statements: list[tuple[str, list[Any]]] = field(default_factory=list)
    held: dict[uuid.UUID, Any] = field(default_factory=dict)


def service(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` a service: atomic, with the ledger page written at the end of the outermost one."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _page.get() is not None:
            return function(*args, **kwargs)
        page = Page()
        token = _page.set(page)
        try:
            with transaction.atomic():
                result = function(*args, **kwargs)
                _write(page)
        except Refusal as refusal:
            _page.reset(token)
            token = None  # type: ignore[assignment]
            given = inspect.signature(function).bind(*args, **kwargs).arguments
            _record_refusal(function.__name__, refusal, given)
            raise
        finally:
            if token is not None:
                _page.reset(token)
        return result

    return run


def record(
    type: str,
    stream: str,
    *,
    by: Actor,
    at: dt.datetime,
    policy: str = "",
    new_stream: bool = False,
    **facts: Any,
) -> None:
    """Put one event on the current page.

    `stream` names a row that the caller holds locked (`sheet/<id>`), or one that it has just made
    (`new_stream=True`). Facts follow the conventions `set` (every changed field with its new value), `was`
    (the old ones) and `why`.
    """
    current_page().entries.append(Entry(type, stream, by, at, policy, new_stream, facts))


def tell(topic: str, key: Any, **payload: Any) -> None:
    """Leave a message for whoever subscribes to `topic`; it is delivered after commit, at least once."""
    current_page().messages.append((topic, str(key), payload))


def write(sql: str, params: Iterable[Any]) -> None:
    """Queue a statement of the engine for the final batch."""
    current_page().statements.append((sql, list(params)))


def insert(table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """Queue new rows of a table for the final batch, as one statement."""
    if rows:
        current_page().statements.append(_insert(table, columns, rows))


def current_page() -> Page:
    """Return the page of the running service; raises RuntimeError outside one."""
    page = _page.get()
    if page is None:
        raise RuntimeError("ledger entries are made inside a @ledger.service only")
    return page


def send_statements() -> None:
    """Execute the queued engine statements now, for code that must see their rows."""
    page = current_page()
    if page.statements:
        _execute(page.statements)
        page.statements.clear()


def canonical(value: Any) -> str:
    """Return canonical JSON: sorted keys, no spaces, UTC microseconds, decimals as strings."""
    return json.dumps(value, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def leaf_hash(body: str) -> bytes:
    """Return the RFC 9162 leaf hash (SHA-256 of 0x00 and the bytes) of an event body."""
    return hashlib.sha256(b"\x00" + body.encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _write(page: Page) -> None:
    statements = page.statements
    if page.entries:
        statements.append(_event_rows(page.entries))
    if page.messages:
        statements.append(_outbox_rows(page.messages))
    if statements:
        _execute(statements)


def _execute(statements: list[tuple[str, list[Any]]]) -> None:
    """Send several statements in one round trip (psycopg2 interpolates on the client)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "; ".join(sql for sql, _ in statements),
            [value for _, params in statements for value in params],
        )


def _last_numbers(entries: list[Entry]) -> tuple[dict[str, int], float]:
    """Return each known stream's last seq and the offset of business time in seconds."""
    streams = list({entry.stream for entry in entries if not entry.new_stream})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s, coalesce((SELECT max(seq) FROM audit_event WHERE stream = s), 0),"
            ' coalesce((SELECT extract(epoch FROM "offset") FROM audit_clock), 0)'
            " FROM unnest(%s::text[]) s",
            [streams or [""]],
        )
        rows = cursor.fetchall()
    return {stream: seq for stream, seq, _ in rows if stream}, float(rows[0][2])


_EVENT_COLUMNS = (
    "id, stream, seq, type, at, actor_id, actor_name, behalf_id, behalf_name, office_id, office_title,"
    " policy, request_id, body, leaf_alg, leaf_hash"
)


def _insert(table: str, columns: str, rows: list[tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """One statement for all rows: a list of VALUES beats unnested arrays, for two rows as for 2,000."""
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    sql = f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * len(rows))}"  # noqa: S608
    return sql, [value for values in rows for value in values]


def _event_rows(entries: list[Entry]) -> tuple[str, list[Any]]:
    numbers, offset = _last_numbers(entries)
    request = request_id.get() or str(uuid7())
    rows = []
    for entry in entries:
        seq = numbers[entry.stream] = numbers.get(entry.stream, 0) + 1
        rows.append(_event_row(entry, seq, request, offset))
    return _insert("audit_event", _EVENT_COLUMNS, rows)


def _event_row(entry: Entry, seq: int, request: str, offset: float) -> tuple[Any, ...]:
    id, by = str(uuid7()), entry.by
    body = canonical(
        {
            "v": BODY_VERSION,
            "id": id,
            "stream": entry.stream,
            "seq": seq,
            "type": entry.type,
            "at": entry.at,
            "by": {"id": by.user_id, "name": by.name, "role": by.role},
            "office": {"id": by.office_id, "title": by.office_title},
            "on_behalf_of": {"id": by.behalf_id, "name": by.behalf_name},
            "policy": entry.policy,
            "request": request,
            "clock_offset": round(offset),
        }
        | entry.facts
    )
    return (
        id,
        entry.stream,
        seq,
        entry.type,
        entry.at,
        by.user_id,
        by.name,
        by.behalf_id,
        by.behalf_name,
        by.office_id,
        by.office_title,
        entry.policy,
        request,
        body,
        LEAF_ALG,
        leaf_hash(body),
    )


def _outbox_rows(messages: list[tuple[str, str, dict[str, Any]]]) -> tuple[str, list[Any]]:
    rows = [(str(uuid7()), topic, key, canonical(payload)) for topic, key, payload in messages]
    return _insert("audit_outbox", "id, topic, key, payload", rows)


@service
def note(type: str, stream: str, *, by: Actor = SYSTEM, at: dt.datetime | None = None, **facts: Any) -> None:
    """Record one event that changes no row (sign-in, export, refusal), in a transaction of its own."""
    record(type, stream, by=by, at=at or clock.now(), new_stream=True, **facts)


def _record_refusal(name: str, refusal: Refusal, arguments: dict[str, Any]) -> None:
    target = {key: str(value) for key, value in arguments.items() if key.endswith("_id") and value}
    note(
        f"{name}.refused",
        f"refusal/{uuid7()}",
        by=_who_asked(arguments),
        why=str(refusal),
        kind=type(refusal).__name__,
        target=target,
    )


def _who_asked(arguments: dict[str, Any]) -> Actor:
    """Return the actor of a refused command; who had not become one yet is named by the account alone."""
    by = arguments.get("by")
    if isinstance(by, Actor):
        return by
    accounts = get_user_model()._default_manager
    person = accounts.filter(pk=arguments["user_id"]).first() if "user_id" in arguments else None
    return Actor(person.pk, str(person)) if person else SYSTEM
