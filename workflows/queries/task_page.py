"""Everything around a task's form: by when and why then, why it came back, what has changed."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.urls import reverse

from audit import clock
from audit.models import Event
from cycle.models import Evidence
from cycle.queries.calendar import current_calendar
from cycle.queries.provisional import provisional_notes
from offices.queries.seats import Seat
from workflows.extending import asked_for_time, is_extendable
from workflows.models import WorkItem
from workflows.queries.deadlines import Due, day_text, due_of, moment_text
from workflows.queries.diagram import flow_title
from workflows.queries.returns import Return
from workflows.queries.versions import labels_of, versions
from workflows.queries.visibility import items_seen
from workflows.services.tasks import step_of

KINDS = {
    "pdf": "pdf", "ofd": "pdf", "xls": "xls", "xlsx": "xls", "csv": "xls", "doc": "doc", "docx": "doc",
    "txt": "doc", "jpg": "img", "jpeg": "img", "png": "img",
}  # fmt: skip
COLLECTED = ("appeal",)
"""Flows whose submissions add to one another and stand on the page as a whole."""
BESIDE = ("report.check_lines", "sheet.opine")
"""Events that stand beside a submission: they are remarks on it, not a new version of it."""


def task_seen(seat: Seat, item_id: object) -> WorkItem | None:
    """Return the task with all that its page needs, or None when this office may not see it."""
    rows = items_seen(seat).select_related(
        "matter", "subject", "office", "cycle__policy", "process__cycle", "process__matter",
        "process__subject", "task", "closed_by", "opened_by", "drafted_by",
    )  # fmt: skip
    return rows.filter(pk=str(item_id)).first()


def may_write(item: WorkItem, seat: Seat) -> bool:
    """Whether the person may do this task now."""
    return item.state == WorkItem.State.OPEN and seat.may_do(item.office_id, item.role)


def due_in_words(item: WorkItem, seat: Seat) -> Due:
    """Return the deadline as its badge shows it."""
    return due_of(
        item.due_at, seat.at, current_calendar(),
        provisional=bool(item.basis.get("provisional")), closed_at=item.closed_at,
    )  # fmt: skip


def derivation(item: WorkItem, now: dt.datetime) -> list[dict[str, Any]]:
    """Return how the deadline was counted, as facts that everybody can count again."""
    basis = item.basis
    facts: list[dict[str, Any]] = [{"label": "送达", "value": moment_text(item.served_at, now)}]
    if basis.get("rule_text"):
        counted, skipped = basis.get("counted", []), basis.get("skipped", [])
        facts.append({"label": "时限", "value": basis["rule_text"]})
        if basis.get("start"):
            facts.append({"label": "起算日", "value": _day(basis["start"], now), "note": "当日不计"})
        if counted:
            facts.append({"label": f"计入的 {len(counted)} 天", "value": _days(counted, now), "long": True})
        if skipped:
            facts.append(
                {"label": f"跳过的 {len(skipped)} 个休息日", "value": _days(skipped, now), "long": True}
            )
        if basis.get("paused"):
            paused = basis["paused"]
            label = f"暂停计时的 {len(paused)} 天"
            facts.append({"label": label, "value": _days(paused, now), "note": "补正材料期间", "long": True})
        facts.append({"label": "到期日", "value": _day(basis["due_on"], now), "note": "24 时止"})
    if basis.get("provisional"):
        facts.append({"label": "提示", "value": "所跨年度的放假安排尚未公布，到期日为暂定。", "long": True})
    return facts


def article(item: WorkItem) -> dict[str, Any]:
    """Return the article that the step rests on; `is_open` while what fills a silence is unconfirmed."""
    cite, title = item.basis.get("cite", ""), item.cycle.policy.title
    text = f"《{title}》{cite}" if cite else f"《{title}》未作规定，按通行做法设定"
    node = step_of(item)
    stage, (flow, step) = node.flow_class.stage.value, node.rule_for(item.matter)
    is_open = f"process.{stage}.{flow}.{step}" in provisional_notes(item.cycle)
    return {"text": text, "is_open": is_open, "url": reverse("policy", args=[item.cycle.policy_id])}


def _day(text: str, now: dt.datetime) -> str:
    return day_text(dt.date.fromisoformat(text), now)


def _days(days: list[str], now: dt.datetime) -> str:
    shown = [_day(day, now) for day in days]
    return "、".join(shown) if len(shown) <= 16 else f"{'、'.join(shown[:8])} …… {'、'.join(shown[-4:])}"


def changes(item: WorkItem) -> list[dict[str, str]]:
    """Return what the newest submission changed against the one before it, for those who judge it.

    Empty for a first submission, which is new as a whole.
    """
    if item.flow in COLLECTED or not any(choice.is_return for choice in step_of(item).choices.values()):
        return []
    events = Event.objects.filter(stream=item.matter.stream).exclude(type__in=BESIDE).order_by("seq")
    submitted = [each for each in versions(events, labels_of(item.matter)) if each.changes]
    is_first = len(submitted) < 2 and item.flow != "indicator_setting"
    return [] if is_first or not submitted else submitted[-1].changes


def evidence_of(item: WorkItem, seat: Seat) -> list[dict[str, Any]]:
    """Return the matter's files as `components/evidence.html` lists them; own ones can be taken back."""
    rows = Evidence.objects.filter(matter=item.matter_id, withdrawn_at__isnull=True)
    rows = rows.select_related("blob", "indicator", "uploaded_by").order_by("uploaded_at", "pk")
    can_remove = may_write(item, seat)
    return [
        file_line(each, seat.at)
        | {
            "remove": reverse("evidence-withdraw", args=[item.pk, each.pk])
            if can_remove and each.office_id == seat.office.pk
            else ""
        }
        for each in rows
    ]


def files_of(matter_id: UUID, now: dt.datetime) -> list[dict[str, Any]]:
    """Return a matter's files as `components/evidence.html` lists them, to read only."""
    rows = Evidence.objects.filter(matter=matter_id, withdrawn_at__isnull=True)
    rows = rows.select_related("blob", "indicator", "uploaded_by").order_by("uploaded_at", "pk")
    return [file_line(each, now) for each in rows]


def file_line(each: Evidence, now: dt.datetime) -> dict[str, Any]:
    """Return one file, loaded with blob, indicator and uploader, for `components/evidence.html`."""
    return {
        "name": each.name,
        "url": reverse("evidence", args=[each.pk]),
        "kind": KINDS.get(each.name.rsplit(".", 1)[-1].lower(), "other"),
        "size": size_text(each.blob.size),
        "at": moment_text(each.uploaded_at, now),
        "by": each.uploaded_by.name,
        "point": each.indicator.title if each.indicator else "",
        "digest": f"SHA-256 {each.blob_id[:12]}…",
    }


def size_text(size: int) -> str:
    """Return a file's size in words."""
    return f"{size / 1048576:.1f} MB" if size >= 1048576 else f"{max(1, -(-size // 1024))} KB"


def surroundings(item: WorkItem, seat: Seat, back: Return | None) -> dict[str, Any]:
    """Return what the page shows around the form."""
    node = step_of(item)
    editing = item.drafted_by if item.draft is not None and item.drafted_by_id != seat.user.pk else None
    due = due_in_words(item, seat)
    steps = (item.get_stage_display(), flow_title(node.flow_class), node.task_title)
    place = " · ".join(dict.fromkeys(map(str, steps)))
    return {
        "item": item,
        "heading": item.matter.title,
        "place": place,
        "lead": f"{place}，{due.due} 截止" if due.days_left is not None else place,
        "due": due,
        "derivation": derivation(item, seat.at),
        "article": article(item),
        "back": back,
        "back_at": moment_text(back.at, seat.at) if back else "",
        "editing": editing,
        "edited_at": f"{clock.local(item.drafted_at):%H:%M}" if editing and item.drafted_at else "",
        "closed_at": moment_text(item.closed_at, seat.at),
        "choice": node.choices.get(item.outcome),
        "changes": changes(item),
        "process_url": reverse("process", args=[item.process_id]),
        "may_extend": may_write(item, seat) and is_extendable(item, seat.at),
        "asked_for_time": asked_for_time(item),
    }
