"""Key items flow into next year's indicators (济南 27 条), or it is put on record why not."""

import datetime as dt
from dataclasses import replace
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotFound, NotPossible
from cycle.models import Cycle, Indicator, Rectification, Subject
from cycle.services.indicator_imports import COLUMNS, plan_indicators
from cycle.services.moving import hold
from cycle.services.setup import draft_indicators
from offices.queries.acting import acting_as
from offices.services.imports import BadTable

NEEDED = {"standard": "验收标准", "rule": "计分规则", "collector": "数据采集单位"}


@ledger.service
def take_over(rectification_id: UUID, row: dict[str, str], *, cycle_id: UUID, user_id: UUID) -> Indicator:
    """Draft an indicator of the unit for a year in preparation out of a key item.

    `row` has the columns of the indicators' table. Raises NotPossible naming the field that does not hold,
    when the year has begun, or when the item was dealt with already.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    matter = hold(Rectification, rectification_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    subject = _need_room(matter, cycle)
    for name, title in NEEDED.items():
        if not row.get(name, "").strip():
            raise NotPossible(f"请填写{title}，重点整改列入指标同样要能验收、能计分、能采集。", field=name)
    try:
        (draft,) = plan_indicators(cycle, [row | {"unit": subject.code}])
    except BadTable as bad:
        first = bad.defects[0]
        names = {column.title: name for name, column in COLUMNS.items()}
        raise NotPossible(f"{first.column}：{first.sentence}", field=names.get(first.column, "")) from bad
    draft_indicators(cycle.pk, [replace(draft, because_of=matter.pk)], user_id=user_id)
    indicator = Indicator.objects.get(cycle=cycle, subject=subject, key=draft.key)
    text = {name: value for name, value in matter.text.items() if name != "not_carried"}
    _note(matter, "carry", by, at, carried_to=indicator, text=text)
    return indicator


@ledger.service
def decline(rectification_id: UUID, *, cycle_id: UUID, user_id: UUID, why: str) -> None:
    """Put on record why a key item does not become an indicator of the year in preparation."""
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    matter = hold(Rectification, rectification_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    _need_preparation(matter, cycle)
    if not why.strip():
        raise NotPossible("请写明这项重点整改为什么不列入指标，审计可以查阅。", field="why")
    declined = {"why": why.strip(), "year": cycle.year, "by": by.name, "on": clock.local_date(at).isoformat()}
    _note(matter, "not_carry", by, at, text=matter.text | {"not_carried": declined}, why=why.strip())


def _need_room(matter: Rectification, cycle: Cycle) -> Subject:
    _need_preparation(matter, cycle)
    subject = Subject.objects.filter(cycle=cycle, organisation=matter.unit.organisation_id).first()
    if subject is None:
        raise NotPossible(
            f"{matter.unit}还没有列为 {cycle.year} 年度的考核对象，请先列入考核对象；"
            "该年度不再考核这个单位的，请写明理由，记录为不列入。"
        )
    return subject


def _need_preparation(matter: Rectification, cycle: Cycle) -> None:
    if cycle.owner_id != matter.cycle.owner_id or cycle.year <= matter.cycle.year:
        raise NotFound(f"没有找到这项重点整改，它不属于{cycle.title}以前的年度。")
    if not matter.is_key or matter.state == "revoked":
        raise NotPossible(f"“{matter.title}”不是重点整改，或者已经撤销，不需要列入下一年度指标。")
    if cycle.state != Cycle.State.PREPARATION:
        raise NotPossible(f"{cycle.title}已经开始，不能再列入指标草案；确有必要的，请通过指标调整增加。")
    if matter.carried_to_id:
        raise NotPossible(f"“{matter.title}”已经列入 {_year(matter)} 年度的指标，不用重复列入。")


def _year(matter: Rectification) -> int:
    return Cycle.objects.values_list("year", flat=True).get(indicators=matter.carried_to_id)


def _note(
    matter: Rectification, verb: str, by: Actor, at: dt.datetime, *, why: str = "", **fields: object
) -> None:
    """Save what was decided about the item and record it; the item's own state does not change."""
    was = {name: getattr(matter, name) for name in fields}
    for name, value in fields.items():
        setattr(matter, name, value)
    matter.save(update_fields=list(fields))
    ledger.record(
        f"rectification.{verb}",
        matter.stream,
        by=by,
        at=at,
        policy=matter.cycle.policy_id,
        why=why,
        was={name: getattr(value, "pk", value) for name, value in was.items()},
        set={name: getattr(value, "pk", value) for name, value in fields.items()},
    )
