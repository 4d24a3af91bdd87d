"""What an import would change, and carrying it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Model

from audit import clock, ledger
from audit.actor import Actor

_LOCK = 7_301_101


@dataclass(frozen=True, slots=True)
class Change:
    """A record to be made (`was` is None) or altered, with the fields that it gets."""

    stream: str
    record: Model
    title: str
    set: Mapping[str, Any]
    was: Mapping[str, Any] | None = None

    @property
    def words(self) -> str:
        """The change as a preview shows it: 电话：0311-1 → 0311-2; only the new values of a new record."""
        fields = {each.attname: each for each in self.record._meta.concrete_fields}
        shown = [
            (str(fields[name].verbose_name), value, self.was.get(name) if self.was else None)
            for name, value in self.set.items()
            if not fields[name].is_relation and value not in (None, "")
        ]
        return "，".join(f"{title}：{f'{was} → ' if was else ''}{value}" for title, value, was in shown)


@dataclass(slots=True)
class Plan:
    """The changes that a table asks for, in order; rows that change nothing are only counted."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0

    @property
    def new(self) -> list[Change]:
        """Records that would be made."""
        return [each for each in self.changes if each.was is None]

    @property
    def altered(self) -> list[Change]:
        """Records that would be altered."""
        return [each for each in self.changes if each.was is not None]

    def settle(self, stream: str, record: Model, values: dict[str, Any], *, title: str, is_new: bool) -> None:
        """Add what `values` change of `record`: all of them for a new one, nothing when all are the same."""
        if is_new:
            self.changes.append(Change(stream, record, title, values))
            return
        differing = {name: value for name, value in values.items() if getattr(record, name) != value}
        if not differing:
            self.unchanged += 1
            return
        was = {name: getattr(record, name) for name in differing}
        for name, value in differing.items():
            setattr(record, name, value)
        self.changes.append(Change(stream, record, title, differing, was))


def lock_imports() -> None:
    """Let imports pass one at a time: a plan must still be true when it is carried out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def carry_out(plan: Plan, *, by: Actor) -> int:
    """Write the changes and one event for each; return how many there were. Call it in a service."""
    at = clock.now()
    for model, group in groupby(plan.new, key=lambda change: type(change.record)):
        model._default_manager.bulk_create([change.record for change in group])
    for change in plan.altered:
        type(change.record)._default_manager.select_for_update().get(pk=change.record.pk)
        change.record.save(update_fields=list(change.set))
    for change in plan.changes:
        kind = change.stream.split("/", 1)[0]
        verb = "create" if change.was is None else "alter"
        ledger.record(
            f"{kind}.{verb}", change.stream, by=by, at=at, new_stream=change.was is None,
            set=change.set, was=change.was or {},
        )  # fmt: skip
    return len(plan.changes)
