"""Leaders' ballots: by sign-in, by one-time link, or on paper entered twice. Anonymous by construction.

The ledger learns that a post has voted, never how: no score, no unit, no count of either is recorded.
"""

import datetime as dt
import hashlib
import secrets
from decimal import Decimal
from uuid import UUID

from django.db import connection

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotFound, NotPossible
from cycle.models import Ballot, Invitation, PaperBallot, Subject, Turnout
from cycle.queries.ballots import components_with_ballots, voter_kind, voters_units
from cycle.services.moving import hold, move
from cycle.services.numbers import percent

Scores = dict[str, str]


@ledger.service
def vote(matter_id: UUID, *, by: Actor, at: dt.datetime, scores: Scores, comment: str = "") -> None:
    """A leader scores each of the units that the post answers for, 0–100 (正定 五（一）2).

    `scores` maps a unit's code to the score as typed. All units or none.
    """
    turnout = hold(Turnout, matter_id)
    _cast(turnout, _checked(turnout, scores))
    PaperBallot.objects.filter(turnout=turnout).delete()
    Invitation.objects.filter(turnout=turnout, used_at__isnull=True).update(used_at=at)
    move(turnout, "vote", by=by, at=at)
    ledger.tell("ballots.cast", turnout.cycle_id, round=turnout.key)


def _checked(turnout: Turnout, scores: Scores) -> dict[Subject, Decimal]:
    checked: dict[Subject, Decimal] = {}
    for unit in voters_units(turnout):
        text = scores.get(unit.code, "").strip()
        if not text:
            raise NotPossible(f"请给{unit}打分后再提交，每个单位都要有分数。", field=unit.code)
        checked[unit] = percent(text, what=f"{unit}的评分", field=unit.code)
    if set(scores) - {unit.code for unit in checked}:
        raise NotPossible("评分表中有不由你评分的单位，请刷新页面后重新填写。")
    return checked


def _cast(turnout: Turnout, scores: dict[Subject, Decimal]) -> None:
    if turnout.state != "invited":
        raise NotPossible("这一轮评分已经提交或者已经结束，不能再次评分。")
    ballots = [
        Ballot(
            cycle_id=turnout.cycle_id,
            subject=unit,
            component=component,
            round=turnout.key,
            voter_kind=voter_kind(turnout.cycle, unit.group, component),
            score=score,
        )
        for unit, score in scores.items()
        for component in components_with_ballots(turnout.cycle, unit.group, turnout.key)
    ]
    Ballot.objects.bulk_create(sorted(ballots, key=lambda ballot: ballot.pk))


@ledger.service
def invite(matter_id: UUID, *, by: Actor, at: dt.datetime) -> str:
    """Make a new one-time link for a leader and return its token; an earlier link ceases to work."""
    turnout = hold(Turnout, matter_id)
    if turnout.state != "invited":
        raise NotPossible("这一轮评分已经提交或者已经结束，不需要再发链接。")
    token = secrets.token_urlsafe(32)
    Invitation.objects.update_or_create(
        turnout=turnout, defaults={"token_hash": _hash(token), "issued_at": at, "used_at": None}
    )
    ledger.record("turnout.invite", turnout.stream, by=by, at=at, policy=turnout.cycle.policy_id)
    return token


def invited_by(token: str) -> Turnout:
    """Return the turnout that a one-time link stands for; raises NotFound when it was used or replaced."""
    rows = Invitation.objects.filter(token_hash=_hash(token), used_at__isnull=True)
    invitation = rows.select_related("turnout__cycle", "turnout__office").first()
    if invitation is None or invitation.turnout.state != "invited":
        raise NotFound("这个评分链接已经使用过或者已经失效，请向绩效办索取新的链接。")
    return invitation.turnout


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@ledger.service
def enter_paper(matter_id: UUID, *, by: Actor, at: dt.datetime, scores: Scores) -> None:
    """First entry of a ballot paper. It counts only after a second person has entered the same."""
    turnout = hold(Turnout, matter_id)
    checked = _checked(turnout, scores)
    if turnout.state != "invited":
        raise NotPossible("这一轮评分已经提交或者已经结束，不能再录入纸质评分表。")
    PaperBallot.objects.update_or_create(
        turnout=turnout,
        defaults={
            "scores": {unit.code: str(score) for unit, score in checked.items()},
            "entered_by_id": by.user,
            "entered_at": at,
        },
    )
    ledger.record("turnout.enter_paper", turnout.stream, by=by, at=at, policy=turnout.cycle.policy_id)


@ledger.service
def confirm_paper(matter_id: UUID, *, by: Actor, at: dt.datetime, scores: Scores, comment: str = "") -> None:
    """Second entry by another person; when the two differ, NotPossible is raised and nothing is cast."""
    turnout = hold(Turnout, matter_id)
    paper = PaperBallot.objects.filter(turnout=turnout).first()
    if paper is None:
        raise NotPossible("还没有第一次录入，请先由一名工作人员录入纸质评分表。")
    if paper.entered_by_id == by.user_id:
        raise NotAllowed("纸质评分表须由两人分别录入，请换一名工作人员复录。")
    checked = _checked(turnout, scores)
    differing = [
        str(unit) for unit, score in checked.items() if Decimal(paper.scores.get(unit.code, -1)) != score
    ]
    if differing:
        raise NotPossible(f"两次录入不一致：{'、'.join(differing)}，请核对纸质评分表后重新录入。")
    _cast(turnout, checked)
    paper.delete()
    move(turnout, "vote", by=by, at=at, on_paper=True)
    ledger.tell("ballots.cast", turnout.cycle_id, round=turnout.key)


@ledger.service
def close_round(cycle_id: UUID, key: str, *, by: Actor) -> int:
    """Close a round of ballots before everybody has voted: who has not has missed it; then seal it."""
    at = clock.now()
    missed = 0
    rows = Turnout.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle")
    for turnout in rows.filter(cycle_id=cycle_id, key=key, state="invited"):
        move(turnout, "miss", by=by, at=at)
        missed += 1
    if not missed:
        raise NotPossible("这一轮评分已经结束，不需要再次结束。")
    ledger.tell("ballots.cast", cycle_id, round=key)
    return missed


@ledger.service
def seal_round(cycle_id: UUID, key: str, *, by: Actor) -> bool:
    """Shuffle a round's ballots for good once nobody has still to vote; return whether that was so.

    Rewriting the rows in random order in one transaction removes the last trace (place in the table,
    transaction number) by which a database administrator could tell whose they were. Doing it twice is
    harmless.
    """
    if Turnout.objects.filter(cycle_id=cycle_id, key=key, state="invited").exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH moved AS (DELETE FROM cycle_ballot WHERE cycle_id = %s AND round = %s RETURNING *)"
            " INSERT INTO cycle_ballot (id, cycle_id, subject_id, component, round, voter_kind, score)"
            " SELECT gen_random_uuid(), cycle_id, subject_id, component, round, voter_kind, score"
            " FROM moved ORDER BY random()",
            [cycle_id, key],
        )
    ledger.record("ballots.seal", f"ballots/{cycle_id}/{key}", by=by, at=clock.now(), round=key)
    return True
