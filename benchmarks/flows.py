# mypy: allow-untyped-calls
"""The same six human steps twice: as a flow of ours, and as bare viewflow would have them."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.lock import SelectForUpdateLock

from audit import ledger
from audit.actor import Actor
from cycle.models import Sheet, Stage
from cycle.services.moving import hold, move
from workflows.flows import MatterFlow
from workflows.nodes import Begin, Finish, Step

STEPS = ("declare", "approve", "first_review", "decide", "issue", "sign")


def mover(verb: str) -> Callable[..., None]:
    """The cheapest lawful domain service: lock the record, take its transition, save, record the event."""

    @ledger.service
    def does(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
        move(hold(Sheet, matter_id), verb, by=by, at=at, why=comment)

    return does


class LeanSetting(MatterFlow):
    """Indicator setting without indicators: what remains is the engine, the ledger and one record."""

    key, stage, kind = "indicator_setting", Stage.SETTING, Sheet

    start = Begin().Next(this.declare)
    declare = Step("申报", does=mover("declare")).Next(this.approve)
    approve = Step("审批", role="head", does=mover("approve")).Next(this.first_review)
    first_review = Step("初审", does=mover("review")).Next(this.decide)
    decide = Step("审定", does=mover("decide")).Next(this.issue)
    issue = Step("下达", does=mover("issue")).Next(this.sign)
    sign = Step("签收", role="head", does=mover("sign")).Next(this.end)
    end = Finish()


def page(request: Any) -> None:
    """A view for nodes that must name one; no page is opened here."""


class BareSetting(flow.Flow):
    """viewflow's own nodes and tables, with the lock that a database in production needs."""

    lock_impl = SelectForUpdateLock(nowait=False)

    start = flow.StartHandle().Next(this.declare)
    declare = flow.View(page).Next(this.approve)
    approve = flow.View(page).Next(this.first_review)
    first_review = flow.View(page).Next(this.decide)
    decide = flow.View(page).Next(this.issue)
    issue = flow.View(page).Next(this.sign)
    sign = flow.View(page).Next(this.end)
    end = flow.End()


class BareTimed(flow.Flow):
    """One human step with a timer of viewflow's that is due at once and leaves the step as it is."""

    lock_impl = SelectForUpdateLock(nowait=False)

    start = flow.StartHandle().Next(this.declare)
    declare = (
        flow.View(page).Next(this.end).OnTimeout(dt.timedelta(0), then=this.reminded, interrupting=False)
    )
    reminded = flow.End()
    end = flow.End()
