"""Change notices: a unit whose result is another one now is told so, why, and what it can do (变更告知)."""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import blobs, clock, ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import ChangeNotice, Cycle, Feedback, Grade, ScoringRun, Subject
from cycle.queries.calendar import current_calendar
from cycle.queries.fact_words import changes_of_unit
from cycle.queries.packs import rules_of
from cycle.services.deeming import UNSIGNED, deemed
from cycle.services.moving import hold, move, record_creation
from cycle.services.renewing import renew
from cycle.services.signing import need_password
from offices.models import Office
from offices.queries.directory import office_of
from policies.clocks import deadline

VERSION = 1
STATEMENT = "本人代表本单位确认收到上述结果变更告知。签收只表示收到，不影响本单位依照规定申请复核。"


def tell_units(
    cycle: Cycle, before: ScoringRun, after: ScoringRun, *, by: Actor, at: dt.datetime
) -> list[ChangeNotice]:
    """Tell every unit whose total, rank or grade is not what it was in the run approved before.

    A letter that was not served yet is put on the newly approved run instead: it says what holds. Return the
    notices; each is served at once and begins the unit's own window.
    """
    old, told = _grades(before), []
    letters = _letters(cycle)
    for letter in letters.values():
        if letter.state == "prepared":
            renew(letter, after, key=letter.key, by=by, at=at)
    for subject_id, grade in _grades(after).items():
        served = letters.get(subject_id)
        if served is not None and served.state != "prepared" and _differ(old[subject_id], grade):
            told.append(_serve(cycle, old[subject_id], grade, by=by, at=at))
    if told:
        ledger.tell("matters.opened", cycle.pk, kind=ChangeNotice.KIND)
    return told


def _grades(run: ScoringRun) -> dict[object, Grade]:
    rows = Grade.objects.filter(run=run).select_related("run", "subject__organisation")
    return {grade.subject_id: grade for grade in rows.order_by("subject__position")}


def _letters(cycle: Cycle) -> dict[object, Feedback]:
    rows = Feedback.objects.select_for_update(no_key=True, of=("self", "matter_ptr"))
    return {each.subject_id: each for each in rows.filter(cycle=cycle).select_related("cycle").order_by("id")}


def _differ(old: Grade, new: Grade) -> bool:
    return (old.total, old.rank, old.grade) != (new.total, new.rank, new.grade)


def _serve(cycle: Cycle, old: Grade, new: Grade, *, by: Actor, at: dt.datetime) -> ChangeNotice:
    content = blobs.store([ledger.canonical(document(cycle, old, new, at=at)).encode()])
    subject = new.subject
    notice = ChangeNotice(
        cycle=cycle,
        kind=ChangeNotice.KIND,
        stage=ChangeNotice.STAGE,
        subject=subject,
        key=str(new.run.number),
        state="served",
        run=new.run,
        title=f"{subject.title} {cycle.year} 年度考核结果变更告知",
        created_at=at,
        served_at=at,
        document_digest=content.digest,
    )
    notice.save(force_insert=True)
    record_creation(notice, by=by, at=at)
    return notice


def document(cycle: Cycle, old: Grade, new: Grade, *, at: dt.datetime) -> dict[str, Any]:
    """The content of a notice: what it was, what it is, why, on what basis, what the unit can do."""
    pack, subject = rules_of(cycle), new.subject
    office = Office.objects.select_related("organisation").get(
        pk=office_of(cycle.owner_id, "performance_office")
    )
    runs = ScoringRun.objects.filter(cycle=cycle, number__gt=old.run.number, number__lte=new.run.number)
    return {
        "version": VERSION,
        "title": f"{cycle.year} 年度绩效考核结果变更告知书",
        "unit": subject.organisation.title,
        "issuer": office.organisation.title,
        "demo": cycle.is_demo,
        "policy": {"title": pack.title, "digest": cycle.policy_id},
        "before": _result(old),
        "after": _result(new),
        "causes": [{"run": run.number, "text": run.cause} for run in runs.order_by("number")],
        "own": [text for run in runs.order_by("number") for text in changes_of_unit(run, subject)],
        "cite": pack.step("feedback", "appeal", "reapprove").cite or "",
        "served_on": clock.local_date(at).isoformat(),
        "remedy": _remedy(cycle, subject, at),
        "statement": STATEMENT,
    }


def _result(grade: Grade) -> dict[str, Any]:
    return {
        "run": grade.run.number,
        "result": grade.run.result_digest,
        "total": grade.total,
        "rank": grade.rank,
        "ranked": grade.ranked,
        "grade": grade.grade_title or "待定",
    }


def _remedy(cycle: Cycle, subject: Subject, at: dt.datetime) -> str:
    """How the unit can object, until when; empty where the policy has no appeal."""
    rule = rules_of(cycle).step("feedback", "appeal", "file")
    if rule.skip or rule.clock is None:
        return ""
    cite = f"（{rule.cite}）" if rule.cite else ""
    if rule.clock.origin == "receipt":
        return f"对变更后的名次、等次有异议的，可以自签收之日起 {rule.clock.text}内申请复核{cite}。"
    due = deadline(rule.clock, start=clock.local_date(at), year=cycle.year, calendar=current_calendar())
    last = f"{due.due_on.year} 年 {due.due_on.month} 月 {due.due_on.day} 日 24 时"
    return (
        f"对变更后的名次、等次有异议的，可以自送达之日起 {rule.clock.text}内（到 {last}止）申请复核{cite}。"
    )


@ledger.service
def sign(
    matter_id: UUID, *, by: Actor, at: dt.datetime, password: str, digest: str, comment: str = ""
) -> None:
    """The head signs for exactly these bytes, with the password entered again."""
    notice = hold(ChangeNotice, matter_id)
    if digest != notice.document_digest:
        raise NotPossible("告知书与页面显示的不一致，请刷新页面、重新阅读后再签收。")
    need_password(by, password)
    move(
        notice,
        "sign",
        by=by,
        at=at,
        why=comment,
        fields={"signed_at": at},
        statement=STATEMENT,
        document=notice.document_digest,
    )


@ledger.service
def deem_received(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Nobody signed in time (留置送达): the notice counts as received from this day, without a signature."""
    notice = hold(ChangeNotice, matter_id)
    fields = deemed(notice, at)
    move(notice, "deem_received", by=by, at=at, why=UNSIGNED, fields=fields, document=notice.document_digest)
