"""The five beats that all services on matters share: lock, (who), state, (policy), write and record."""

import datetime as dt
from typing import Any, TypeVar, cast
from uuid import UUID

from django_fsm import can_proceed

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotFound, NotPossible
from cycle.models import Matter

M = TypeVar("M", bound=Matter)


def hold(kind: type[M], matter_id: UUID) -> M:
    """Lock a matter and return it fresh; raises NotFound when there is none of this kind."""
    rows = kind._default_manager.select_for_update(no_key=True, of=("self",)).select_related("cycle")
    found = rows.filter(pk=matter_id).first()
    if found is None:
        raise NotFound(f"没有找到这一{kind.TITLE}，它可能不属于你的单位。")
    return cast(M, found)


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
