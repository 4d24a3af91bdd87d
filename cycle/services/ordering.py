"""Uses of the results as the policy orders them: at first, and anew when approved results have changed."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from cycle.models import Consequence, Cycle, Grade, ScoringRun, Subject
from cycle.queries.packs import rules_of
from cycle.services.moving import hold, move, record_creation
from offices.queries.directory import office_of

Use = dict[str, Any]
Wanted = dict[tuple[UUID, str], tuple[Subject, Use]]


def order_all(cycle: Cycle, run: ScoringRun, *, by: Actor, at: dt.datetime) -> None:
    """结果运用 opens: order what the policy has for each unit's approved result (正定 七)."""
    for subject, use in _wanted(run).values():
        _order(cycle, run, subject, use, key=use["id"], by=by, at=at)
    ledger.tell("matters.opened", cycle.pk, kind=Consequence.KIND)


def _wanted(run: ScoringRun) -> Wanted:
    """What the policy orders on a run, by unit and use, unit by unit."""
    grades = Grade.objects.filter(run=run).select_related("subject").order_by("subject__position")
    return {(grade.subject_id, use["id"]): (grade.subject, use) for grade in grades for use in grade.uses}


def _order(
    cycle: Cycle, run: ScoringRun, subject: Subject, use: Use, *, key: str, by: Actor, at: dt.datetime
) -> None:
    matter = Consequence(
        cycle=cycle,
        kind=Consequence.KIND,
        stage=Consequence.STAGE,
        subject=subject,
        office_id=_executor(cycle, subject, use["office"]),
        key=key,
        use=use["id"],
        state="ordered",
        run=run,
        title=f"{subject.title}：{use['title']}",
        created_at=at,
        amount=_amount(use),
        amount_basis=use.get("amount", {}).get("text", ""),
        cite=rules_of(cycle).uses[use["id"]].cite or "",
    )
    matter.save(force_insert=True)
    record_creation(matter, by=by, at=at)


def _executor(cycle: Cycle, subject: Subject, office: str) -> UUID:
    return subject.office_id if office == "unit" else office_of(cycle.owner_id, office)


def _amount(use: Use) -> Decimal | None:
    return Decimal(use["amount"]["value"]) if "amount" in use else None


def renew(cycle: Cycle, run: ScoringRun, *, by: Actor, at: dt.datetime) -> None:
    """Bring the uses in line with results that were approved anew; the cycle is held.

    New ones are ordered. Of those that the policy no longer orders, one that nobody has carried out is
    revoked and its task ends; one that was carried out is flagged, for the office that checks it to decide.
    The same holds for another amount.
    """
    wanted, known = _wanted(run), set()
    rows = Consequence.objects.filter(cycle=cycle).exclude(state="revoked").select_related("subject")
    for seen in rows.order_by("id"):
        place = (seen.unit.pk, seen.use)
        known.add(place)
        use = wanted[place][1] if place in wanted else None
        if not _in_line(seen, use):
            _bring_in_line(hold(Consequence, seen.pk), run, use, by=by, at=at)
    missing = [place for place in wanted if place not in known]
    for place in missing:
        subject, use = wanted[place]
        _order(cycle, run, subject, use, key=_key(subject, use, run), by=by, at=at)
    if missing:
        ledger.tell("matters.opened", cycle.pk, kind=Consequence.KIND)


def _in_line(matter: Consequence, use: Use | None) -> bool:
    """Whether a use stands as the policy orders it, without a flag that it does not."""
    return use is not None and _amount(use) == matter.amount and not matter.text.get("overtaken")


def _key(subject: Subject, use: Use, run: ScoringRun) -> str:
    """The use itself; with the run's number where it was ordered and revoked before."""
    known = Consequence.objects.filter(cycle=run.cycle_id, subject=subject, key=use["id"]).exists()
    return f"{use['id']}-{run.number}" if known else str(use["id"])


def _bring_in_line(
    matter: Consequence, run: ScoringRun, use: Use | None, *, by: Actor, at: dt.datetime
) -> None:
    amount = _amount(use) if use else None
    if matter.state == "revoked":
        return  # by the office that checked it, a moment ago
    if use is not None and amount == matter.amount:
        _unflag(matter, by=by, at=at)
    elif matter.state in ("executed", "verified", "evaluated"):
        _flag(matter, run, use, by=by, at=at)
    elif use is None:
        move(matter, "revoke", by=by, at=at, why=f"{run}的结果批准后，考核办法不再规定这一事项。")
        ledger.tell("matter.ended", matter.pk, why="结果变更，这一事项已撤销")
    else:
        _reword(matter, run, use, by=by, at=at)


def _reword(matter: Consequence, run: ScoringRun, use: Use, *, by: Actor, at: dt.datetime) -> None:
    """Nothing was paid yet: the new amount takes the old one's place."""
    fields = {"run": run, "amount": _amount(use), "amount_basis": use.get("amount", {}).get("text", "")}
    _write(matter, fields, by=by, at=at, why=f"{run}的结果批准后，应当执行的金额改变。")


def _flag(matter: Consequence, run: ScoringRun, use: Use | None, *, by: Actor, at: dt.datetime) -> None:
    said = f"已经执行，但{run}的结果批准后，"
    if use is None:
        said += "考核办法不再规定这一事项，请在核查、评价时处理，需要纠正的予以撤销。"
    else:
        said += f"应当执行的金额改为 {_amount(use)} 元，差额请在核查、评价时处理。"
    _write(matter, {"text": matter.text | {"overtaken": said}}, by=by, at=at, why=said)


def _unflag(matter: Consequence, *, by: Actor, at: dt.datetime) -> None:
    """Results that changed back: the use is right again as it was carried out."""
    if matter.text.get("overtaken"):
        text = {key: value for key, value in matter.text.items() if key != "overtaken"}
        _write(matter, {"text": text}, by=by, at=at, why="结果再次变更，这一事项与批准的结果一致。")


def _write(matter: Consequence, fields: dict[str, Any], *, by: Actor, at: dt.datetime, why: str) -> None:
    was = {name: getattr(matter, name) for name in fields}
    for name, value in fields.items():
        setattr(matter, name, value)
    matter.save(update_fields=list(fields))
    ledger.record(
        "consequence.renew",
        matter.stream,
        by=by,
        at=at,
        policy=matter.cycle.policy_id,
        why=why,
        was={name: getattr(value, "pk", value) for name, value in was.items()},
        set={name: getattr(value, "pk", value) for name, value in fields.items()},
    )
