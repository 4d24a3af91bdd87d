"""The targets of a group as they are published: every unit's issued indicators."""

from typing import Any

from cycle.models import Indicator, Publication
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.services.numbers import plain
from policies.packs.content import Component


def units_of(publication: Publication) -> list[dict[str, Any]]:
    """Return the units of the group in their order, each with its issued indicators."""
    components = rules_of(publication.cycle).content[publication.group].components
    subjects = publication.cycle.subjects.filter(group=publication.group)
    issued = Indicator.objects.filter(subject__in=subjects, state=Indicator.State.ISSUED)
    found: dict[Any, list[dict[str, str]]] = {}
    for each in issued.select_related("collector__organisation").order_by("position", "key"):
        found.setdefault(each.subject_id, []).append(_line(each, components.get(each.component)))
    return [{"unit": unit.title, "indicators": found.get(unit.pk, [])} for unit in subjects]


def _line(indicator: Indicator, component: Component | None) -> dict[str, str]:
    heading = component.headings.get(indicator.heading, "") if component else ""
    return {
        "heading": heading or (component.title if component else ""),
        "title": indicator.title + _since(indicator),
        "target": _target(indicator),
        "points": plain(indicator.points),
        "standard": indicator.standard,
        "collector": indicator.collector.organisation.title if indicator.collector else "",
    }


def _since(indicator: Indicator) -> str:
    """From when an adjusted or added indicator holds; nothing for those of the year's start."""
    day = indicator.effective_on
    if indicator.because_of_id is None or day is None:
        return ""
    return f"（{day.month} 月 {day.day} 日起{'调整' if indicator.version > 1 else '新增'}）"


def _target(indicator: Indicator) -> str:
    """The year's target, and those of rounds that have their own; nothing for what is judged."""
    unit = indicator.unit
    parts = [f"{indicator.target}{unit}"] if indicator.target else []
    for key, values in sorted(indicator.round_values.items()):
        if values.get("target"):
            parts.append(f"{period_title(key)}：{values['target']}{unit}")
    return "；".join(parts)
