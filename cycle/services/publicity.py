"""Publicity of results: publish per group, wait out the window, close."""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import blobs, clock, ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Cycle, Grade, Publication, ScoringRun
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import rules_of
from cycle.queries.publicity import is_newest, publications_of
from cycle.queries.results import latest_run
from cycle.services.moving import hold, move, record_creation
from cycle.services.renewing import renew
from offices.queries.acting import acting_as
from policies.clocks import deadline


@ledger.service
def prepare(cycle_id: UUID, *, user_id: UUID) -> list[UUID]:
    """Open one publicity for each group on the newest run; return those that were opened or renewed.

    Raises NotPossible while a grade is undecided or another run's results are still being shown. A list that
    was prepared and not shown yet is put on the newest run.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    run = latest_run(cycle)
    if run is None:
        raise NotPossible("还没有计分，请先计分再公示。")
    _need_grades(run)
    if publications_of(run):
        raise NotPossible("各组的结果已经在公示或者公示过了，不需要重复公示。")
    prepared = _prepared(cycle)
    for group, publication in prepared.items():
        renew(publication, run, key=f"{group}-{run.number}", by=by, at=at)
    missing = [group for group in rules_of(cycle).groups if group not in prepared]
    made = [_open(cycle, run, group, by=by, at=at) for group in missing]
    if made:
        ledger.tell("matters.opened", cycle.pk, kind=Publication.KIND)
    return [each.pk for each in [*prepared.values(), *made]]


def _prepared(cycle: Cycle) -> dict[str, Publication]:
    """The lists that wait to be shown, by group; refused while another one is being shown."""
    rows = Publication.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle")
    unfinished = [each for each in rows.filter(cycle=cycle).order_by("id") if not each.is_final]
    running = [each.title for each in unfinished if each.state != "prepared"]
    if running:
        raise NotPossible(f"{'、'.join(running)}还没有结束，结束后才能公示新的结果。")
    return {each.key.rsplit("-", 1)[0]: each for each in unfinished}


def _open(cycle: Cycle, run: ScoringRun, group: str, *, by: Actor, at: dt.datetime) -> Publication:
    publication = Publication(
        cycle=cycle,
        kind=Publication.KIND,
        stage=Publication.STAGE,
        key=f"{group}-{run.number}",
        state="prepared",
        title=f"{rules_of(cycle).groups[group].title}考核结果公示",
        created_at=at,
        run=run,
    )
    publication.save(force_insert=True)
    record_creation(publication, by=by, at=at)
    return publication


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
    """Show the list; from now on its bytes are fixed and the window for objections runs (working days).

    Raises NotPossible when scores were computed anew since the list was prepared.
    """
    publication = hold(Publication, matter_id)
    if not is_newest(publication.cycle, publication.run):
        raise NotPossible("公示名单准备好之后又重新计过分，请按最新的计分结果重新准备公示。")
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
