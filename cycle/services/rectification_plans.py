"""What a rectification plan must hold: who, by when, in which steps; and how long the policy gives."""

import datetime as dt
from dataclasses import dataclass

from audit.refusals import NotPossible
from cycle.models import Cycle
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import rules_of
from cycle.services.days import day, in_words
from policies.clocks import deadline

MILESTONES = 6
"""How many steps a plan may have."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan: what, by when."""

    title: str
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class Latest:
    """The last day that the policy leaves for a result, and the rule in words."""

    due_on: dt.date
    rule_text: str
    cite: str


def latest_result(cycle: Cycle, start: dt.date) -> Latest | None:
    """Return by when a result is due at the latest, counted from `start`; None where no clock runs."""
    rule = rules_of(cycle).step("feedback", "rectification", "result")
    if rule.clock is None:
        return None
    end = dt.date(cycle.year, 12, 31) if rule.clock.after else None
    due = deadline(rule.clock, start=start, year=cycle.year, calendar=current_calendar(), period_end=end)
    return Latest(max(due.due_on, start), due.rule_text, rule.cite or "")


def finishing_day(cycle: Cycle, text: str, today: dt.date) -> dt.date:
    """Return the finishing day; raises NotPossible when it is past or later than the policy allows."""
    finish = day(text, what="计划完成日期", field="finish_on")
    if finish < today:
        raise NotPossible(f"计划完成日期 {in_words(finish)}已经过去，请重新填写。", field="finish_on")
    latest = latest_result(cycle, today)
    if latest and finish > latest.due_on:
        raise NotPossible(
            f"考核办法规定整改时限为{latest.rule_text}，自 {in_words(today)}起算，最迟为"
            f" {in_words(latest.due_on)}；计划完成日期 {in_words(finish)}超过了时限，请提前。"
            "确实需要更长时间的，方案批准后在到期之前申请延期。",
            field="finish_on",
            cite=latest.cite,
        )
    return finish


def steps_of(lines: dict[str, dict[str, str]], today: dt.date, finish: dt.date) -> list[Step]:
    """Return the plan's steps in the order of their dates; raises NotPossible for a line that does not hold.

    `lines` maps a line's key to `title` and `due_on`; empty lines are passed over, one step is needed.
    """
    steps = [
        _step(key, line, today, finish)
        for key, line in sorted(lines.items())
        if any(text.strip() for text in line.values())
    ]
    if not steps:
        first = min(lines, default="m1")
        raise NotPossible("请至少填写一个进度节点：做到什么、什么时候做到。", field=f"{first}-title")
    return sorted(steps, key=lambda each: each.due_on)


def _step(key: str, line: dict[str, str], today: dt.date, finish: dt.date) -> Step:
    title = line.get("title", "").strip()
    if not title:
        raise NotPossible("请写明这个节点要做到什么，或者把这一行的日期删去。", field=f"{key}-title")
    due_on = day(line.get("due_on", ""), what=f"“{title[:20]}”的完成日期", field=f"{key}-due_on")
    if not today <= due_on <= finish:
        raise NotPossible(
            f"“{title[:20]}”的完成日期应当在今天和计划完成日期（{in_words(finish)}）之间，请改正。",
            field=f"{key}-due_on",
        )
    return Step(title[:200], due_on)
