"""Bringing an appeal and taking it back: the record and its process in one transaction."""

from uuid import UUID

from viewflow.workflow.status import PROCESS

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotFound, NotPossible
from cycle.models import Appeal, Matter, Subject
from cycle.services import appeals, recusals, reviewing
from offices.queries.acting import acting, acting_as
from workflows.flows import BY_KIND
from workflows.models import Process
from workflows.services.cancelling import cancel_all
from workflows.services.starting import start_all


@ledger.service
def open_and_start(
    subject_id: UUID, *, point: str, ground: str, facts: str, request: str, user_id: UUID
) -> UUID:
    """Begin an appeal of a unit on one point and serve its draft on the unit; return the matter's id."""
    by, at = acting(user_id, _office_of_unit(subject_id))
    matter_id = appeals.open_appeal(
        subject_id, point=point, ground=ground, facts=facts, request=request, by=by, at=at
    )
    return _start(matter_id, by=by)


@ledger.service
def open_second(appeal_id: UUID, *, facts: str, request: str, user_id: UUID) -> UUID:
    """Take a decided appeal to the second instance and serve its draft on the unit."""
    first = _appeal(appeal_id)
    by, at = acting(user_id, first.unit.office_id)
    return _start(appeals.open_second(appeal_id, facts=facts, request=request, by=by, at=at), by=by)


@ledger.service
def ask_recusal(appeal_id: UUID, *, person_id: UUID, why: str, user_id: UUID, office_id: UUID) -> UUID:
    """Ask that a person stand aside, for one's unit or for oneself; whoever decides is served at once."""
    by, at = acting(user_id, office_id)
    return _start(recusals.ask(appeal_id, person_id=person_id, why=why, by=by, at=at), by=by)


@ledger.service
def withdraw(appeal_id: UUID, *, why: str, user_id: UUID) -> None:
    """Take an appeal back: its tasks end. The process is held first, as by whoever completes a task of it."""
    running = Process.objects.select_for_update(no_key=True).filter(matter=appeal_id)
    process = running.exclude(status=PROCESS.CANCELED).first()
    appeal = _appeal(appeal_id)
    if process is None:
        raise NotPossible(f"本案{appeal.state_title}，不能再撤回。")
    by, at = acting(user_id, appeal.unit.office_id)
    if not why.strip():
        raise NotPossible("请写明撤回申诉的理由。", field="why")
    appeals.withdraw(appeal_id, by=by, at=at, why=why.strip())
    cancel_all([process], by=by, at=at, why="申诉单位撤回申诉")


@ledger.service
def assign(appeal_id: UUID, *, reviewer: str, why: str, user_id: UUID) -> None:
    """Give a case to another reviewer; the head of the reviewing office does."""
    appeal = _appeal(appeal_id)
    by, at = acting(user_id, appeal.office_id, role="head")  # type: ignore[arg-type]
    reviewing.assign(appeal_id, reviewer=reviewer, why=why, by=by, at=at)


@ledger.service
def appoint(appeal_id: UUID, *, person: str, until: str, why: str, user_id: UUID) -> None:
    """Seat somebody without a conflict in the reviewing office while a case runs; the leading group does."""
    appeal = _appeal(appeal_id)
    by, at = acting_as(user_id, appeal.cycle.owner_id, "leading_group")
    recusals.appoint(appeal_id, by=by, at=at, person=person, until=until, comment=why)


def _appeal(appeal_id: UUID) -> Appeal:
    found = Appeal.objects.select_related("cycle", "subject").filter(pk=appeal_id).first()
    if found is None:
        raise NotFound("没有找到这件申诉，它可能不属于你的单位。")
    return found


def _office_of_unit(subject_id: UUID) -> UUID:
    found = Subject.objects.filter(pk=subject_id).values_list("office_id", flat=True).first()
    if found is None:
        raise NotFound("没有找到这个单位。")
    return found


def _start(matter_id: UUID, *, by: Actor) -> UUID:
    matter = Matter.objects.select_related("cycle", "subject", "office").get(pk=matter_id)
    start_all(BY_KIND[matter.kind], [matter], by=by)
    return matter_id
