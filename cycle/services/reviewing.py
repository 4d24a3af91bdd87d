"""Appeals, the reviewers' side: accept, answer, investigate, propose, decide, with recusal by the ledger."""

import datetime as dt
from uuid import UUID

from audit import blobs, clock, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Appeal, Matter
from cycle.queries.conflicts import Conflicts, eligible
from cycle.services import corrections, numbering, rechecks, rulings
from cycle.services.moving import hold, move
from cycle.services.proposals import corrections_of
from offices.models import User
from offices.queries.directory import office_of

WORD = "绩复"
"""The word in the number of a decision (机关代字)."""


def nobody_eligible(matter: Matter) -> bool:
    """Whether everybody in the reviewing office has a conflict, so that somebody has to be appointed."""
    appeal = Appeal.objects.select_related("cycle", "subject", "run").get(pk=matter.pk)
    return not eligible(appeal, appeal.office_id, clock.now())  # type: ignore[arg-type]


def office(matter: Matter) -> list[UUID]:
    """The reviewing office."""
    return [matter.office_id]  # type: ignore[list-item]


@ledger.service
def accept(matter_id: UUID, *, by: Actor, at: dt.datetime, reviewer: str = "", comment: str = "") -> None:
    """Accept the appeal and name who investigates: somebody of the office without a conflict."""
    appeal = hold(Appeal, matter_id)
    need_free(appeal, by, at)
    chosen = _chosen(appeal, reviewer, at)
    move(appeal, "accept", by=by, at=at, why=comment, fields={"reviewer": chosen})


def _chosen(appeal: Appeal, reviewer: str, at: dt.datetime) -> User:
    people = {str(user.pk): user for user in eligible(appeal, appeal.office_id, at)}  # type: ignore[arg-type]
    if reviewer in people:
        return people[reviewer]
    known = User.objects.filter(pk=reviewer).first() if _is_uuid(reviewer) else None
    reason = Conflicts(appeal, at).reason(known.pk) if known else ""
    if known and reason:
        raise NotAllowed(f"{known.name}不能承办本案：{reason}请另行指定复核人员。", field="reviewer")
    raise NotPossible("请从名单中指定一名没有回避情形的复核人员。", field="reviewer")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def need_free(appeal: Appeal, by: Actor, at: dt.datetime) -> None:
    """Raise NotAllowed when the actor, or whoever it acts for, has to stand aside in the appeal."""
    conflicts = Conflicts(appeal, at)
    for person, name in ((by.user_id, by.name), (by.behalf_id, by.behalf_name)):
        reason = conflicts.reason(person) if person else ""
        if reason:
            raise NotAllowed(
                f"{name}应当在本案中回避：{reason}请由没有回避情形的人员办理；没有的，报领导小组指定。",
                cite="《政府督查工作条例》第十七条",
            )


@ledger.service
def refuse(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Do not accept the appeal, with the reason: late, not appealable, without grounds."""
    appeal = hold(Appeal, matter_id)
    need_free(appeal, by, at)
    move(appeal, "refuse", by=by, at=at, why=comment, fields={"text": appeal.text | {"refusal": comment}})


@ledger.service
def ask(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Ask the unit for further material, once; the clocks stand still from today until it comes."""
    appeal = hold(Appeal, matter_id)
    need_free(appeal, by, at)
    if appeal.text.get("asked"):
        raise NotPossible("本案已经要求补正过一次，不能再次要求，请直接受理或者不予受理。")
    today = clock.local_date(at).isoformat()
    text = appeal.text | {"asked": comment, "pauses": [[today]]}
    move(appeal, "ask", by=by, at=at, why=comment, fields={"text": text})


@ledger.service
def answer(matter_id: UUID, *, by: Actor, at: dt.datetime, answer: str = "", comment: str = "") -> None:
    """The office that measured or recorded the point answers in writing."""
    appeal = hold(Appeal, matter_id)
    if not answer.strip():
        raise NotPossible("请写明数据来源、认定过程和对申诉理由的意见。", field="answer")
    said = {"answer": {"text": answer.strip(), "office": by.office_title, "at": at.isoformat()}}
    move(appeal, "answer", by=by, at=at, why=comment, fields={"text": appeal.text | said})


@ledger.service
def not_answered(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The time for the answer is over: the investigation goes on without it."""
    move(hold(Appeal, matter_id), "answer", by=by, at=at, why="采集单位逾期没有答复。")


def answerer(matter: Matter) -> list[UUID]:
    """The office that owns the contested point: the collector, who confirmed the claim, or the office."""
    appeal = Appeal.objects.select_related("indicator", "cycle").get(pk=matter.pk)
    if appeal.indicator and appeal.indicator.collector_id:
        return [appeal.indicator.collector_id]
    return [office_of(appeal.cycle.owner_id, "performance_office")]


@ledger.service
def investigate(
    matter_id: UUID, *, by: Actor, at: dt.datetime, findings: str = "", comment: str = ""
) -> None:
    """The reviewer puts the findings on record."""
    appeal = hold(Appeal, matter_id)
    need_reviewer(appeal, by, at)
    if not findings.strip():
        raise NotPossible("请写明调查核实的情况。", field="findings")
    text = appeal.text | {"findings": findings.strip()}
    move(appeal, "investigate", by=by, at=at, why=comment, fields={"text": text})


def need_reviewer(appeal: Appeal, by: Actor, at: dt.datetime) -> None:
    """Raise NotAllowed unless the actor is the appeal's reviewer and still without a conflict."""
    if appeal.reviewer_id != by.user_id:
        name = appeal.reviewer.name if appeal.reviewer else "尚未指定的复核人员"
        raise NotAllowed(f"本案由{name}承办，其他人不能代为调查和拟定决定；需要换人的，请先重新指定承办人。")
    need_free(appeal, by, at)


@ledger.service
def propose(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Hand the saved proposal up for approval."""
    appeal = hold(Appeal, matter_id)
    need_reviewer(appeal, by, at)
    proposal = appeal.proposals.order_by("-number").first()
    if proposal is None:
        raise NotPossible("请先在案卷页保存拟作出的决定和理由，再提交批准。")
    move(appeal, "propose", by=by, at=at, why=comment, proposal=proposal.number, outcome=proposal.outcome)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The proposal goes back to the reviewer with a reason; whoever has a conflict may not steer it."""
    appeal = hold(Appeal, matter_id)
    need_free(appeal, by, at)
    move(appeal, "give_back", by=by, at=at, why=comment)


@ledger.service
def decide(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Approve the proposal: the decision is numbered, fixed as a document, carried out and served.

    A change of the facts makes a new scoring run in the same transaction; a point that is sent back goes to
    the office that measured it. Raises NotAllowed for an approver with a conflict.
    """
    appeal = hold(Appeal, matter_id)
    need_free(appeal, by, at)
    proposal = appeal.proposals.order_by("-number").first()
    if proposal is None:
        raise NotPossible("本案还没有拟定决定，请退回承办人办理。")
    if {appeal.reviewer_id, proposal.saved_by_id} & {by.user_id, by.behalf_id}:
        raise NotAllowed("不能批准自己承办、自己拟定的决定，请由本机构其他负责人批准。")
    number = numbering.next_number(appeal.cycle.owner_id, WORD, clock.local_date(at).year)
    document = rulings.ruling(appeal, proposal, number=number, at=at, approved_by=by)
    stored = blobs.store([ledger.canonical(document).encode()])
    anchors = appeal.text.get("anchors", {}) | {"decision": clock.local_date(at).isoformat()}
    fields = {
        "outcome": proposal.outcome,
        "number": number,
        "document_digest": stored.digest,
        "decided_at": at,
        "text": appeal.text | {"anchors": anchors},
    }
    move(appeal, "decide", by=by, at=at, why=comment, fields=fields, proposal=proposal.number)
    if proposal.outcome == Appeal.Outcome.CHANGE:
        made = corrections_of(appeal, proposal, note=f"复核决定 {number}")
        corrections.apply(appeal, made, cause_words=f"{number}复核决定变更“{appeal.title}”", by=by, at=at)
    elif proposal.outcome == Appeal.Outcome.RETURN:
        rechecks.open_for(appeal, why=proposal.reasons, by=by, at=at)


@ledger.service
def assign(matter_id: UUID, *, reviewer: str, why: str, by: Actor, at: dt.datetime) -> None:
    """Give the case to another reviewer of the office, with a reason; before it is handed up only."""
    appeal = hold(Appeal, matter_id)
    need_free(appeal, by, at)
    if appeal.state not in ("accepted", "answered", "investigated"):
        raise NotPossible(f"本案{appeal.state_title}，目前不能更换承办人。")
    if not why.strip():
        raise NotPossible("请写明更换承办人的理由。", field="why")
    chosen = _chosen(appeal, reviewer, at)
    was = {"reviewer": appeal.reviewer_id}
    appeal.reviewer = chosen
    appeal.save(update_fields=["reviewer"])
    ledger.record(
        "appeal.assign", appeal.stream, by=by, at=at, policy=appeal.cycle.policy_id, why=why, was=was,
        set={"reviewer": chosen.pk},
    )  # fmt: skip
