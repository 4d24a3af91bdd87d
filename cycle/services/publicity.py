"""Publicity of results: publish per group, wait out the window, close."""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import blobs, clock, ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Cycle, Grade, Matter, Publication, ScoringRun
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import rules_of
from cycle.queries.results import latest_run
from cycle.services.moving import hold, move, record_creation
from offices.queries.acting import acting_as
from policies.clocks import deadline


@ledger.service
def prepare(cycle_id: UUID, *, user_id: UUID) -> list[UUID]:
    """Open one publicity for each group on the newest run; refused while a grade is undecided."""
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    run = latest_run(cycle)
    if run is None:
        raise NotPossible("还没有计分，请先计分再公示。")
    _need_grades(run)
    made = []
    for group, definition in rules_of(cycle).groups.items():
        key = f"{group}-{run.number}"
        if Matter.objects.filter(cycle=cycle, kind=Publication.KIND, key__startswith=f"{group}-").exists():
            continue
        publication = Publication(
            cycle=cycle,
            kind=Publication.KIND,
            stage=Publication.STAGE,
            key=key,
            state="prepared",
            title=f"{definition.title}考核结果公示",
            created_at=at,
            run=run,
        )
        publication.save(force_insert=True)
        record_creation(publication, by=by, at=at)
        made.append(publication.pk)
    if not made:
        raise NotPossible("各组的结果已经在公示或者公示过了，不需要重复公示。")
    ledger.tell("matters.opened", cycle.pk, kind=Publication.KIND)
    return made


def _need_grades(run: ScoringRun) -> None:
    undecided = Grade.objects.filter(run=run, grade="").select_related("subject")
    if undecided:
        names = "、".join(str(grade.subject) for grade in undecided[:5])
        raise NotPossible(
            f"{names}等单位的等次还没有确定（并列待决定），请领导小组作出决定、重新计分后再公示。"
        )


def shown(publication: Publication) -> dict[str, Any]:
    """What a publicity shows: every unit of the group with total, rank and grade, best first."""
    group = publication.key.rsplit("-", 1)[0]
    grades = Grade.objects.filter(run=publication.run, subject__group=group).select_related("subject")
    return {
        "title": publication.title,
        "run": publication.run.number if publication.run else None,
        "policy": publication.cycle.policy_id,
        "demo": publication.cycle.is_demo,
        "units": [
            {
                "unit": grade.subject.title,
                "total": grade.total,
                "rank": grade.rank,
                "grade": grade.grade_title,
            }
            for grade in sorted(grades, key=lambda grade: (grade.rank or 0, grade.subject.position))
        ],
    }


@ledger.service
def publish(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Show the list; from now on its bytes are fixed and the window for objections runs (working days)."""
    publication = hold(Publication, matter_id)
    content = blobs.store([ledger.canonical(shown(publication)).encode()])
    move(
        publication,
        "publish",
        by=by,
        at=at,
        why=comment,
        fields={"content_digest": content.digest, "published_at": at, "closes_at": _closing(publication, at)},
    )


def _closing(publication: Publication, at: dt.datetime) -> dt.datetime:
    rule = rules_of(publication.cycle).step("assessment", "publicity", "show")
    if rule.clock is None:
        raise NotPossible("考核办法没有规定公示的天数，请先在考核办法中确定。")
    due = deadline(
        rule.clock, start=clock.local_date(at), year=publication.cycle.year, calendar=current_calendar()
    )
    return clock.end_of(due.due_on)


@ledger.service
def close(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Close a publicity after its last day; never before."""
    publication = hold(Publication, matter_id)
    if publication.closes_at and at < publication.closes_at:
        last = clock.local_date(publication.closes_at - dt.timedelta(seconds=1))
        raise NotPossible(f"公示期到 {last:%Y 年 %m 月 %d 日} 24 时结束，在此之前不能结束公示。")
    move(publication, "close", by=by, at=at, why=comment)
