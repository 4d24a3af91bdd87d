"""What an adjustment has to satisfy, when it is asked for and again when it is approved."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from audit import clock
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import AdjustmentLine, Cycle, Indicator, IndicatorAdjustment, Subject
from cycle.queries.adjustments import closed_since, current, open_requests, season_of
from cycle.queries.packs import rules_of
from cycle.queries.points import is_frozen
from cycle.queries.versions import round_end
from cycle.services.adjusted_values import version_of
from cycle.services.definitions import need_complete, need_points
from offices.models import Office

Ground = IndicatorAdjustment.Ground
GROUNDS: dict[str, tuple[Ground, ...]] = {
    "unit": (Ground.POLICY, Ground.ORGANISATION, Ground.FORCE),
    "performance_office": (Ground.KEY_WORK,),
}
"""The lawful grounds by who may rest a request on them (杭州 15 条, 济南 12 条)."""
Lines = Sequence[AdjustmentLine]


def need_ground(unit: Subject, ground: str, by: Actor) -> None:
    """Raise NotAllowed unless the office may ask for this unit on this ground."""
    office = Office.objects.get(pk=by.office)
    if office.capacity not in GROUNDS:
        raise NotAllowed("指标调整由被考核单位申请；新的重点工作任务需要纳入的，由绩效办提出。")
    if office.capacity == "unit" and unit.office_id != office.pk:
        raise NotAllowed("只能申请调整本单位的指标。")
    if ground not in GROUNDS[office.capacity]:
        listed = "、".join(str(each.label) for each in GROUNDS[office.capacity])
        who = "单位" if office.capacity == "unit" else "绩效办"
        raise NotPossible(
            f"{who}只能以下列理由提出指标调整：{listed}。其他情形不能调整指标。", field="ground"
        )


def need_season(cycle: Cycle, at: dt.datetime) -> None:
    """Raise NotPossible outside monitoring, or outside the season that the policy sets."""
    if cycle.state != Cycle.State.MONITORING:
        raise NotPossible(
            f"{cycle.title}目前处于“{cycle.get_state_display()}”阶段，指标只能在日常监测阶段申请调整。"
        )
    season = season_of(cycle)
    if not season.is_open(clock.local_date(at)):
        upcoming = any(first > clock.local_date(at) for first, _ in season.spans)
        then = "" if season.barred else "请到时再申请。" if upcoming else "今年的申请时间已经结束，不再受理。"
        raise NotPossible(f"现在不能申请调整指标。{season.words}{then}", cite=season.cite)


def need_day(unit: Subject, day: dt.date) -> None:
    """Raise NotPossible for a day outside the year or inside a period that is closed for the unit."""
    cycle = unit.cycle
    first, last = dt.date(cycle.year, 1, 1), round_end(rules_of(cycle), "", cycle.year)
    if not first <= day <= last:
        raise NotPossible(f"生效日期应当在 {_day(first)}至 {_day(last)}之间，请改正。", field="effective_on")
    closed = closed_since(unit, day)
    if closed is None:
        return
    words, end = closed
    if end >= last:
        raise NotPossible(f"{words}，本年度的指标不能再调整。", field="effective_on")
    raise NotPossible(
        f"{words}，不能追溯调整。请把生效日期改为 {_day(end + dt.timedelta(days=1))}或者以后的日期。",
        field="effective_on",
    )


def need_lines(adjustment: IndicatorAdjustment, lines: Lines, day: dt.date, *, then: str) -> None:
    """Raise NotPossible unless the lines, taken together, leave the unit with a lawful set of indicators.

    `then` is what they keep from being done. The indicators are those in force now, not when it was drafted.
    """
    unit = adjustment.unit
    if not lines:
        raise NotPossible("申请里还没有要调整的指标，请先选择指标。")
    others = open_requests(unit, but=adjustment.pk)
    for line in lines:
        if line.indicator is not None:
            _need_free(unit, line.indicator, day, others)
            _need_change(line, line.indicator)
    result = resulting(unit, lines)
    need_complete(unit, result, then=then)
    need_points(unit.cycle, unit, result, then=then)


def _need_free(
    unit: Subject, indicator: Indicator, day: dt.date, others: Mapping[UUID, IndicatorAdjustment]
) -> None:
    """Refuse what was adjusted meanwhile, is being adjusted, or is frozen by an appeal."""
    if indicator.state != Indicator.State.ISSUED:
        raise NotPossible(
            f"“{indicator.title}”在此期间已经另行调整，这项申请依据的不是现行版本，请撤回后重新申请。"
        )
    other = others.get(indicator.pk)
    if other is not None:
        raise NotPossible(
            f"“{indicator.title}”已在另一项申请“{other.title}”（{other.state_title}）中，办结以后才能再申请。"
        )
    if is_frozen(unit.cycle, indicator_key=indicator.key, subject_id=unit.pk):
        raise NotPossible(f"“{indicator.title}”正在申诉复核或者重新核验，办结以前不能调整。")
    if indicator.effective_on and day <= indicator.effective_on:
        raise NotPossible(
            f"“{indicator.title}”的现行版本自 {_day(indicator.effective_on)}起生效，"
            "调整的生效日期应当在这一天以后。",
            field="effective_on",
        )


def _need_change(line: AdjustmentLine, indicator: Indicator) -> None:
    if line.action == AdjustmentLine.Action.CHANGE and not line.values:
        raise NotPossible(
            f"“{indicator.title}”没有任何改动，请填写新的内容，或者在“增减调整的指标”中去掉这一项。"
        )
    rule = rules_of(indicator.cycle).component(indicator.subject.group, indicator.component)
    if line.action == AdjustmentLine.Action.DROP and rule and indicator.key in rule.indicators:
        raise NotPossible(f"“{indicator.title}”是考核办法直接规定的指标，不能撤销。", cite=rule.cite or "")


def resulting(unit: Subject, lines: Lines) -> list[Indicator]:
    """Return the unit's indicators as they would be: what stays, and the versions that the lines make."""
    touched = {line.indicator_id for line in lines}
    kept = [each for each in current(unit) if each.pk not in touched]
    made = [version_of(line, unit) for line in lines if line.action != AdjustmentLine.Action.DROP]
    return [*kept, *made]


def concerns_key(lines: Lines) -> bool:
    """Whether one of the lines is about a key target, which the government decides on (杭州 15 条)."""
    return any(
        (line.indicator is not None and line.indicator.is_key) or line.values.get("is_key") for line in lines
    )


def _day(day: dt.date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
