"""What comes into being when a stage opens or a round begins. Idempotent by the matters' unique key."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.actor import SYSTEM, Actor
from cycle.models import (
    Collection,
    Cycle,
    Feedback,
    Matter,
    SelfAssessment,
    Sheet,
    Survey,
    Turnout,
)
from cycle.queries.ballots import voters_units
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.results import approved_run
from cycle.queries.rules import components_scored_by, rounds
from cycle.queries.versions import in_force, round_end
from cycle.services import ordering
from cycle.services.moving import create_all, record_creation
from offices.models import Office
from offices.queries.directory import family, office_of


def sheets(cycle: Cycle, *, by: Actor, at: dt.datetime) -> None:
    """指标设置 opens: one sheet for each unit."""
    create_all(
        [
            Sheet(
                cycle=cycle,
                kind=Sheet.KIND,
                stage=Sheet.STAGE,
                subject=subject,
                state="draft",
                title=f"{subject.title} {cycle.year} 年度指标申报",
                created_at=at,
            )
            for subject in cycle.subjects.all()
        ],
        by=by,
        at=at,
    )
    ledger.tell("matters.opened", cycle.pk, kind=Sheet.KIND)


def self_assessments(cycle: Cycle, *, by: Actor, at: dt.datetime) -> None:
    """年终考核 opens: each unit assesses itself."""
    create_all(
        [
            SelfAssessment(
                cycle=cycle,
                kind=SelfAssessment.KIND,
                stage=SelfAssessment.STAGE,
                subject=subject,
                state="due",
                title=f"{subject.title} {cycle.year} 年度自评",
                created_at=at,
            )
            for subject in cycle.subjects.all()
        ],
        by=by,
        at=at,
    )
    ledger.tell("matters.opened", cycle.pk, kind=SelfAssessment.KIND)


def feedback(cycle: Cycle, *, by: Actor, at: dt.datetime) -> None:
    """绩效反馈 opens: one letter for each unit, on the approved run."""
    run = approved_run(cycle)
    for subject in cycle.subjects.all():
        letter = Feedback(
            cycle=cycle,
            kind=Feedback.KIND,
            stage=Feedback.STAGE,
            subject=subject,
            state="prepared",
            run=run,
            title=f"{subject.title} {cycle.year} 年度考核结果反馈",
            created_at=at,
            text={"anchors": {"decision": clock.local_date(at).isoformat()}},
        )
        letter.save(force_insert=True)
        record_creation(letter, by=by, at=at)
    ledger.tell("matters.opened", cycle.pk, kind=Feedback.KIND)


def consequences(cycle: Cycle, *, by: Actor, at: dt.datetime) -> None:
    """结果运用 opens: the uses that the policy orders for each unit's approved result (正定 七)."""
    run = approved_run(cycle)
    if run is not None:
        ordering.order_all(cycle, run, by=by, at=at)


@ledger.service
def open_round(cycle_id: UUID, key: str, *, by: Actor = SYSTEM) -> int:
    """Begin an assessment round: collections, leaders' ballots and surveys that the policy has in it.

    Returns how many matters were opened; a second call opens only what is missing.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    at = clock.now()
    wanted = [*_collections(cycle, key, at), *_turnouts(cycle, key, at), *_surveys(cycle, key, at)]
    known = set(Matter.objects.filter(cycle=cycle, key=key).values_list("kind", "office_id"))
    missing = [matter for matter in wanted if (matter.kind, matter.office_id) not in known]
    create_all(missing, by=by, at=at)
    for kind in sorted({matter.kind for matter in missing}):
        ledger.tell("matters.opened", cycle.pk, kind=kind)
    return len(missing)


def open_collections(cycle: Cycle, key: str, *, by: Actor, at: dt.datetime) -> None:
    """Open what is missing in a round that has begun: an adjustment gave it a collector it did not have.

    The cycle is held.
    """
    known = set(Collection.objects.filter(cycle=cycle, key=key).values_list("office_id", flat=True))
    missing = [matter for matter in _collections(cycle, key, at) if matter.office_id not in known]
    if missing:
        create_all(missing, by=by, at=at)
        ledger.tell("matters.opened", cycle.pk, kind=Collection.KIND)


def _collections(cycle: Cycle, key: str, at: dt.datetime) -> list[Matter]:
    pack = rules_of(cycle)
    rows = in_force(cycle, round_end(pack, key, cycle.year)).values_list(
        "collector_id", "collector__organisation__short_title", "subject__group", "component"
    )
    collectors = {
        (office, title)
        for office, title, group, component in rows.distinct()
        if key in rounds(pack, group, component)
    }
    return [
        Collection(
            cycle=cycle,
            kind=Collection.KIND,
            stage=Collection.STAGE,
            office_id=office,
            key=key,
            state="open",
            title=f"{period_title(key)}数据采集（{title}）",
            created_at=at,
        )
        for office, title in sorted(collectors, key=lambda pair: pair[1])
    ]


def _turnouts(cycle: Cycle, key: str, at: dt.datetime) -> list[Matter]:
    leaders = Office.objects.filter(capacity="county_leader", organisation__in=family(cycle.owner_id))
    turnouts: list[Matter] = []
    for leader in leaders.order_by("organisation__code"):
        turnout = Turnout(
            cycle=cycle,
            kind=Turnout.KIND,
            stage=Turnout.STAGE,
            office=leader,
            key=key,
            state="invited",
            title=f"{period_title(key)}领导评估",
            created_at=at,
        )
        if voters_units(turnout):
            turnouts.append(turnout)
    return turnouts


def _surveys(cycle: Cycle, key: str, at: dt.datetime) -> list[Matter]:
    pack = rules_of(cycle)
    asked = any(
        key in rounds(pack, group, component)
        for group in pack.groups
        for component in components_scored_by(pack, group, "survey")
    )
    if not asked:
        return []
    office = office_of(cycle.owner_id, "performance_office")
    return [
        Survey(
            cycle=cycle,
            kind=Survey.KIND,
            stage=Survey.STAGE,
            office_id=office,
            key=key,
            state="open",
            title=f"{period_title(key)}公众评估结果录入",
            created_at=at,
        )
    ]
