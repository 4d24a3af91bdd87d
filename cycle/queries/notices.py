"""The notice of assessment (考核预告): what will be assessed, when, by whom, and how to object."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cycle.models import Cycle, Indicator, Publication
from cycle.queries.calendar import current_calendar
from cycle.queries.objecting import after_approval, how_to_object
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.policy_words import SCORED_BY, rule_text
from cycle.queries.rules import components_scored_by
from policies.clocks import deadline
from policies.exact import percent, plain
from policies.packs import Pack
from policies.packs.content import Component
from policies.packs.procedure import StepRule

Words = dict[str, str]
_STEPS = (
    ("self_assessment", "write", "各单位报送年度自评"),
    ("claim", "submit", "申报加分事项"),
    ("data_verification", "collect", "采集、核验指标数据"),
    ("ballot", "vote", "领导评估"),
    ("survey", "run", "公众评估"),
    ("publicity", "show", "公示考核结果"),
    ("approval", "approve", "审定考核结果"),
)
_ONLY_FOR = {"ballot": "ballots", "survey": "survey"}


def content_of(publication: Publication, at: dt.datetime) -> dict[str, Any]:
    """Return the notice to one group."""
    cycle, group = publication.cycle, publication.group
    pack = rules_of(cycle)
    return {
        "subjects": [unit.title for unit in cycle.subjects.filter(group=group)],
        "components": list(_components(pack, group)),
        "beside": list(_beside(pack, group)),
        "dates": list(_dates(cycle, group)),
        "collectors": _collectors(cycle, group),
        "voters": _voters(pack, group),
        "objecting": [*_show_words(pack), *after_approval(cycle)],
    }


def _components(pack: Pack, group: str) -> Iterator[Words]:
    for one in pack.content[group].components.values():
        yield {
            "title": one.title,
            "points": plain(one.points.of(pack.scale)),
            "how": SCORED_BY.get(one.scored_by or "", "由各部分组成"),
            "rounds": _rounds(one),
            "cite": one.cite or "",
        }


def _rounds(component: Component) -> str:
    """Which rounds count, with their weights where they are not all the same."""
    weights = component.rounds
    if len(set(weights.values())) > 1:
        return "、".join(f"{period_title(key)}占 {percent(weight)}" for key, weight in weights.items())
    if len(weights) > 6:
        return f"共 {len(weights)} 次（{period_title(next(iter(weights)))}起），权重相等"
    titles = "、".join(period_title(key) for key in weights)
    return f"{titles}，权重相等" if len(weights) > 1 else titles


def _beside(pack: Pack, group: str) -> Iterator[str]:
    """Bonus, deductions and vetoes, in one sentence each."""
    content = pack.content[group]
    for title, section in (("加分", content.bonus), ("减分", content.deduction)):
        if section and section.items:
            cap = f"，累计不超过 {section.cap.text} 分" if section.cap is not None else ""
            names = "、".join(item.title for item in section.items.values())
            yield f"{title}事项{cap}：{names}。"
    if content.vetoes:
        yield f"否决事项：{'、'.join(veto.title for veto in content.vetoes.values())}。"


def _dates(cycle: Cycle, group: str) -> Iterator[Words]:
    pack = rules_of(cycle)
    for flow, step, title in _STEPS:
        kind = _ONLY_FOR.get(flow)
        if kind and not components_scored_by(pack, group, kind):
            continue
        rule = pack.step("assessment", flow, step)
        if not rule.skip and rule.clock:
            when = f"公示期 {rule.clock.text}" if step == "show" else _when(rule, cycle.year)
            yield {"title": title, "when": when, "cite": rule.cite or ""}


def _when(rule: StepRule, year: int) -> str:
    """A fixed day as the calendar moves it; else the span in words."""
    if rule.clock is None or not rule.clock.month_day:
        return rule_text(rule.clock)
    day = deadline(rule.clock, start=dt.date(year, 1, 1), year=year, calendar=current_calendar()).due_on
    return f"{day.year} 年 {day.month} 月 {day.day} 日前"


def _collectors(cycle: Cycle, group: str) -> list[dict[str, Any]]:
    rows = Indicator.objects.filter(
        cycle=cycle, subject__group=group, state=Indicator.State.ISSUED, collector__isnull=False
    )
    counted = Counter(rows.values_list("collector__organisation__title", flat=True))
    return [
        {"title": title, "indicators": number}
        for title, number in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _voters(pack: Pack, group: str) -> list[str]:
    kinds = {
        kind
        for key in components_scored_by(pack, group, "ballots")
        if (one := pack.component(group, key))
        for kind in one.voters
    }
    return [title.title for key, title in pack.assessors.voters.items() if key in kinds]


def _show_words(pack: Pack) -> Iterator[str]:
    rule = pack.step("assessment", "publicity", "show")
    if not rule.skip and rule.clock:
        yield f"计分后公示考核结果，公示期为 {rule.clock.text}。{how_to_object('公示期内')}"
