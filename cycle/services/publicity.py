"""Publicity 公示公布: what is prepared for each group, shown, kept byte for byte, and closed.

Provisional results are shown for a window in which units may object; targets, notices and approved results
are posted and stay. Whether each takes place, and who may read it, is the policy's.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import blobs, clock, ledger
from audit.actor import SYSTEM, Actor
from audit.refusals import NotPossible
from cycle.models import Cycle, Grade, Publication, ScoringRun, Stage
from cycle.queries.packs import rules_of
from cycle.queries.publication_content import content_of, window_of
from cycle.queries.publicity import (
    groups_to_show,
    is_newest,
    newest_of,
    rule_of,
    same_results,
    takes_place,
)
from cycle.queries.results import approved_run, latest_run
from cycle.services.moving import hold, move, record_creation
from cycle.services.renewing import renew
from offices.queries.acting import acting_as

_WHAT = Publication.What
_STAGES = {
    _WHAT.TARGETS: Stage.MONITORING,
    _WHAT.NOTICE: Stage.ASSESSMENT,
    _WHAT.SHOW: Stage.ASSESSMENT,
    _WHAT.FINAL: Stage.FEEDBACK,
}
_TITLES = {
    _WHAT.TARGETS: "绩效目标公布",
    _WHAT.NOTICE: "考核预告",
    _WHAT.SHOW: "考核结果公示",
    _WHAT.FINAL: "考核结果公布",
}


@ledger.service
def prepare(cycle_id: UUID, *, user_id: UUID) -> list[UUID]:
    """Open the publicity of each group whose results in the newest run were not shown yet; return them.

    A list that was prepared and not shown yet is put on the newest run. Raises NotPossible while a grade is
    undecided, or while a group that has other results now is still being shown its earlier ones.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office")
    rule = rule_of(cycle, _WHAT.SHOW)
    if rule.skip:
        raise NotPossible(f"{rule.why or '考核办法没有规定公示考核结果。'}计分后可以直接报批。")
    run = latest_run(cycle)
    if run is None:
        raise NotPossible("还没有计分，请先计分再公示。")
    _need_grades(run)
    groups = groups_to_show(run)
    if not groups:
        raise NotPossible(_nothing_to_show(cycle))
    _need_ended(cycle, groups)
    return [each.pk for each in _on_run(cycle, run, _WHAT.SHOW, groups, by=by, at=at)]


def _need_grades(run: ScoringRun) -> None:
    undecided = Grade.objects.filter(run=run, grade="").select_related("subject")
    if undecided:
        names = "、".join(str(grade.subject) for grade in undecided[:5])
        raise NotPossible(
            f"{names}等单位的等次还没有确定（并列待决定），请领导小组作出决定、重新计分后再公示。"
        )


def _nothing_to_show(cycle: Cycle) -> str:
    waiting = [each.title for each in newest_of(cycle, _WHAT.SHOW).values() if each.state == "prepared"]
    if waiting:
        return f"{'、'.join(waiting)}已经准备好，请在待办中逐组开始公示。"
    return "各组的结果已经在公示或者公示过了，不需要重复公示。"


def _need_ended(cycle: Cycle, groups: list[str]) -> None:
    """Refuse while the units of a group may still object to results that are no longer theirs."""
    newest = newest_of(cycle, _WHAT.SHOW)
    running = [
        newest[group].title for group in groups if group in newest and newest[group].state == "published"
    ]
    if running:
        raise NotPossible(f"{'、'.join(running)}还没有结束，结束后才能公示新的结果。")


def announce_targets(cycle: Cycle, *, by: Actor, at: dt.datetime) -> None:
    """日常监测 opens: the targets of every group, where the policy publishes them. The cycle is held."""
    _announce(cycle, _WHAT.TARGETS, by=by, at=at)


def announce_adjusted_targets(cycle: Cycle, group: str, mark: str, *, by: Actor, at: dt.datetime) -> None:
    """Targets of a group were adjusted after they had been published: publish them anew. The cycle is held.

    `mark` tells this list from the others of the group. A list that still waits shows the adjusted targets.
    """
    shown = newest_of(cycle, _WHAT.TARGETS).get(group)
    if takes_place(cycle, _WHAT.TARGETS) and shown is not None and shown.published_at is not None:
        _start(cycle, [_open(cycle, _WHAT.TARGETS, group, None, mark=mark, by=by, at=at)])


def announce_assessment(cycle: Cycle, *, by: Actor, at: dt.datetime) -> None:
    """年终考核 opens: a notice to every group, where the policy gives one (考核预告). The cycle is held."""
    _announce(cycle, _WHAT.NOTICE, by=by, at=at)


def announce_results(cycle: Cycle, *, by: Actor, at: dt.datetime) -> None:
    """绩效反馈 opens: the approved results of each group that was not told them. The cycle is held.

    A group that a change of the results leaves as it was published is not published again.
    """
    run = approved_run(cycle)
    if run is not None and takes_place(cycle, _WHAT.FINAL):
        _on_run(cycle, run, _WHAT.FINAL, groups_to_show(run, _WHAT.FINAL), by=by, at=at)


@ledger.service
def announce_changed_results(cycle_id: UUID, *, by: Actor = SYSTEM) -> None:
    """Changed results were approved: publish them to the groups that they concern. May be called twice."""
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    if cycle.state in (Stage.FEEDBACK, Stage.USES):
        announce_results(cycle, by=by, at=clock.now())


def _announce(cycle: Cycle, what: str, *, by: Actor, at: dt.datetime) -> None:
    if takes_place(cycle, what):
        known = newest_of(cycle, what)
        groups = [group for group in rules_of(cycle).groups if group not in known]
        _start(cycle, [_open(cycle, what, group, None, by=by, at=at) for group in groups])


def _on_run(
    cycle: Cycle, run: ScoringRun, what: str, groups: list[str], *, by: Actor, at: dt.datetime
) -> list[Publication]:
    """Rest the groups' publicity on a run: one that waits to be shown is renewed, else one is opened."""
    rows = Publication.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle")
    unshown = {each.group: each for each in rows.filter(cycle=cycle, what=what, state="prepared")}
    found, made = [], []
    for group in groups:
        waiting = unshown.get(group)
        if waiting:
            renew(waiting, run, key=_key(what, group, run), by=by, at=at)
            found.append(waiting)
        else:
            made.append(_open(cycle, what, group, run, by=by, at=at))
    _start(cycle, made)
    return [*found, *made]


def _key(what: str, group: str, run: ScoringRun | None, mark: str = "") -> str:
    kind = "" if what == _WHAT.SHOW else f"{what}:"
    named = f"{kind}{mark}:{group}" if mark else f"{kind}{group}"
    return named + (f"-{run.number}" if run else "")


def _open(
    cycle: Cycle,
    what: str,
    group: str,
    run: ScoringRun | None,
    *,
    by: Actor,
    at: dt.datetime,
    mark: str = "",
) -> Publication:
    kind = _WHAT(what)
    publication = Publication(
        cycle=cycle,
        kind=Publication.KIND,
        stage=_STAGES[kind],
        key=_key(what, group, run, mark),
        what=kind,
        state="prepared",
        title=f"{rules_of(cycle).groups[group].title}{_TITLES[kind]}{'（调整后）' if mark else ''}",
        text={"what": kind.value},
        created_at=at,
        run=run,
    )
    publication.save(force_insert=True)
    record_creation(publication, by=by, at=at)
    return publication


def _start(cycle: Cycle, made: list[Publication]) -> None:
    if made:
        ledger.tell("matters.opened", cycle.pk, kind=Publication.KIND)


@ledger.service
def publish(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Show a group its results; from now on the bytes are fixed and the window for objections runs.

    Raises NotPossible when scores were computed anew since and the group has other results now.
    """
    publication = hold(Publication, matter_id)
    if not is_newest(publication.cycle, publication.run, publication.group):
        raise NotPossible(
            "公示名单准备好之后又重新计过分，本组的结果有变化，请按最新的计分结果重新准备公示。"
        )
    window = window_of(publication, at)
    if window is None:
        raise NotPossible("考核办法没有规定公示的天数，请先在考核办法中确定。")
    # The day that was announced is the day on which it ends, whatever becomes of the calendar meanwhile.
    ends = {"due": {"close": window.as_json()}}
    fields = {"closes_at": clock.end_of(window.due_on), "text": publication.text | ends}
    move(publication, "publish", by=by, at=at, why=comment, fields=_fixed(publication, at) | fields)


@ledger.service
def post(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Publish targets, a notice of assessment or approved results; from now on the bytes are fixed.

    Raises NotPossible when other results of the group were approved since: the list is being renewed.
    """
    publication = hold(Publication, matter_id)
    if publication.what == _WHAT.FINAL and not _is_approved(publication):
        raise NotPossible(
            "名单准备好之后，本组变更后的结果又获得批准，名单正在换成新的结果，请稍后刷新页面再公布。"
        )
    move(publication, "post", by=by, at=at, why=comment, fields=_fixed(publication, at))


def _is_approved(publication: Publication) -> bool:
    return same_results(publication.run, approved_run(publication.cycle), publication.group)


def _fixed(publication: Publication, at: dt.datetime) -> dict[str, Any]:
    """The content as canonical bytes, and the audience as the policy has it now: neither changes later."""
    audience = rule_of(publication.cycle, publication.what).audience or Publication.Audience.INSIDE
    content = blobs.store([ledger.canonical(content_of(publication, at)).encode()])
    return {"content_digest": content.digest, "published_at": at, "audience": audience}


@ledger.service
def close(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Close a publicity after its last day, by the office or by the clock; never before."""
    publication = hold(Publication, matter_id)
    if publication.closes_at and at < publication.closes_at:
        last = clock.last_day(publication.closes_at)
        raise NotPossible(f"公示期到 {last:%Y 年 %m 月 %d 日} 24 时结束，在此之前不能结束公示。")
    move(publication, "close", by=by, at=at, why=comment)
