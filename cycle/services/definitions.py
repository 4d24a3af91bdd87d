"""What an indicator has to have before it may bind a unit: one rule for issuing, importing and adjusting."""

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from audit.refusals import NotPossible
from cycle.models import Cycle, Indicator, Subject
from cycle.queries.packs import rules_of
from cycle.queries.rules import indicator_points
from cycle.services.numbers import plain
from policies.packs.defects import defects
from policies.packs.methods import parse_params


def parsed_params(method: str, text: str, *, field: str = "") -> dict[str, Any]:
    """Return a method's parameters written as JSON; raises NotPossible with the first defect."""
    try:
        params = json.loads(text or "{}", parse_float=str, parse_int=str)
        parse_params(method, params)
    except (ValueError, RecursionError) as error:  # the latter: brackets within brackets without end
        detail = defects(error)[0].message if isinstance(error, ValidationError) else "应当是一个 JSON 对象。"
        raise NotPossible(detail, field=field) from error
    found: dict[str, Any] = params
    return found


def need_complete(unit: Subject, indicators: Iterable[Indicator], *, then: str) -> None:
    """Raise NotPossible where an indicator lacks its standard, rule or collector (正定 四).

    The same for a unit that would collect its own data (八（三）). `then` is what it keeps from being done.
    """
    for indicator in indicators:
        if indicator.lacks:
            raise NotPossible(f"“{indicator.title}”缺少{'、'.join(indicator.lacks)}，补齐后才能{then}。")
        if indicator.collector and indicator.collector.organisation_id == unit.organisation_id:
            raise NotPossible(
                f"“{indicator.title}”的数据采集责任单位就是{unit}本身，请改由其他单位采集后再{then}。"
            )


def need_points(cycle: Cycle, unit: Subject, indicators: Iterable[Indicator], *, then: str) -> None:
    """Raise NotPossible unless the points of each component add up to the policy's (正定 五（一）1)."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for indicator in indicators:
        sums[indicator.component] += indicator.points
    for component, points in indicator_points(rules_of(cycle), unit.group).items():
        if sums[component] != points:
            raise NotPossible(
                f"{unit}各项指标的分值合计是 {plain(sums[component])} 分，"
                f"应当是 {plain(points)} 分，请调整后再{then}。"
            )
