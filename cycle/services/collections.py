"""Data collection: collectors measure, their head signs, the performance office samples."""

import datetime as dt
from uuid import UUID

from django.db.models import QuerySet

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Collection, Indicator, Reading
from cycle.queries.packs import rules_of
from cycle.queries.rules import rounds
from cycle.queries.versions import in_force, round_end
from cycle.services.measuring import measured
from cycle.services.moving import hold, move
from cycle.services.numbers import plain
from offices.queries.directory import organisation_of

Lines = dict[str, dict[str, str]]


def indicators_of(collection: Collection) -> list[Indicator]:
    """Its collector's indicators that are scored in its round, in the version of the round's last day."""
    pack = rules_of(collection.cycle)
    last = round_end(pack, collection.key, collection.cycle.year)
    rows = in_force(collection.cycle, last).filter(collector=collection.office)
    return [
        each
        for each in rows.select_related("subject__organisation").order_by("subject__position", "position")
        if collection.key in rounds(pack, each.subject.group, each.component)
    ]


@ledger.service
def collect(matter_id: UUID, *, by: Actor, at: dt.datetime, lines: Lines, comment: str = "") -> None:
    """The collector enters its readings (正定 八（三）). `lines`: indicator's id → `actual`, `note`.

    A method that is judged rather than measured (`given`) takes points; every other takes a number, `levels`
    the id of a level. Nobody collects its own unit's data.
    """
    collection = hold(Collection, matter_id)
    readings, values, own = [], {}, organisation_of(by.office)
    for indicator in indicators_of(collection):
        if indicator.subject.organisation_id == own:
            raise NotAllowed(f"“{indicator.title}”考核的就是{indicator.subject}，不能由本单位采集。")
        reading = _reading(collection, indicator, lines.get(str(indicator.pk), {}))
        readings.append(reading)
        values[f"{indicator.subject.code}/{indicator.key}"] = reading.actual or plain(reading.score)
    Reading.objects.filter(collection=collection).delete()
    Reading.objects.bulk_create(readings)
    move(collection, "collect", by=by, at=at, why=comment, values=values)


def _reading(collection: Collection, indicator: Indicator, line: dict[str, str]) -> Reading:
    what = f"{indicator.subject}“{indicator.title}”"
    text, note = line.get("actual", "").strip(), line.get("note", "").strip()
    reading = Reading(indicator=indicator, collection=collection, round=collection.key, note=note)
    if not text:
        raise NotPossible(f"请填写{what}的实绩后再提交。", field=f"{indicator.pk}-actual")
    reading.actual, reading.score = measured(indicator, text, what=what, field=f"{indicator.pk}-actual")
    if indicator.method == "given" and not note:
        raise NotPossible(f"{what}是评定得分，请写明理由。", field=f"{indicator.pk}-note")
    return reading


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The head of the collecting office signs."""
    collection = hold(Collection, matter_id)
    move(collection, "approve", by=by, at=at, why=comment)
    _need_current(collection)


def _need_current(collection: Collection) -> None:
    """Refuse readings of other indicators than the round's: one was adjusted after it had been measured."""
    collected = {each.indicator_id: each.indicator for each in _readings_of(collection)}
    current = {each.pk: each for each in indicators_of(collection)}
    changed = [(collected | current)[key] for key in collected.keys() ^ current.keys()]
    if changed:
        names = "、".join(sorted({f"{each.subject}“{each.title}”" for each in changed})[:3])
        raise NotPossible(f"采集以后指标作了调整（{names}），请退回采集人员，按现行指标重新采集。")


def _readings_of(collection: Collection) -> QuerySet[Reading]:
    return Reading.objects.filter(collection=collection).select_related("indicator__subject")


@ledger.service
def accept(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The performance office has sampled the readings; they count from now on."""
    collection = hold(Collection, matter_id)
    move(collection, "accept", by=by, at=at, why=comment)
    _need_current(collection)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Sent back to the collector with a reason."""
    move(hold(Collection, matter_id), "give_back", by=by, at=at, why=comment)
