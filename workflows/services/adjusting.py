"""Asking for an adjustment of indicators, and taking it back: record and process in one transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from viewflow.workflow.status import PROCESS

from audit import ledger
from cycle.models import IndicatorAdjustment, Matter
from cycle.services import adjustment_lines, adjustments
from offices.queries.acting import acting
from workflows.flows import BY_KIND
from workflows.models import Process
from workflows.services.cancelling import cancel_all
from workflows.services.starting import start_all
from workflows.services.tasks import hold, need_open


@ledger.service
def open_and_start(subject_id: UUID, *, user_id: UUID, office_id: UUID, **request: Any) -> UUID:
    """Draft a request (see `adjustments.open_request`) and serve its first step; return the matter's id.

    Raises NotAllowed when the person does not sit in the office, or the office may not ask for this.
    """
    by, _ = acting(user_id, office_id)
    matter_id = adjustments.open_request(subject_id, by=by, **request)
    matter = Matter.objects.select_related("cycle", "subject", "office").get(pk=matter_id)
    start_all(BY_KIND[IndicatorAdjustment.KIND], [matter], by=by)
    return matter_id


@ledger.service
def choose(item_id: UUID, *, picks: Mapping[str, str], added: int, user_id: UUID) -> None:
    """Choose the indicators of a drafted request anew, from its open task."""
    item = hold(item_id)
    by, at = acting(user_id, item.office_id)
    need_open(item)
    adjustment_lines.choose(item.matter_id, picks=picks, added=added, by=by, at=at)


@ledger.service
def withdraw(matter_id: UUID, *, why: str, user_id: UUID, office_id: UUID) -> None:
    """Take a request back before it is approved: its tasks end. The process is held first, as by a task.

    Raises NotFound when there is none, NotAllowed for another office, NotPossible when it is decided.
    """
    rows = Process.objects.select_for_update(no_key=True).filter(matter=matter_id, status=PROCESS.NEW)
    running = list(rows)
    by, at = acting(user_id, office_id)
    adjustments.withdraw(matter_id, by=by, at=at, why=why.strip())
    cancel_all(running, by=by, at=at, why="申请机构撤回申请")
