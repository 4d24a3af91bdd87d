"""Routine monitoring: open a period, fill, approve, verify, compile."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F

from audit import blobs, clock, ledger
from audit.actor import SYSTEM, Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Compilation, Cycle, Matter, Report, ReportLine
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.versions import in_force, round_end
from cycle.services.moving import create_all, hold, move, save_all
from cycle.services.numbers import decimal, plain
from offices.queries.directory import office_of, organisation_of

Lines = dict[str, dict[str, str]]


@ledger.service
def open_period(cycle_id: UUID, key: str, *, by: Actor = SYSTEM) -> int:
    """Ask every unit that has no report for this period yet for one; return how many were asked.

    正定 六（三）: every unit reports the completion of its indicators to the office each month.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    if cycle.state in ("preparation", "archived", "cancelled"):
        raise NotPossible(f"{cycle.title}目前不在办理期间，不能要求报送。")
    at = clock.now()
    asked = Matter.objects.filter(cycle=cycle, kind=Report.KIND, key=key).values("subject")
    reports: list[Matter] = [
        Report(
            cycle=cycle,
            kind=Report.KIND,
            stage=Report.STAGE,
            subject=subject,
            key=key,
            state="due",
            title=f"{subject.title} {period_title(key)}完成情况报告",
            created_at=at,
        )
        for subject in cycle.subjects.exclude(pk__in=asked)
    ]
    if not reports:
        return 0
    create_all(reports, by=by, at=at)
    by_subject = {report.subject_id: report for report in reports}
    last = round_end(rules_of(cycle), key, cycle.year)
    indicators = in_force(cycle, last).filter(subject__in=by_subject)
    ReportLine.objects.bulk_create(
        [ReportLine(report=by_subject[each.subject_id], indicator=each) for each in indicators]
    )
    ledger.tell("matters.opened", cycle.pk, kind=Report.KIND)
    return len(reports)


@ledger.service
def fill(matter_id: UUID, *, by: Actor, at: dt.datetime, lines: Lines, comment: str = "") -> None:
    """The unit reports. `lines` maps a line's id to `value` and `note`; every line needs a value or a note.

    "Nothing happened" is a report too: the note says so.
    """
    report = hold(Report, matter_id)
    rows = list(report.lines.select_related("indicator"))
    for row in rows:
        _fill_line(row, lines.get(str(row.pk), {}))
    save_all(rows, ["value", "note", "verified", "remark"])
    move(
        report,
        "fill",
        by=by,
        at=at,
        why=comment,
        values={row.indicator.key: {"value": plain(row.value), "note": row.note} for row in rows},
    )


def _fill_line(row: ReportLine, line: dict[str, str]) -> None:
    value, title = line.get("value", "").strip(), row.indicator.title
    row.note = line.get("note", row.note).strip()
    row.value = decimal(value, what=f"“{title}”的完成数", field=f"{row.pk}-value") if value else None
    row.verified, row.remark = None, ""
    if row.value is None and not row.note:
        raise NotPossible(
            f"请填写“{title}”的完成数；本期没有进展的，请在说明中写明。", field=f"{row.pk}-value"
        )


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The head of the unit answers for the figures."""
    move(hold(Report, matter_id), "approve", by=by, at=at, why=comment)


def collectors(matter: Matter) -> list[UUID]:
    """The offices that verify this report: the collectors of its indicators."""
    rows = ReportLine.objects.filter(report=matter).order_by("indicator__collector_id")
    return [office for office in rows.values_list("indicator__collector_id", flat=True).distinct() if office]


@ledger.service
def check_lines(
    matter_id: UUID, *, by: Actor, at: dt.datetime, lines: Lines | None = None, comment: str = ""
) -> None:
    """One collector confirms its figures or puts its own beside them (正定 八（三）).

    `lines` maps a line's id to `verified` and `remark`; a figure that is left as it was is confirmed.
    """
    report = hold(Report, matter_id)
    if report.state != "approved":
        raise NotPossible(f"“{report.title}”目前不在核验中，请刷新页面后查看。")
    _not_own(report, by)
    rows = list(report.lines.filter(indicator__collector_id=by.office_id).select_related("indicator"))
    for row in rows:
        line = (lines or {}).get(str(row.pk), {})
        row.verified = _verified(row, line.get("verified", "").strip())
        row.remark = line.get("remark", "").strip()
        if row.verified != row.value and not row.remark:
            raise NotPossible(
                f"“{row.indicator.title}”核验数与上报数不一致，请写明理由。", field=f"{row.pk}-remark"
            )
    confirmed = [row.pk for row in rows if row.verified == row.value and not row.remark]
    ReportLine.objects.filter(pk__in=confirmed).update(verified=F("value"), remark="")
    save_all([row for row in rows if row.pk not in set(confirmed)], ["verified", "remark"])
    ledger.record(
        "report.check_lines",
        report.stream,
        by=by,
        at=at,
        policy=report.cycle.policy_id,
        why=comment,
        values={row.indicator.key: {"verified": plain(row.verified), "remark": row.remark} for row in rows},
    )


def _verified(row: ReportLine, text: str) -> Decimal | None:
    return (
        decimal(text, what=f"“{row.indicator.title}”的核验数", field=f"{row.pk}-verified")
        if text
        else row.value
    )


def _not_own(report: Matter, by: Actor) -> None:
    """A unit never verifies its own data, whatever capacity it acts in."""
    subject = report.subject
    if subject and subject.organisation_id == organisation_of(by.office):
        raise NotAllowed(f"{subject}不能核验本单位的数据，请绩效办改由其他单位核验。")


@ledger.service
def verify(matter_id: UUID, *, by: Actor, at: dt.datetime) -> None:
    """The last collector has confirmed its figures."""
    report = hold(Report, matter_id)
    move(report, "verify", by=by, at=at)
    ledger.tell("report.verified", report.cycle_id, period=report.key)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The head or a collector returns the report to the unit with a reason."""
    move(hold(Report, matter_id), "give_back", by=by, at=at, why=comment)


@ledger.service
def open_compilation(cycle_id: UUID, key: str, *, by: Actor = SYSTEM) -> UUID | None:
    """Open the office's summary of a period; None when it is open already."""
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    if Matter.objects.filter(cycle=cycle, kind=Compilation.KIND, key=key).exists():
        return None
    at = clock.now()
    office = office_of(cycle.owner_id, "performance_office")
    compilation = Compilation(
        cycle=cycle,
        kind=Compilation.KIND,
        stage=Compilation.STAGE,
        office_id=office,
        key=key,
        state="open",
        title=f"{period_title(key)}完成情况汇总",
        created_at=at,
    )
    create_all([compilation], by=by, at=at)
    ledger.tell("matters.opened", cycle.pk, kind=Compilation.KIND)
    return compilation.pk


@ledger.service
def open_compilation_if_complete(cycle_id: UUID, key: str) -> UUID | None:
    """Open the summary once every unit's report of the period is verified."""
    waiting = Report.objects.filter(cycle_id=cycle_id, key=key, state__in=["due", "filled", "approved"])
    return None if waiting.exists() else open_compilation(cycle_id, key)


@ledger.service
def compile_period(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Pass the period's figures up to the leading group; units that are missing are named (正定 六（三）)."""
    compilation = hold(Compilation, matter_id)
    reports = Report.objects.select_for_update(no_key=True, of=("self",)).filter(
        cycle=compilation.cycle, key=compilation.key
    )
    done: list[Report] = []
    missing: list[Report] = []
    for report in reports.select_related("subject", "cycle").order_by("id"):
        (done if report.state == "verified" else missing).append(report)
    for report in done:
        move(report, "compile", by=by, at=at)
    table = {
        "period": compilation.key,
        "demo": compilation.cycle.is_demo,
        "missing": [str(report.subject) for report in missing],
        "units": _table([report.pk for report in done]),
    }
    document = blobs.store([ledger.canonical(table).encode()])
    move(
        compilation,
        "submit",
        by=by,
        at=at,
        why=comment,
        fields={"text": {"digest": document.digest, "missing": table["missing"], "count": len(done)}},
    )


def _table(reports: list[UUID]) -> dict[str, dict[str, Any]]:
    units: dict[str, dict[str, Any]] = {}
    lines = ReportLine.objects.filter(report__in=reports).select_related("indicator", "report__subject")
    for line in lines.order_by("report__subject__position", "indicator__position"):
        row = units.setdefault(str(line.report.subject), {})
        row[line.indicator.title] = {"value": plain(line.value), "verified": plain(line.verified)}
    return units
