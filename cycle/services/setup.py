"""Preparing a cycle: adopt a policy, name the units, draft their indicators."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import AdoptedPolicy, Cycle, Indicator, Subject, WorkPlan
from cycle.queries.packs import rules_of
from offices.models import Office, Organisation
from offices.queries.acting import acting_as
from policies.packs import Pack


@dataclass(frozen=True, slots=True)
class IndicatorDraft:
    """One indicator as the performance office drafts it for a unit, before the unit declares."""

    unit: str
    key: str
    component: str
    heading: str
    title: str
    unit_of_measure: str
    points: Decimal
    method: str
    target: str
    params: dict[str, Any]
    standard: str
    rule: str
    source: str
    collector: str
    last_year: Decimal | None = None
    round_values: dict[str, dict[str, str]] = field(default_factory=dict)
    plan: dict[str, str] = field(default_factory=dict)
    is_key: bool = False
    because_of: UUID | None = None


@ledger.service
def create_cycle(pack: Pack, *, owner_id: UUID, year: int, user_id: UUID, is_demo: bool = False) -> UUID:
    """Adopt a policy for a year. Refused when the pack has open values or the year has a cycle already."""
    by, at = acting_as(user_id, owner_id, "performance_office")
    if not pack.ready:
        names = "、".join(str(each) for each in list(pack.open_values())[:5])
        raise NotPossible(f"考核办法还有没有确定的内容（{names}），确定后才能采用。")
    owner = Organisation.objects.select_for_update(no_key=True).get(pk=owner_id)
    if Cycle.objects.filter(owner=owner, year=year).exclude(state="cancelled").exists():
        raise NotPossible(f"{year} 年度已经建立考核周期，不能重复建立。")
    policy, _ = AdoptedPolicy.objects.get_or_create(
        digest=pack.digest,
        defaults={"pack": pack.id, "title": pack.title, "content": pack.canonical, "adopted_at": at},
    )
    cycle = Cycle.objects.create(
        owner=owner,
        year=year,
        title=f"{owner.short_title} {year} 年度绩效考核",
        policy=policy,
        is_demo=is_demo,
        created_at=at,
    )
    ledger.record(
        "cycle.create",
        f"cycle/{cycle.pk}",
        by=by,
        at=at,
        policy=policy.digest,
        new_stream=True,
        set={"owner": owner.pk, "year": year, "policy": policy.digest, "state": cycle.state, "demo": is_demo},
    )
    return cycle.pk


@ledger.service
def add_subjects(cycle_id: UUID, *, attributes: dict[str, dict[str, str]], user_id: UUID) -> int:
    """Name the assessed units: the members of the policy's groups, found by short title.

    `attributes` maps an organisation's code to the facts that rules use (e.g. `monthly_payroll`).
    """
    cycle, by, at = _preparing(cycle_id, user_id)
    pack = rules_of(cycle)
    wanted = [(group, member) for group, definition in pack.groups.items() for member in definition.members]
    offices = _unit_offices(cycle, [member for _, member in wanted])
    subjects = [
        Subject(
            cycle=cycle,
            organisation=offices[member].organisation,
            office=offices[member],
            code=offices[member].organisation.code,
            title=member,
            group=group,
            position=position,
            attributes=attributes.get(offices[member].organisation.code, {}),
        )
        for position, (group, member) in enumerate(wanted)
    ]
    Subject.objects.bulk_create(subjects)
    ledger.record(
        "cycle.add_subjects",
        f"cycle/{cycle.pk}",
        by=by,
        at=at,
        policy=cycle.policy_id,
        set={"subjects": {each.code: {"title": each.title, "group": each.group} for each in subjects}},
    )
    return len(subjects)


def _unit_offices(cycle: Cycle, members: Sequence[str]) -> dict[str, Office]:
    rows = Office.objects.filter(capacity="unit", organisation__short_title__in=members)
    offices = {office.organisation.short_title: office for office in rows.select_related("organisation")}
    missing = [member for member in members if member not in offices]
    if missing:
        raise NotPossible(f"机构表中没有这些被考核单位：{'、'.join(missing[:5])}，请先导入机构。")
    return offices


@ledger.service
def draft_indicators(cycle_id: UUID, drafts: Sequence[IndicatorDraft], *, user_id: UUID) -> int:
    """Draft the units' indicators, before 指标设置 opens; units then declare targets and work plans."""
    cycle, by, at = _preparing(cycle_id, user_id)
    subjects = {subject.code: subject for subject in cycle.subjects.all()}
    collectors = {
        office.organisation.code: office
        for office in Office.objects.filter(capacity="collector").select_related("organisation")
    }
    indicators = [
        _indicator(cycle, draft, position, subjects, collectors) for position, draft in enumerate(drafts)
    ]
    Indicator.objects.bulk_create(indicators)
    WorkPlan.objects.bulk_create(
        WorkPlan(indicator=indicator, **draft.plan)
        for indicator, draft in zip(indicators, drafts, strict=True)
    )
    for indicator in indicators:
        _record_draft(indicator, by=by, at=at)
    return len(indicators)


def _indicator(
    cycle: Cycle,
    draft: IndicatorDraft,
    position: int,
    subjects: dict[str, Subject],
    collectors: dict[str, Office],
) -> Indicator:
    if draft.unit not in subjects:
        raise NotPossible(f"“{draft.unit}”不是本年度的被考核单位，请核对指标表第 {position + 1} 行。")
    if draft.collector and draft.collector not in collectors:
        raise NotPossible(f"没有设立数据采集责任单位“{draft.collector}”，请核对指标表第 {position + 1} 行。")
    return Indicator(
        cycle=cycle,
        subject=subjects[draft.unit],
        key=draft.key,
        component=draft.component,
        heading=draft.heading,
        title=draft.title,
        unit=draft.unit_of_measure,
        points=draft.points,
        method=draft.method,
        target=draft.target,
        params=draft.params,
        standard=draft.standard,
        rule=draft.rule,
        source=draft.source,
        collector=collectors.get(draft.collector),
        last_year=draft.last_year,
        round_values=draft.round_values,
        is_key=draft.is_key,
        because_of_id=draft.because_of,
        position=position,
    )


def _record_draft(indicator: Indicator, *, by: Actor, at: dt.datetime) -> None:
    ledger.record(
        "indicator.create",
        f"indicator/{indicator.pk}",
        by=by,
        at=at,
        policy=indicator.cycle.policy_id,
        new_stream=True,
        set={
            field.attname: getattr(indicator, field.attname)
            for field in indicator._meta.concrete_fields
            if field.attname != "id"
        },
    )


def _preparing(cycle_id: UUID, user_id: UUID) -> tuple[Cycle, Actor, dt.datetime]:
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    if cycle.state != "preparation":
        raise NotPossible(f"{cycle.title}已经开始，不能再改动被考核单位和指标草案。")
    return cycle, by, at
