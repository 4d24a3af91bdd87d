"""An approved adjustment comes into force: new versions, and what already rests on the old ones."""

import datetime as dt

from django.db.models import Max

from audit import ledger
from audit.actor import Actor
from cycle.models import (
    AdjustmentLine,
    Collection,
    Cycle,
    Indicator,
    IndicatorAdjustment,
    Report,
    ReportLine,
    ScoringRun,
    Subject,
    WorkPlan,
)
from cycle.queries.packs import rules_of
from cycle.queries.versions import in_force, round_end
from cycle.services import openings, publicity, scoring
from cycle.services.adjusted_values import version_of
from cycle.services.adjusting import need_day, need_lines

_BEFORE_VERIFYING = ("due", "filled")


def put_in_force(adjustment: IndicatorAdjustment, *, by: Actor, at: dt.datetime) -> None:
    """Issue the new versions from the effective date on; the old ones stay for the time before it.

    The unit's indicators, open reports and open collections are held, and everything is checked again: what
    was lawful when it was asked for may not be any more. Raises NotPossible with what stands against it.
    """
    unit = _held(adjustment)
    lines = list(
        adjustment.changes.select_related("indicator__subject", "indicator__cycle", "indicator__collector")
    )
    day = adjustment.effective_on
    need_day(unit, day)
    need_lines(adjustment, lines, day, then="批准")
    for line in lines:
        _reissue(line, unit, by=by, at=at)
    _report_anew(unit, day)
    _collect_anew(unit, day, by=by, at=at)
    publicity.announce_adjusted_targets(unit.cycle, unit.group, adjustment.key, by=by, at=at)
    if ScoringRun.objects.filter(cycle=unit.cycle).exists():
        cause = f"{adjustment.title}已经批准"
        scoring.recalculate(unit.cycle, because_of=adjustment, cause=cause, by=by, at=at)


def _held(adjustment: IndicatorAdjustment) -> Subject:
    """Hold the cycle (periods open and runs are made under it), the unit and its indicators, then the rest.

    Summaries hold reports and checks hold collections: they come before this or see what it has changed.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=adjustment.cycle_id)
    unit = Subject.objects.select_for_update(no_key=True).get(pk=adjustment.unit.pk)
    unit.cycle = adjustment.cycle = cycle
    adjustment.subject = unit
    for rows in (
        Indicator.objects.filter(subject=unit),
        Report.objects.filter(subject=unit).exclude(state="compiled"),
        Collection.objects.filter(cycle=cycle).exclude(state="checked"),
    ):
        list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
    return unit


def _reissue(line: AdjustmentLine, unit: Subject, *, by: Actor, at: dt.datetime) -> None:
    adjustment = line.adjustment
    old, eve = line.indicator, adjustment.effective_on - dt.timedelta(days=1)
    if old is not None:
        _end(old, line, eve, by=by, at=at)
    if line.action == AdjustmentLine.Action.DROP:
        return
    fresh = version_of(line, unit)
    fresh.effective_on, fresh.because_of = adjustment.effective_on, adjustment
    if old is None:
        last = Indicator.objects.filter(subject=unit).aggregate(last=Max("position"))["last"]
        fresh.position = (last or 0) + 1
    fresh.issue()
    fresh.save(force_insert=True)
    WorkPlan.objects.create(indicator=fresh, **_plan(line))
    ledger.record(
        "indicator.create",
        f"indicator/{fresh.pk}",
        by=by,
        at=at,
        policy=unit.cycle.policy_id,
        new_stream=True,
        set={each.attname: getattr(fresh, each.attname) for each in fresh._meta.concrete_fields[1:]},
    )
    line.made = fresh
    line.save(update_fields=["made"])


def _end(old: Indicator, line: AdjustmentLine, eve: dt.date, *, by: Actor, at: dt.datetime) -> None:
    """The old version holds until the eve of the effective date; its scores stay as they are."""
    was = {"state": old.state, "ends_on": old.ends_on}
    verb = "revoke" if line.action == AdjustmentLine.Action.DROP else "supersede"
    if verb == "revoke":
        old.revoke()
    else:
        old.supersede()
    old.ends_on = eve
    old.save(update_fields=["state", "ends_on"])
    ledger.record(
        f"indicator.{verb}",
        f"indicator/{old.pk}",
        by=by,
        at=at,
        policy=old.cycle.policy_id,
        was=was,
        set={"state": old.state, "ends_on": eve},
        because_of=line.adjustment_id,
    )


def _plan(line: AdjustmentLine) -> dict[str, str]:
    names = ("measures", "milestones", "sections")
    before = WorkPlan.objects.filter(indicator=line.indicator).values(*names).first() or {}
    return {**dict.fromkeys(names, ""), **before, **line.values.get("plan", {})}


def _report_anew(unit: Subject, day: dt.date) -> None:
    """Reports of months that end after the effective date go on under the versions of the month's last day.

    What the unit has written stays. A figure that another office has on its desk, or has verified, stays with
    the version under which it was asked for.
    """
    pack = rules_of(unit.cycle)
    reports = Report.objects.filter(subject=unit).exclude(state="compiled")
    for report in reports:
        end = round_end(pack, report.key, unit.cycle.year)
        if end >= day:
            _report_lines(report, {each.key: each for each in in_force(unit.cycle, end).filter(subject=unit)})


def _report_lines(report: Report, valid: dict[str, Indicator]) -> None:
    is_open = report.state in _BEFORE_VERIFYING
    lines = {line.indicator.key: line for line in report.lines.select_related("indicator")}
    for key, line in lines.items():
        version = valid.get(key)
        if version is None:
            if report.state == "due" and line.value is None and not line.note:
                line.delete()
        elif version.pk != line.indicator_id and (
            is_open or version.collector_id == line.indicator.collector_id
        ):
            line.indicator = version
            line.save(update_fields=["indicator"])
    if report.state == "due":
        ReportLine.objects.bulk_create(
            ReportLine(report=report, indicator=version) for key, version in valid.items() if key not in lines
        )


def _collect_anew(unit: Subject, day: dt.date, *, by: Actor, at: dt.datetime) -> None:
    """A round that has begun and ends after the effective date may need a collector that had none in it."""
    pack = rules_of(unit.cycle)
    begun = Collection.objects.filter(cycle=unit.cycle).values_list("key", flat=True).distinct()
    for key in sorted(begun):
        if round_end(pack, key, unit.cycle.year) >= day:
            openings.open_collections(unit.cycle, key, by=by, at=at)
