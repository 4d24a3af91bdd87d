"""Asking that a person stand aside in an appeal, deciding on it, appointing somebody if nobody is left."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Appeal, Recusal
from cycle.queries.appointable import appointable
from cycle.queries.approvers import approver
from cycle.queries.conflicts import Conflicts, eligible
from cycle.services.moving import hold, move, record_creation
from offices.models import Posting, User
from offices.services import postings

LONGEST = 183
"""For how many days at most somebody is appointed to a case."""
ASKED_WHILE = ("filed", "incomplete", "accepted", "answered", "investigated", "proposed")


@ledger.service
def ask(appeal_id: UUID, *, person_id: UUID, why: str, by: Actor, at: dt.datetime) -> UUID:
    """Ask that a person stand aside: the appellant does, or the person itself.

    Until it is decided the person may not act in the case. Raises NotAllowed for anybody else, NotPossible
    without a reason, for a person who was asked about before, or once the appeal is decided.
    """
    appeal = hold(Appeal, appeal_id)
    person = User.objects.filter(pk=person_id).first()
    if by.office_id != appeal.unit.office_id and by.user_id != person_id:
        raise NotAllowed("只有申诉单位可以申请他人回避；复核人员可以申请自己回避。")
    if appeal.state not in ASKED_WHILE:
        raise NotPossible(f"本案{appeal.state_title}，不能再申请回避。")
    if person is None or not _has_part(appeal, person, at):
        raise NotPossible("只能对复核机构和批准机构的人员申请回避，请从名单中选择。", field="person")
    if not why.strip():
        raise NotPossible("请写明申请回避的理由，例如与本案有利害关系。", field="why")
    if appeal.recusals.filter(person=person).exists():
        raise NotPossible(
            f"已经对{person.name}提出过回避申请，请等待决定或者查看已有的决定。", field="person"
        )
    recusal = Recusal(
        cycle=appeal.cycle,
        kind=Recusal.KIND,
        stage=Recusal.STAGE,
        subject=appeal.subject,
        office_id=by.office_id,
        key=f"{appeal.pk.hex}/{appeal.recusals.count() + 1}",
        state="asked",
        title=f"{person.name}在“{appeal.title}”中的回避申请",
        created_at=at,
        case=appeal,
        person=person,
        why=why.strip(),
    )
    recusal.save(force_insert=True)
    record_creation(recusal, by=by, at=at)
    return recusal.pk


def _has_part(appeal: Appeal, person: User, at: dt.datetime) -> bool:
    """Whether the person sits in the office that reviews, or in the one that approves."""
    today, offices = clock.local_date(at), [appeal.office_id, *approver(appeal)]
    rows = Posting.objects.filter(office__in=offices, user=person, since__lte=today)
    return rows.exclude(until__lt=today).exists()


@ledger.service
def grant(matter_id: UUID, *, by: Actor, at: dt.datetime, reviewer: str = "", comment: str = "") -> None:
    """The person stands aside. If it was the case's reviewer, `reviewer` takes over.

    Raises NotPossible when the case has begun and nobody without a conflict is named: then somebody has to be
    appointed first.
    """
    recusal = hold(Recusal, matter_id)
    _need_other(recusal, by)
    appeal = hold(Appeal, recusal.case_id)
    move(recusal, "grant", by=by, at=at, why=comment)
    if appeal.reviewer_id != recusal.person_id or appeal.is_final:
        return
    people = {str(user.pk): user for user in eligible(appeal, appeal.office_id, at)}  # type: ignore[arg-type]
    if reviewer not in people:
        raise NotPossible(
            "其为本案承办人，请同时指定一名没有回避情形的人员接办；名单中没有人的，请先指定复核人员。",
            field="reviewer",
        )
    appeal.reviewer = people[reviewer]
    appeal.save(update_fields=["reviewer"])
    ledger.record(
        "appeal.assign", appeal.stream, by=by, at=at, policy=appeal.cycle.policy_id,
        why=comment or "决定回避", was={"reviewer": recusal.person_id}, set={"reviewer": appeal.reviewer_id},
    )  # fmt: skip


@ledger.service
def deny(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """There is no ground to stand aside, with the reason."""
    recusal = hold(Recusal, matter_id)
    _need_other(recusal, by)
    move(recusal, "deny", by=by, at=at, why=comment)


def _need_other(recusal: Recusal, by: Actor) -> None:
    if recusal.person_id in (by.user_id, by.behalf_id):
        raise NotAllowed("不能由被申请回避的人自己决定是否回避，请由其他成员办理。")


@ledger.service
def appoint(
    matter_id: UUID, *, by: Actor, at: dt.datetime, person: str = "", until: str = "", comment: str = ""
) -> None:
    """The leading group seats somebody without a conflict in the reviewing office until a day.

    Raises NotAllowed for a person with a conflict, NotPossible for a day that is over or no date.
    """
    appeal = hold(Appeal, matter_id)
    if appeal.state not in Appeal.OPEN:
        raise NotPossible(f"本案{appeal.state_title}，不需要再指定复核人员。")
    if eligible(appeal, appeal.office_id, at):  # type: ignore[arg-type]
        raise NotPossible("复核机构还有没有回避情形的人员，由其办理，不需要另行指定。")
    chosen = User.objects.filter(username=person).first()
    if chosen is None:
        raise NotPossible("请从名单中选择要指定的复核人员。", field="person")
    reason = Conflicts(appeal, at).reason(chosen.pk)
    if reason:
        raise NotAllowed(f"{chosen.name}不能复核本案：{reason}请另行指定。", field="person")
    if chosen.pk not in {posting.user_id for posting in appointable(appeal, at)}:
        raise NotAllowed(f"{chosen.name}来自被考核单位或者没有在任职务，不能指定为复核人员。", field="person")
    last, office = _last_day(until, at), appeal.office_id
    postings.seat(
        chosen.pk,
        office,  # type: ignore[arg-type]
        role=Posting.Role.HANDLER,
        until=last,
        why=comment or f"复核机构没有可以办理“{appeal.title}”的人员，指定其复核。",
        by=by,
        at=at,
    )
    ledger.record(
        "appeal.appoint", appeal.stream, by=by, at=at, policy=appeal.cycle.policy_id, why=comment,
        person=chosen.pk, until=last,
    )  # fmt: skip


def _last_day(text: str, at: dt.datetime) -> dt.date:
    """The last day of an appointment: long enough for a case, never for good."""
    try:
        last = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise NotPossible("请填写任职止日，例如 2027-03-31。", field="until") from None
    if last > clock.local_date(at) + dt.timedelta(days=LONGEST):
        raise NotPossible("为一个案件指定复核人员，任职最长半年，请填写较早的任职止日。", field="until")
    return last
