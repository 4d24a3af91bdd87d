"""The indicators that a request for adjustment is about: chosen when it is drafted, and anew while it is."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotFound, NotPossible
from cycle.models import AdjustmentLine, Cycle, Indicator, IndicatorAdjustment, Subject
from cycle.services.moving import hold

MOST_ADDED = 5


@ledger.service
def choose(
    matter_id: UUID, *, picks: Mapping[str, str], added: int, by: Actor, at: dt.datetime, comment: str = ""
) -> None:
    """Choose the indicators of a draft anew; lines that stay keep what has been written in them."""
    adjustment = hold(IndicatorAdjustment, matter_id)
    if adjustment.state != "draft":
        raise NotPossible(f"“{adjustment.title}”{adjustment.state_title}，现在不能再增减指标。")
    Cycle.objects.select_for_update(no_key=True).get(pk=adjustment.cycle_id)  # new keys are given out in turn
    write_lines(adjustment, picks, added, by=by, at=at)


def write_lines(
    adjustment: IndicatorAdjustment, picks: Mapping[str, str], added: int, *, by: Actor, at: dt.datetime
) -> None:
    """Write the lines of a draft; NotFound for a strange indicator, NotPossible for none or too many."""
    chosen = _chosen(adjustment.unit, picks)
    if not chosen and not added:
        raise NotPossible("请至少选择一项要调整、撤销或者新增的指标。", field="picks")
    if not 0 <= added <= MOST_ADDED:
        raise NotPossible(f"一次申请最多新增 {MOST_ADDED} 项指标，请分几次申请。", field="added")
    lines = {(line.indicator_id, line.action): line for line in adjustment.changes.exclude(action="add")}
    fresh = list(adjustment.changes.filter(action="add").order_by("position"))[:added]
    keys = _new_keys(adjustment, added)
    kept = [
        lines.get((indicator.pk, action))
        or AdjustmentLine(adjustment=adjustment, indicator=indicator, action=action)
        for indicator, action in chosen
    ]
    kept += fresh
    kept += [
        AdjustmentLine(adjustment=adjustment, action=AdjustmentLine.Action.ADD, values={"key": key})
        for key in keys[len(fresh) :]
    ]
    adjustment.changes.exclude(pk__in=[line.pk for line in kept]).delete()
    for position, line in enumerate(kept):
        line.position = position
        line.save()
    ledger.record(
        "adjustment.choose",
        adjustment.stream,
        by=by,
        at=at,
        policy=adjustment.cycle.policy_id,
        chosen=[f"{line.get_action_display()} {line.indicator or line.values['key']}" for line in kept],
    )


def _chosen(unit: Subject, picks: Mapping[str, str]) -> list[tuple[Indicator, str]]:
    """The picked indicators in the order of the sheet; only issued ones of the unit can be picked."""
    rows = Indicator.objects.filter(subject=unit, state=Indicator.State.ISSUED).order_by("position", "key")
    known = {str(each.pk): each for each in rows}
    for key, action in picks.items():
        if key not in known or action not in ("change", "drop"):
            raise NotFound("没有找到要调整的指标，它可能不属于这个单位，请刷新页面后重新选择。")
    return [(each, picks[key]) for key, each in known.items() if key in picks]


def _new_keys(adjustment: IndicatorAdjustment, count: int) -> list[str]:
    """Keys for added indicators that the unit has not had this year."""
    taken = set(Indicator.objects.filter(subject=adjustment.unit).values_list("key", flat=True))
    others = AdjustmentLine.objects.filter(adjustment__subject=adjustment.unit, action="add")
    taken |= {line.values.get("key", "") for line in others.exclude(adjustment=adjustment)}
    free = (f"new{number:02d}" for number in range(1, len(taken) + count + 1))
    return [key for key in free if key not in taken][:count]
