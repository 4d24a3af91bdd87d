"""Bonus, deduction and veto facts: claimed or found, verified, confirmed."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import AdjustmentClaim, Cycle, Evidence, Matter, Subject, VetoFact
from cycle.queries.packs import rules_of
from cycle.queries.rules import ClaimItem, claim_items
from cycle.services.moving import hold, move, record_creation
from cycle.services.numbers import decimal, plain
from offices.models import Office
from offices.queries.directory import office_of

ANSWERS = {"accepts": "认可，没有异议", "objects": "有异议，陈述和申辩如下"}


@ledger.service
def open_claim(
    subject_id: UUID,
    *,
    sort: str,
    item: str,
    source: str,
    by: Actor,
    happened_on: dt.date | None = None,
    count: int = 1,
    fact: str = "",
) -> UUID:
    """Open a claim: a bonus by the unit itself, a deduction or veto by the performance office.

    Raises NotPossible when the policy knows no such item for the unit's group (正定 五（四）; 六（二）).
    """
    subject = Subject.objects.select_related("cycle").get(pk=subject_id)
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=subject.cycle_id)
    capacity = Office.objects.values_list("capacity", flat=True).get(pk=by.office)
    if capacity != ("unit" if sort == "bonus" else "performance_office"):
        raise NotAllowed("加分由被考核单位申报，减分和否决事项由绩效办提出。")
    if sort == "bonus" and subject.office_id != by.office_id:
        raise NotAllowed("只能为本单位申报加分。")
    if cycle.state in ("preparation", "feedback", "uses", "archived", "cancelled"):
        raise NotPossible(f"{cycle.title}的结果已经审定或者尚未开始，不能再提出加减分事项。")
    known = _item(cycle, subject, sort, item)
    if not source.strip():
        raise NotPossible("请写明依据的文件或证书名称、文号。", field="source")
    at = clock.now()
    number = AdjustmentClaim.objects.filter(cycle=cycle).count() + 1
    claim = AdjustmentClaim(
        cycle=cycle,
        kind=AdjustmentClaim.KIND,
        stage=AdjustmentClaim.STAGE,
        subject=subject,
        office_id=by.office,
        key=f"c{number:04d}",
        state="draft",
        created_at=at,
        sort=sort,
        item=item,
        title=f"{subject.title}{AdjustmentClaim.Sort(sort).label}：{known.title}",
        source=source.strip(),
        count=count,
        fact=fact.strip(),
        happened_on=happened_on,
    )
    claim.save(force_insert=True)
    record_creation(claim, by=by, at=at)
    return claim.pk


def _item(cycle: Cycle, subject: Subject, sort: str, item: str) -> ClaimItem:
    known = claim_items(rules_of(cycle), subject.group, sort).get(item)
    if known is None:
        raise NotPossible(f"考核办法没有对{subject}规定这一事项，请重新选择。", field="item")
    return known


def submitter(matter: Matter) -> list[UUID]:
    """The office that brings the claim: the unit for a bonus, the performance office otherwise."""
    return [matter.office_id]  # type: ignore[list-item]


def decider(matter: Matter) -> list[UUID]:
    """The office that confirms: the one the policy names for the item, else the performance office."""
    claim = AdjustmentClaim.objects.select_related("cycle", "subject").get(pk=matter.pk)
    item = _item(claim.cycle, claim.unit, claim.sort, claim.item)
    return [office_of(claim.cycle.owner_id, item.decided_by or "performance_office")]


@ledger.service
def submit(
    matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "", source: str = "", points: str = ""
) -> None:
    """Hand the claim in; a bonus rests on a document, so at least one file is needed (正定 五（四）1)."""
    claim = hold(AdjustmentClaim, matter_id)
    if not Evidence.objects.filter(matter=claim, withdrawn_at__isnull=True).exists():
        raise NotPossible("请先上传表彰文件、证书或通报等佐证材料，再提交。", field="evidence")
    fields: dict[str, Any] = {"source": source.strip() or claim.source, "text": _without_answer(claim)}
    item = _item(claim.cycle, claim.unit, claim.sort, claim.item)
    if item.given_range:
        fields["points"] = _given(points, item.given_range)
    move(claim, "submit", by=by, at=at, why=comment, fields=fields)


def _without_answer(claim: AdjustmentClaim) -> dict[str, Any]:
    """What is submitted anew is answered anew; the earlier answer stays on record."""
    kept = {name: value for name, value in claim.text.items() if name != "answer"}
    if "answer" in claim.text:
        kept["earlier_answers"] = [*kept.get("earlier_answers", []), claim.text["answer"]]
    return kept


def answerer(matter: Matter) -> list[UUID]:
    """The unit that a deduction or veto is recorded against."""
    return [matter.unit.office_id]


def is_against(matter: Matter) -> bool:
    """Whether a claim is recorded against the unit, so that the unit is told and may answer."""
    return AdjustmentClaim.objects.filter(pk=matter.pk).exclude(sort="bonus").exists()


@ledger.service
def answer(
    matter_id: UUID,
    *,
    by: Actor,
    at: dt.datetime,
    accepts: str = "",
    statement: str = "",
    comment: str = "",
) -> None:
    """The unit answers a deduction or veto that was recorded against it: it accepts, or says why not.

    Raises NotPossible when it does neither, or objects without saying on what ground.
    """
    claim = hold(AdjustmentClaim, matter_id)
    if accepts not in ANSWERS:
        raise NotPossible("请选择对这一事项是否认可，再提交。", field="accepts")
    if accepts == "objects" and not statement.strip():
        raise NotPossible("有异议的，请写明陈述和申辩的事实、理由，再提交。", field="statement")
    said = {
        "accepts": accepts,
        "statement": statement.strip(),
        "on": clock.local_date(at).isoformat(),
        "by": by.name,
    }
    move(claim, "answer", by=by, at=at, why=comment, fields={"text": claim.text | {"answer": said}})


@ledger.service
def leave_unanswered(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The time for an answer is over: the matter goes on without one; that is no confession."""
    claim = hold(AdjustmentClaim, matter_id)
    said = {"accepts": "", "statement": "", "on": clock.local_date(at).isoformat(), "by": ""}
    why = comment or "单位在规定时限内没有陈述意见，依照规定继续核实；不视为认可。"
    move(claim, "answer", by=by, at=at, why=why, fields={"text": claim.text | {"answer": said}})


def _given(text: str, bounds: tuple[Decimal, Decimal]) -> Decimal:
    low, high = bounds
    points = decimal(text, what="申请分值", field="points")
    if not low <= points <= high:
        raise NotPossible(f"分值应当在 {plain(low)} 到 {plain(high)} 分之间。", field="points")
    return points


@ledger.service
def verify(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The performance office has checked the documents."""
    move(hold(AdjustmentClaim, matter_id), "verify", by=by, at=at, why=comment)


@ledger.service
def confirm(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Confirm the fact; a veto becomes a veto fact of the unit."""
    claim = hold(AdjustmentClaim, matter_id)
    move(claim, "confirm", by=by, at=at, why=comment)
    if claim.sort == "veto":
        if VetoFact.objects.filter(subject=claim.unit, item=claim.item).exists():
            raise NotPossible(f"{claim.subject}的这一否决事项已经认定过，不能重复认定。")
        VetoFact.objects.create(
            cycle=claim.cycle, subject=claim.unit, item=claim.item, claim=claim, confirmed_at=at
        )


@ledger.service
def reject(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Do not recognise the fact, with a reason."""
    move(hold(AdjustmentClaim, matter_id), "reject", by=by, at=at, why=comment)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Send the claim back for better documents."""
    move(hold(AdjustmentClaim, matter_id), "give_back", by=by, at=at, why=comment)
