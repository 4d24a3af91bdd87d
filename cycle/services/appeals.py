"""Appeals, the unit's side: open, file, supplement, sign, withdraw (杭州 25 条, 济南 26 条)."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import Q

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Appeal, Cycle, Evidence, Recheck, Subject
from cycle.queries.packs import rules_of
from cycle.queries.points import Point, of_same_point, point_of
from cycle.queries.windows import Window, second_window, windows_of
from cycle.services.deeming import UNSIGNED, deemed
from cycle.services.moving import hold, move, record_creation
from offices.queries.directory import office_of

CLOSED = ("archived", "cancelled", "preparation")


@ledger.service
def open_appeal(
    subject_id: UUID, *, point: str, ground: str, facts: str, request: str, by: Actor, at: dt.datetime
) -> UUID:
    """Begin an appeal of a unit on one point of its result; it is filed when its draft is submitted.

    Raises NotAllowed for another unit's point, NotPossible outside the window (with the computation), for a
    point that has been contested before, or where a field is missing.
    """
    subject = Subject.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle")
    unit = subject.get(pk=subject_id)
    if unit.office_id != by.office_id:
        raise NotAllowed("只有被考核单位自己可以对本单位的得分提出申诉。")
    if unit.cycle.state in CLOSED:
        raise NotPossible(f"{unit.cycle.title}已经{unit.cycle.get_state_display()}，不能再提出申诉。")
    window, found = _open_window(unit, at, point)
    _need_first(unit, found, window)
    appeal = Appeal(
        cycle=unit.cycle,
        subject=unit,
        office_id=_reviewing_office(unit.cycle, "accept"),
        key=_key(unit, 1, point),
        title=f"{unit.title}申诉：{found.title}",
        run=window.run,
        point=found.kind,
        indicator=found.indicator,
        claim=found.claim,
        **_said(ground, facts, request),
        **_draft(window, at),
    )
    return _created(appeal, by=by, at=at)


@ledger.service
def open_second(appeal_id: UUID, *, facts: str, request: str, by: Actor, at: dt.datetime) -> UUID:
    """Take a decided appeal to the second instance, where the policy has one (复议).

    Raises NotPossible when it has none, when its window is over (with the computation), while what the first
    decision sent back is still being measured, or when it was done before.
    """
    first = hold(Appeal, appeal_id)
    if first.unit.office_id != by.office_id:
        raise NotAllowed("只有原申诉单位可以对复核决定申请复议。")
    window = second_window(first)
    if window is None:
        rule = rules_of(first.cycle).step("feedback", "appeal", "second")
        why = rule.why or "本案还没有作出复核决定，或者已经复议过。"
        raise NotPossible(f"不能申请复议：{why}")
    _need_open(window, at)
    if window.closes_at is None:
        raise NotPossible(f"{window.words}请先由单位负责人签收，再申请复议。", cite=window.cite)
    if Recheck.objects.filter(case=first).exclude(state__in=Recheck.FINAL).exists():
        raise NotPossible("原决定退回重新核验的事项还没有核定，核定以后仍有异议的，再申请复议。")
    if first.later.filter(Q(filed_at__isnull=False) | Q(state="draft")).exists():
        raise NotPossible("本案已经申请过复议，不能再次申请。")
    appeal = Appeal(
        cycle=first.cycle,
        subject=first.subject,
        office_id=_reviewing_office(first.cycle, "second"),
        key=_key(first.unit, 2, first.key.partition("/")[2].rpartition("/")[0]),
        title=first.title.replace("申诉：", "申请复议：", 1),
        run=first.run,
        instance=2,
        earlier=first,
        point=first.point,
        indicator=first.indicator,
        claim=first.claim,
        **_said(first.ground, facts, request),
        **_draft(window, at),
    )
    return _created(appeal, by=by, at=at)


def _open_window(unit: Subject, at: dt.datetime, point_id: str) -> tuple[Window, Point]:
    """The window that a point can be contested in now; refused with the computation of the last one."""
    windows = windows_of(unit)
    if not windows:
        raise NotPossible("结果还没有公示，也没有送达，目前还不能申诉。")
    point = point_of(unit, windows[0].run, point_id)
    fitting = [each for each in windows if each.admits(point)]
    running = [each for each in fitting if each.is_open(at)]
    begun = next((each for each in running if each.closes_at), None)
    if begun:
        return begun, point_of(unit, begun.run, point_id)
    if running:
        raise NotPossible(f"{running[0].words}请先由单位负责人签收，再提出申诉。", cite=running[0].cite)
    _need_open((fitting or windows)[0], at)
    raise NotPossible("这一得分点目前没有可以申诉的期限。")


def _need_first(unit: Subject, point: Point, window: Window) -> None:
    """A point is contested once; a changed result opens it anew, and a draft uses no right up."""
    for each in of_same_point(unit, point):
        if each.state == "draft":
            raise NotPossible(f"“{point.title}”已经有一份申诉草稿，请在待办中补充后提交，或者先撤回。")
        was_decided = each.is_final or each.decided_at is not None
        is_changed = window.occasion == "change" and each.run.number < window.run.number
        if each.filed_at and not (was_decided and is_changed):
            raise NotPossible(
                f"“{point.title}”已经申诉过（{each.state_title}），同一得分点只能申诉一次。", cite=window.cite
            )


def _need_open(window: Window, at: dt.datetime) -> None:
    """Refuse an appeal outside its window, saying how the days were counted and how late it is."""
    if not window.is_open(at):
        now = clock.local(at)
        raise NotPossible(
            f"申诉期已经届满：{window.words}现在是 {now.year} 年 {now.month} 月 {now.day} 日 {now:%H:%M}，"
            "已经逾期，不能再提出。",
            cite=window.cite,
        )


def _reviewing_office(cycle: Cycle, step: str) -> UUID:
    rule = rules_of(cycle).step("feedback", "appeal", step)
    return office_of(cycle.owner_id, rule.offices[0])


def _key(unit: Subject, instance: int, point: str) -> str:
    """Instance, point and how often it was tried: a draft that lapsed does not use the right up."""
    tried = Appeal.objects.filter(subject=unit, key__startswith=f"{instance}/{point}/").count()
    return f"{instance}/{point}/{tried + 1}"


def _said(ground: str, facts: str, request: str) -> dict[str, str]:
    if ground not in Appeal.Ground.values:
        raise NotPossible("请从列表中选择申诉理由。", field="ground")
    said = {"facts": facts.strip(), "request": request.strip()}
    for name, title in (("facts", "事实和理由"), ("request", "复核请求")):
        if not said[name]:
            raise NotPossible(f"请写明{title}后再提交。", field=name)
    return {"ground": ground, **said}


def _draft(window: Window, at: dt.datetime) -> dict[str, Any]:
    kept = {
        "occasion": window.occasion,
        "origin": window.origin,
        "deemed": window.deemed,
        "words": window.words,
        "cite": window.cite,
        "closes_at": window.closes_at.isoformat() if window.closes_at else None,
    }
    text = {"due": {"file": window.basis}}
    return {
        "kind": Appeal.KIND,
        "stage": Appeal.STAGE,
        "state": "draft",
        "created_at": at,
        "window": kept | window.basis,
        "text": text,
    }


def _created(appeal: Appeal, *, by: Actor, at: dt.datetime) -> UUID:
    appeal.save(force_insert=True)
    record_creation(appeal, by=by, at=at)
    return appeal.pk


@ledger.service
def file(
    matter_id: UUID, *, by: Actor, at: dt.datetime, facts: str = "", request: str = "", comment: str = ""
) -> None:
    """File the appeal: this moment has to lie inside the window; from now on the point is frozen."""
    appeal = hold(Appeal, matter_id)
    closes = appeal.window.get("closes_at")
    if closes and at >= dt.datetime.fromisoformat(closes):
        _need_open(_kept_window(appeal), at)
    if appeal.ground == Appeal.Ground.EVIDENCE and not _has_evidence(appeal, by):
        raise NotPossible("申诉理由是有新的佐证材料，请先上传材料再提交。", field="evidence")
    said = _said(appeal.ground, facts or appeal.facts, request or appeal.request)
    anchors = appeal.text.get("anchors", {}) | {"filing": clock.local_date(at).isoformat()}
    fields = {"filed_at": at, "text": appeal.text | {"anchors": anchors}, **said}
    move(appeal, "file", by=by, at=at, why=comment, fields=fields)


def _kept_window(appeal: Appeal) -> Window:
    kept = appeal.window
    return Window(
        occasion=kept["occasion"],
        run=appeal.run,
        origin=kept["origin"],
        deemed=kept.get("deemed", False),
        begins_on=dt.date.fromisoformat(kept["start"]) if kept.get("start") else None,
        closes_at=dt.datetime.fromisoformat(kept["closes_at"]),
        basis=kept,
        cite=kept["cite"],
    )


def _has_evidence(appeal: Appeal, by: Actor) -> bool:
    rows = Evidence.objects.filter(matter=appeal, withdrawn_at__isnull=True)
    return rows.filter(office=by.office).exists()


@ledger.service
def lapse(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The window has closed on a draft that was never submitted."""
    move(hold(Appeal, matter_id), "lapse", by=by, at=at, why="申诉期届满，草稿没有提交。")


@ledger.service
def supplement(
    matter_id: UUID, *, by: Actor, at: dt.datetime, supplement: str = "", comment: str = ""
) -> None:
    """The unit brings what was asked for; the clocks run on from here."""
    appeal = hold(Appeal, matter_id)
    if not supplement.strip():
        raise NotPossible("请写明补正了哪些材料、说明了什么。", field="supplement")
    _resume(appeal, {"supplement": supplement.strip()}, by=by, at=at, why=comment)


@ledger.service
def not_supplemented(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The time for further material is over: the appeal is looked at as it is."""
    _resume(hold(Appeal, matter_id), {}, by=by, at=at, why="逾期没有补正，按现有材料审查。")


def _resume(appeal: Appeal, said: dict[str, str], *, by: Actor, at: dt.datetime, why: str) -> None:
    begun, today = appeal.text["pauses"][-1][0], clock.local_date(at).isoformat()
    filed = clock.local_date(appeal.filed_at).isoformat() if appeal.filed_at else today
    text = appeal.text | said | {"pauses": [[begun, today]], "resumed": {"accept": filed}}
    move(appeal, "supplement", by=by, at=at, why=why, fields={"text": text})


@ledger.service
def sign(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The head of the unit signs for the decision; a window that runs from receipt begins."""
    appeal = hold(Appeal, matter_id)
    text = appeal.text | {"signed_on": clock.local_date(at).isoformat()}
    move(appeal, "sign", by=by, at=at, why=comment, fields={"text": text})


@ledger.service
def deem_received(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Nobody signed in time (留置送达): the decision counts as received; a window from receipt begins."""
    appeal = hold(Appeal, matter_id)
    fields = deemed(appeal, at)
    move(appeal, "deem_received", by=by, at=at, why=UNSIGNED, fields=fields, document=appeal.document_digest)


@ledger.service
def withdraw(matter_id: UUID, *, by: Actor, at: dt.datetime, why: str) -> None:
    """The unit takes the appeal back, until it is decided; the point is free again."""
    appeal = hold(Appeal, matter_id)
    if appeal.unit.office_id != by.office_id:
        raise NotAllowed("只有申诉单位自己可以撤回申诉。")
    if appeal.state not in Appeal.UNDECIDED:
        raise NotPossible(f"本案{appeal.state_title}，不能再撤回。")
    move(appeal, "withdraw", by=by, at=at, why=why)
