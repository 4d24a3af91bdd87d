"""Mid-year adjustment of indicators: asked for, reviewed, approved, withdrawn (杭州 15 条, 济南 12 条)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.models import Event
from audit.refusals import NotAllowed, NotPossible
from cycle.models import AdjustmentLine, Cycle, Evidence, IndicatorAdjustment, Matter, Subject
from cycle.queries.adjustment_words import changes_of
from cycle.queries.adjustments import season_of
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import rules_of
from cycle.services.adjusted_values import checked
from cycle.services.adjusting import concerns_key, need_day, need_ground, need_lines, need_season
from cycle.services.adjustment_lines import write_lines
from cycle.services.moving import hold, move, record_creation, save_all
from cycle.services.reissuing import put_in_force
from policies.clocks import shift

Typed = Mapping[str, Mapping[str, str]]
DAYS_TO_MEND = 5


@ledger.service
def open_request(
    subject_id: UUID,
    *,
    ground: str,
    reason: str,
    effective_on: dt.date,
    picks: Mapping[str, str],
    added: int,
    by: Actor,
) -> UUID:
    """Draft a request: `picks` maps indicators to `change` or `drop`, `added` is how many new ones to state.

    A unit asks for itself on the lawful grounds, the performance office on new key work. Raises NotAllowed,
    NotFound for an indicator that is not the unit's, NotPossible outside the season, for a closed period.
    """
    unit = Subject.objects.select_related("cycle").get(pk=subject_id)
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=unit.cycle_id)
    unit.cycle, at = cycle, clock.now()
    need_ground(unit, ground, by)
    need_season(cycle, at)
    need_day(unit, effective_on)
    number = IndicatorAdjustment.objects.filter(cycle=cycle).count() + 1
    adjustment = IndicatorAdjustment(
        cycle=cycle,
        kind=IndicatorAdjustment.KIND,
        stage=IndicatorAdjustment.STAGE,
        subject=unit,
        office_id=by.office,
        key=f"t{number:04d}",
        title=f"{unit.title}第 {number} 号指标调整申请",
        state="draft",
        created_at=at,
        ground=ground,
        reason=_reason(reason),
        effective_on=effective_on,
        text=_deadline(cycle, at),
    )
    adjustment.save(force_insert=True)
    record_creation(adjustment, by=by, at=at)
    write_lines(adjustment, picks, added, by=by, at=at)
    return adjustment.pk


def _deadline(cycle: Cycle, at: dt.datetime) -> dict[str, Any]:
    """The request is due when the season ends, whenever it was drafted."""
    season = season_of(cycle)
    last = season.closing(clock.local_date(at))
    if last is None:
        return {}
    return {"due": {"request": {"due_on": last.isoformat(), "rule_text": season.words.removesuffix("。")}}}


def requester(matter: Matter) -> list[UUID]:
    """The office that asks: the unit, or the performance office for new key work."""
    return [matter.office_id] if matter.office_id else []


@ledger.service
def ask(
    matter_id: UUID,
    *,
    by: Actor,
    at: dt.datetime,
    lines: Typed | None = None,
    reason: str | None = None,
    effective_on: str | None = None,
    comment: str = "",
) -> None:
    """Hand the request in, with evidence. `lines` maps a line's id to the texts of its controls.

    Everything is checked as in a declaration: number, standard, rule, collector, method, sum of points.
    """
    adjustment = hold(IndicatorAdjustment, matter_id)
    unit = adjustment.unit
    unit.cycle = adjustment.cycle
    need_ground(unit, adjustment.ground, by)
    if _first_asked(adjustment) is None:
        need_season(adjustment.cycle, at)
    day = adjustment.effective_on if effective_on is None else day_of(effective_on)
    need_day(unit, day)
    said = adjustment.reason if reason is None else _reason(reason)
    rows = list(adjustment.changes.select_related("indicator__subject", "indicator__cycle"))
    for row in rows:
        row.values = checked(row, (lines or {}).get(str(row.pk), {}), unit)
    need_lines(adjustment, rows, day, then="提交审核")
    if not Evidence.objects.filter(matter=adjustment, withdrawn_at__isnull=True).exists():
        raise NotPossible(
            "请先上传政策文件、机构调整文件、灾害证明或者重点工作部署等佐证材料，再提交。", field="evidence"
        )
    save_all(rows, ["values"])
    move(
        adjustment,
        "ask",
        by=by,
        at=at,
        why=comment,
        fields={"reason": said, "effective_on": day, "needs_government": concerns_key(rows)},
        values={"reason": said, "effective_on": day.isoformat()},
        lines=dict(_in_words(row, unit) for row in rows),
        asked=[{"action": row.action, "indicator": row.indicator_id, "values": row.values} for row in rows],
    )


def _in_words(row: AdjustmentLine, unit: Subject) -> tuple[str, dict[str, str]]:
    """What a line changes as the history shows it: under the indicator's key or an added one's title."""
    if row.indicator is None:
        return row.values["title"], {each.label: each.after for each in changes_of(row, unit)}
    if row.action == AdjustmentLine.Action.DROP:
        return row.indicator.key, {"调整": "撤销"}
    return row.indicator.key, {each.label: each.after for each in changes_of(row, unit)}


def _first_asked(adjustment: IndicatorAdjustment) -> Event | None:
    return Event.objects.filter(stream=adjustment.stream, type="adjustment.ask").order_by("seq").first()


def day_of(text: str) -> dt.date:
    """Return the date written as 2026-09-01; raises NotPossible for anything else."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise NotPossible("请填写生效日期，例如 2026-09-01。", field="effective_on") from None


def _reason(text: str) -> str:
    if not text.strip():
        raise NotPossible("请写明调整的理由和依据的文件。", field="reason")
    return text.strip()


@ledger.service
def review(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The performance office has checked ground and evidence; nobody reviews their own request."""
    adjustment = hold(IndicatorAdjustment, matter_id)
    asked = Event.objects.filter(stream=adjustment.stream, type="adjustment.ask").order_by("-seq").first()
    if asked is not None and {by.user_id, by.behalf_id} & ({asked.actor_id, asked.behalf_id} - {None}):
        raise NotAllowed("这项调整由你本人提出，不能由你审核，请绩效办的其他人员审核。")
    move(adjustment, "review", by=by, at=at, why=comment)


def goes_to_government(matter: Matter) -> bool:
    """Whether the government approves after the leading group: a line concerns a key target."""
    adjustment = IndicatorAdjustment.objects.get(pk=matter.pk)
    rule = rules_of(matter.cycle).step("indicator_setting", "adjustment", "approve_key")
    return adjustment.needs_government and not rule.skip


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The leading group approves: the new versions are issued, or the government has to agree first."""
    adjustment = hold(IndicatorAdjustment, matter_id)
    if goes_to_government(adjustment):
        move(adjustment, "refer", by=by, at=at, why=comment)
        return
    move(adjustment, "approve", by=by, at=at, why=comment)
    put_in_force(adjustment, by=by, at=at)


@ledger.service
def approve_key(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The government approves a change of key targets: the new versions are issued (杭州 15 条)."""
    adjustment = hold(IndicatorAdjustment, matter_id)
    move(adjustment, "approve", by=by, at=at, why=comment)
    put_in_force(adjustment, by=by, at=at)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Send the request back for better grounds, evidence or figures.

    What was asked for in the season may come again after it, within five working days.
    """
    adjustment = hold(IndicatorAdjustment, matter_id)
    known = adjustment.text.get("due", {}).get("request")
    fields: dict[str, Any] = {}
    if known:
        last = shift(clock.local_date(at), DAYS_TO_MEND, current_calendar()).isoformat()
        again = {
            "due_on": max(last, known["due_on"]),
            "rule_text": f"退回后 {DAYS_TO_MEND} 个工作日内重新提交",
        }
        fields["text"] = adjustment.text | {"due": {"request": again}}
    move(adjustment, "give_back", by=by, at=at, why=comment, fields=fields)


@ledger.service
def reject(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The ground is not a lawful one, or not proved; the indicators stay as they are."""
    move(hold(IndicatorAdjustment, matter_id), "reject", by=by, at=at, why=comment)


@ledger.service
def withdraw(matter_id: UUID, *, by: Actor, at: dt.datetime, why: str = "") -> None:
    """Whoever asked takes the request back; possible until it is approved."""
    adjustment = hold(IndicatorAdjustment, matter_id)
    if adjustment.office_id != by.office_id:
        raise NotAllowed("只有提出申请的机构可以撤回申请。")
    if adjustment.is_final:
        raise NotPossible(f"“{adjustment.title}”{adjustment.state_title}，不能再撤回。")
    move(adjustment, "withdraw", by=by, at=at, why=why)


@ledger.service
def lapse(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The season has ended on a draft: it can no longer be handed in."""
    adjustment = hold(IndicatorAdjustment, matter_id)
    move(adjustment, "withdraw", by=by, at=at, why="申请时间已经结束，没有提交")
