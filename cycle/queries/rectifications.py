"""Rectifications as an office sees them: its own, or all; narrowed, counted, and as the register (台账)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from audit import clock
from audit.exports import Table
from audit.models import Event
from cycle.models import Cycle, Rectification, Subject
from cycle.queries.packs import rules_of
from cycle.queries.recurrence import repeat_words
from cycle.queries.scopes import sees_all, subjects_seen

REGISTER = (
    "序号", "年度", "单位", "问题来源", "问题类别", "存在问题", "整改要求", "重点整改", "重复出现",
    "责任人的岗位", "整改措施", "计划完成日期", "进度节点", "整改结果", "状态", "超期", "核查人", "销号日期",
    "列入下年度指标",
)  # fmt: skip
"""The columns of the register."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows the list; empty means any."""

    unit: str = ""
    source: str = ""
    key: bool = False
    state: str = ""


def rectifications_seen(seat: object, cycle: Cycle) -> QuerySet[Rectification]:
    """The rectifications of a year that the office may see: a unit its own, overseers all."""
    rows = Rectification.objects.filter(cycle=cycle)
    if not sees_all(seat):
        rows = rows.filter(subject__in=subjects_seen(seat, cycle))
    return rows.select_related("cycle", "subject", "carried_to__cycle")


def narrowed(rows: QuerySet[Rectification], wanted: Wanted) -> QuerySet[Rectification]:
    """Keep what is wanted."""
    if wanted.unit:
        rows = rows.filter(subject__code=wanted.unit)
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.key:
        rows = rows.filter(is_key=True)
    return rows.filter(state=wanted.state) if wanted.state else rows


def with_progress(rows: QuerySet[Rectification]) -> QuerySet[Rectification]:
    """Count the steps of each plan (`steps`) and those that are done (`steps_done`)."""
    return rows.annotate(
        steps=Count("milestones"), steps_done=Count("milestones", filter=Q(milestones__done_on__isnull=False))
    )


def units_listed(rows: QuerySet[Rectification]) -> list[tuple[str, str]]:
    """Code and title of the units that have something on the list, in their order."""
    return list(
        Subject.objects.filter(pk__in=rows.order_by().values("subject"))
        .order_by("position")
        .values_list("code", "title")
    )


def finish_of(matter: Rectification) -> str:
    """The day by which the result is due: agreed in the plan, or put off since."""
    return str(matter.text.get("due", {}).get("result", {}).get("due_on") or matter.text.get("finish_on", ""))


def carried_words(matter: Rectification) -> str:
    """What has become of a key item in next year's indicators; empty for others."""
    if not matter.is_key:
        return ""
    if matter.carried_to:
        return f"已列入 {matter.carried_to.cycle.year} 年度：{matter.carried_to.title}"
    declined = matter.text.get("not_carried")
    return f"不列入：{declined['why']}" if declined else "尚未列入"


def register(rows: Iterable[Rectification], cycle: Cycle, overdue: set[object]) -> Table:
    """The register of a year's rectifications (整改台账), in the order of the rows."""
    found = list(rows)
    checkers = checkers_of(found)
    lines = [
        (
            str(number),
            str(cycle.year),
            matter.unit.title,
            matter.get_source_display(),
            matter.topic,
            matter.problem,
            matter.requirement,
            "是" if matter.is_key else "",
            repeat_words(matter.text.get("years", [])),
            matter.person,
            matter.plan,
            finish_of(matter),
            f"{matter.steps_done}/{matter.steps}" if matter.steps else "",  # type: ignore[attr-defined]
            matter.result,
            matter.state_title,
            "超期" if matter.pk in overdue else "",
            checkers.get(matter.stream, ""),
            clock.local_date(matter.closed_at).isoformat() if matter.closed_at else "",
            carried_words(matter),
        )
        for number, matter in enumerate(found, start=1)
    ]
    return Table(f"{cycle.year} 年度整改台账", REGISTER, lines, cycle.is_demo)


def checkers_of(matters: Sequence[Rectification]) -> dict[str, str]:
    """Who closed each of the closed ones, by stream, as the ledger keeps it."""
    streams = [each.stream for each in matters if each.state == "closed"]
    rows = Event.objects.filter(stream__in=streams, type="rectification.close")
    return {each.stream: f"{each.actor_name}（{each.office_title}）" for each in rows}


def audience_of(cycle: Cycle) -> str:
    """To whom the policy shows the progress of key items (杭州 31 条): inside, units or public."""
    return rules_of(cycle).step("feedback", "rectification", "result").audience or "inside"


def key_progress(cycle: Cycle) -> list[Rectification]:
    """The year's key items as the progress page shows them, unit by unit; revoked ones are gone."""
    rows = Rectification.objects.filter(cycle=cycle, is_key=True).exclude(state="revoked")
    rows = with_progress(rows.select_related("subject", "cycle"))
    return list(rows.order_by("subject__position", "created_at"))
