"""The five beats that all services on matters share: lock, (who), state, (policy), write and record."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import models
from django_fsm import can_proceed

from audit import ledger
from audit.actor import Actor
from audit.held import Held
from audit.refusals import NotFound, NotPossible
from cycle.models import Matter

M = TypeVar("M", bound=Matter)
R = TypeVar("R", bound=models.Model)


def hold(kind: type[M], matter_id: UUID) -> M:
    """Lock a matter and return it fresh; raises NotFound when there is none of this kind."""
    found = _held(kind).get(matter_id)
    if found is None:
        raise NotFound(f"没有找到这一{kind.TITLE}，它可能不属于你的单位。")
    ledger.current_page().held[matter_id] = found
    return cast(M, found)


def held(matter_id: UUID) -> Matter | None:
    """Return the matter as the running service last took it, with its changes since; None if it did not."""
    found: Matter | None = ledger.current_page().held.get(matter_id)
    return found


@cache
def _held(kind: type[Matter]) -> Held[Matter]:
    rows = kind._default_manager.select_related("cycle", "subject")
    # A kind with columns of its own has its state in the parent's row: that is the row to hold.
    parents = [link.name for link in kind._meta.parents.values() if link is not None]
    return Held(rows.select_for_update(no_key=True, of=("self", *parents)))


def move(
    matter: Matter,
    verb: str,
    *,
    by: Actor,
    at: dt.datetime,
    why: str = "",
    fields: dict[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Take the transition `verb`, set `fields` with it, save and record.

    Raises NotPossible when the state does not allow it: somebody was faster, or the order is wrong.
    """
    transition = getattr(matter, verb)
    if not can_proceed(transition):
        raise NotPossible(
            f"“{matter.title}”目前的状态是“{matter.state_title}”，不能再这样办理，请刷新页面后查看。"
        )
    was: dict[str, Any] = {"state": matter.state}
    changed: dict[str, Any] = {}
    for name, value in (fields or {}).items():
        was[name], changed[name] = getattr(matter, name), value
        setattr(matter, name, value)
    transition()
    matter.save(update_fields=["state", *changed])
    ledger.record(
        f"{matter.kind}.{verb}",
        matter.stream,
        by=by,
        at=at,
        policy=matter.cycle.policy_id,
        set={"state": matter.state} | {name: _value(value) for name, value in changed.items()},
        was={name: _value(value) for name, value in was.items()},
        why=why,
        **facts,
    )


def save_all(rows: Sequence[R], fields: list[str]) -> None:
    """Save these fields of rows that are known to exist, read whole and held by the caller's lock.

    One INSERT … ON CONFLICT: `bulk_update` composes a CASE for each row and field, which takes ten times as
    long as PostgreSQL.
    """
    if rows:
        model = type(rows[0])
        model._base_manager.bulk_create(
            rows, update_conflicts=True, update_fields=fields, unique_fields=[model._meta.pk.name]
        )


def create_all(matters: list[Matter], *, by: Actor, at: dt.datetime) -> list[Matter]:
    """Insert matters of kinds without columns of their own, one creation event each."""
    Matter.objects.bulk_create(matters)
    for matter in matters:
        record_creation(matter, by=by, at=at)
    return matters


def record_creation(matter: Matter, *, by: Actor, at: dt.datetime) -> None:
    """Record the creation of a matter with all its fields."""
    ledger.record(
        f"{matter.kind}.create",
        matter.stream,
        by=by,
        at=at,
        policy=matter.cycle.policy_id,
        new_stream=True,
        set={
            field.attname: _value(getattr(matter, field.attname))
            for field in matter._meta.concrete_fields
            if field.attname not in ("id", "matter_ptr_id")
        },
    )


def _value(value: Any) -> Any:
    return getattr(value, "pk", value)
