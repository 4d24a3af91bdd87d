"""Ballots that do not come through a signed-in leader: one-time links, and paper entered by two people.

Both complete the leader's task through the one completion service, so that inbox, clock and ledger agree. The
ledger names the post's holder (by link) or clerk and holder (on paper), never a score.
"""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotFound, NotPossible
from cycle.models import Turnout
from cycle.services import ballots
from cycle.services.ballots import Scores
from offices.models import User
from offices.queries.acting import acting_as
from offices.queries.directory import holders
from workflows.models import WorkItem
from workflows.services.tasks import carry_out, hold

CAPACITY = "performance_office"


@ledger.service
def issue(turnout_id: UUID, *, user_id: UUID) -> str:
    """Make a one-time link for a leader's post and return its token, to be shown once.

    Done by the performance office; an earlier link of the post ceases to work.
    """
    item = _held(turnout_id)
    by, at = acting_as(user_id, item.cycle.owner_id, CAPACITY)
    _holder(item, at)
    return ballots.invite(turnout_id, by=by, at=at)


@ledger.service
def vote(token: str, *, scores: Scores) -> None:
    """Cast the ballot of a one-time link in the name of whoever holds the post today.

    Raises NotFound for a link that was used, replaced or made up, NotPossible for a bad score.
    """
    item = _held(ballots.invited_by(token).pk)
    ballots.invited_by(token)  # again, now that the task is held: it may have been used while we waited
    at = clock.now()
    holder = _holder(item, at)
    by = Actor(holder.pk, holder.name, item.office_id, item.office.title, "head")
    carry_out(item, by=by, at=at, form={"scores": scores})


@ledger.service
def enter_paper(turnout_id: UUID, *, user_id: UUID, scores: Scores) -> None:
    """First entry of a ballot paper by the performance office; a second person enters it again."""
    item = _held(turnout_id)
    by, at = acting_as(user_id, item.cycle.owner_id, CAPACITY)
    ballots.enter_paper(turnout_id, by=_for(item, by, at), at=at, scores=scores)


@ledger.service
def confirm_paper(turnout_id: UUID, *, user_id: UUID, scores: Scores) -> None:
    """Second entry by another person: when both agree the ballot is cast and the leader's task is done."""
    item = _held(turnout_id)
    by, at = acting_as(user_id, item.cycle.owner_id, CAPACITY)
    carry_out(item, by=_for(item, by, at), at=at, form={"scores": scores}, does=ballots.confirm_paper)


def _held(turnout_id: UUID) -> WorkItem:
    """Hold the leader's task of a turnout: process, task and item, before the turnout itself."""
    rows = WorkItem.objects.filter(matter=turnout_id, matter__kind=Turnout.KIND).order_by("-served_at")
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("没有找到这位领导的评分任务，请刷新页面后再试。")
    return hold(found)


def _holder(item: WorkItem, at: dt.datetime) -> User:
    """Who holds the leader's post; a vacant post cannot vote."""
    found = holders(item.office_id, clock.local_date(at))
    if not found:
        raise NotPossible("这个领导岗位目前没有任职人员，请系统管理员登记任职后再办。")
    return found[0]


def _for(item: WorkItem, by: Actor, at: dt.datetime) -> Actor:
    """The clerk, on behalf of the post's holder."""
    holder = _holder(item, at)
    return Actor(by.user_id, by.name, by.office_id, by.office_title, by.role, holder.pk, holder.name)
