"""The account of one component: by heading, indicator and round; surveys and ballots by round."""

from collections.abc import Callable
from fractions import Fraction

from policies.exact import exact_sum, plain
from policies.packs import Pack
from policies.scoring.items import Item, ratio_text, times
from policies.scoring.measures import exact
from policies.scoring.methods import describe_measure
from policies.scoring.methods.scales import band_of, band_text
from policies.scoring.panels import kind_means
from policies.scoring.plans import Planned
from policies.scoring.portfolios import other_results
from policies.scoring.records import ComponentResult, RoundResult, UnitResult
from policies.scoring.run import Run, Scope

_ORIGINS = {
    "given": "按 components.csv 给定的得分",
    "zero": "没有数据，按规定计 0 分",
    "full": "没有数据，按规定计满分",
    "peers_mean": "没有数据，按本组其他单位的平均得分率计",
    "reweight": "没有数据，分值由其他部分承担",
}


def component_account(run: Run, unit: UnitResult, key: str, result: ComponentResult) -> Item:
    """A component's points and what they are made of."""
    component = result.component
    item = Item(
        component.title,
        result.value or Fraction(0),
        f"{component.title} {plain(result.points)} 分",
        "",
        component.cite,
        key=f"component:{key}",
        full=result.points,
    )
    if result.origin == "given":
        item.formula = _ORIGINS["given"]
    elif result.parts:
        item.children = [
            component_account(run, unit, name, part)
            for name, part in result.parts.items()
            if part.value is not None
        ]
        _append_rest(item, "未评部分折算", "其余部分得分按分值折算增加的分")
    else:
        scope = Scope(run, run.classes[unit.group, unit.class_name], key, component, result.points)
        item.children = _by_round(scope, unit, result)
    return item


def _append_rest(item: Item, label: str, formula: str) -> None:
    rest = item.value - exact_sum(child.value for child in item.children)
    if rest:
        item.children.append(Item(label, rest, formula))


def _by_round(scope: Scope, unit: UnitResult, result: ComponentResult) -> list[Item]:
    """Indicators first (each with its rounds), then rounds that are one number."""
    items: dict[str, Item] = {}
    others: list[Item] = []
    for round_id, weight in result.weights.items():
        found = result.rounds[round_id]
        if found.indicators and scope.component.combine != "geometric":
            others += _indicator_round(scope, unit, round_id, found, weight, items)
        else:
            others.append(_whole_round(scope, unit, round_id, found, weight))
    return [*_by_heading(scope, items, unit), *others]


def _round_title(scope: Scope, round_id: str) -> str:
    return round_title(scope.run.pack, round_id)


def round_title(pack: Pack, round_id: str) -> str:
    """A round as the pack names it, else its standard name."""
    named = pack.periods.rounds.get(round_id)
    return (named.title if named and named.title else None) or round_name(round_id)


def round_name(round_id: str) -> str:
    """A standard round in Chinese, e.g. q1 → 第1季度, m03 → 3月."""
    kind, number = round_id[:1], round_id[1:]
    if number.isdigit():
        return {
            "m": f"{int(number)}月",
            "q": f"第{number}季度",
            "h": "上半年" if number == "1" else "下半年",
        }.get(kind, round_id)
    return {"midyear": "年中", "yearend": "年终"}.get(round_id, round_id)


def _indicator_round(
    scope: Scope,
    unit: UnitResult,
    round_id: str,
    found: RoundResult,
    weight: Fraction,
    items: dict[str, Item],
) -> list[Item]:
    """Add the round's leaf to each indicator; what scaling adds is a leaf of its own."""
    planned = unit.plan.get(scope.key, {}).get(round_id, ())
    counted = sum(found.indicators[one.id] is not None for one in planned)
    total = Fraction(0)
    for one in planned:
        score = found.indicators[one.id]
        item = items.setdefault(one.id, _indicator(one))
        if score is None:
            item.children.append(_left_out(scope, round_id))
            continue
        leaf = _leaf(scope, unit, one, round_id, found, score, weight, counted)
        item.children.append(leaf)
        item.value += leaf.value
        item.full = (item.full or Fraction(0)) + (leaf.full or Fraction(0))
        total += leaf.value
    rest = (found.value or Fraction(0)) * weight - total
    if not rest:
        return []
    return [
        Item(
            f"{_round_title(scope, round_id)}折算",
            rest,
            "缺项或分值不足，其余指标得分按分值折算增加的分",
        )
    ]


def _indicator(one: Planned) -> Item:
    return Item(one.title, Fraction(0), "各轮得分之和", "", one.cite, key=f"indicator:{one.id}")


def _left_out(scope: Scope, round_id: str) -> Item:
    return Item(_round_title(scope, round_id), Fraction(0), _ORIGINS["reweight"], key=f"round:{round_id}")


def _leaf(
    scope: Scope,
    unit: UnitResult,
    one: Planned,
    round_id: str,
    found: RoundResult,
    score: Fraction,
    weight: Fraction,
    counted: int,
) -> Item:
    """One indicator in one round, times the round's weight (and its share, where shares are averaged)."""
    words, numbers = _described(scope, unit, one, round_id, found, score)
    factor = weight
    if scope.component.combine == "mean":
        factor = weight * scope.points / one.points / counted if one.points else Fraction(0)
        words += "，按得分率平均"
    if weight != 1:
        words += " × 轮次权重"
    return Item(
        _round_title(scope, round_id),
        score * factor,
        words,
        times(numbers, factor),
        one.cite,
        key=f"round:{round_id}",
        full=one.points * factor,
    )


def _described(
    scope: Scope, unit: UnitResult, one: Planned, round_id: str, found: RoundResult, score: Fraction
) -> tuple[str, str]:
    filled = found.filled.get(one.id)
    if filled:
        return _ORIGINS[filled], ratio_text(score)
    run = scope.run
    reading = run.index.reading(unit.unit.unit, one.params.of or one.id, round_id)
    if reading is None:
        raise LookupError(f"{unit.unit.unit}/{one.id}/{round_id}")
    measure = run.measure(unit, one, round_id, reading)
    words, numbers = describe_measure(one.method, one.params, measure, score)
    rule = run.pack.rounding.get("indicator")
    return (f"{words}（保留 {rule.places} 位小数）", ratio_text(score)) if rule else (words, numbers)


def _by_heading(scope: Scope, items: dict[str, Item], unit: UnitResult) -> list[Item]:
    """Indicators under their 一级指标, in the order of the text; without headings as they are."""
    headings = scope.component.headings
    of = {
        one.id: one.heading
        for ones in unit.plan.get(scope.key, {}).values()
        for one in ones
        if one.heading in headings
    }
    grouped: list[Item] = []
    for heading, title in headings.items():
        inside = [item for key, item in items.items() if of.get(key) == heading]
        if inside:
            grouped.append(
                Item(title, exact_sum(one.value for one in inside), "各指标之和", "", None, inside)
            )
    return [*grouped, *(item for key, item in items.items() if key not in of)]


def _whole_round(scope: Scope, unit: UnitResult, round_id: str, found: RoundResult, weight: Fraction) -> Item:
    """A round that is one number: given, filled, a survey, ballots, other results."""
    if found.origin != "computed":
        words, numbers = _ORIGINS[found.origin], ratio_text(found.value or Fraction(0))
    else:
        words, numbers = _DESCRIBERS[str(scope.component.scored_by)](scope, unit, round_id, found)
    if weight != 1:
        words += " × 轮次权重"
    value = (found.value or Fraction(0)) * weight
    return Item(
        _round_title(scope, round_id),
        value,
        words,
        times(numbers, weight),
        scope.component.cite,
        key=f"round:{round_id}",
        full=scope.points * weight,
    )


Described = tuple[str, str]


def _geometric(scope: Scope, unit: UnitResult, round_id: str, found: RoundResult) -> Described:
    return "各指标得分率按分值加权的几何平均 × 分值", ""


def _survey(scope: Scope, unit: UnitResult, round_id: str, found: RoundResult) -> Described:
    row = scope.run.index.surveys[unit.unit.unit, scope.key, round_id]
    satisfaction = exact(row.satisfaction)
    band = band_of(scope.component.bands, satisfaction)
    if band:
        return f"满意度 {plain(satisfaction)}，{band_text(band)}", ratio_text(found.value or Fraction(0))
    return "分值 × 满意度 ÷ 100", f"{ratio_text(scope.points)} × {plain(satisfaction)} ÷ 100"


def _ballots(scope: Scope, unit: UnitResult, round_id: str, found: RoundResult) -> Described:
    """Means only: single ballots are nobody's business."""
    means = {kind: mean for kind, mean in kind_means(scope, unit, round_id).items() if mean is not None}
    voters = scope.component.voters
    total = sum((voters[kind] for kind in means), Fraction(0))
    terms = [times(ratio_text(mean), voters[kind] / total) for kind, mean in means.items()]
    cast = scope.run.index.ballots[unit.unit.unit, scope.key, round_id]
    votes = "、".join(f"{_voter_title(scope, kind)} {len(cast[kind])} 票" for kind in means)
    inner = terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"
    return f"{votes}，分值 × 平均分 ÷ 100", f"{ratio_text(scope.points)} × {inner} ÷ 100"


def _voter_title(scope: Scope, kind: str) -> str:
    known = scope.run.pack.assessors.voters.get(kind)
    return known.title if known else kind


def _special(scope: Scope, unit: UnitResult, round_id: str, found: RoundResult) -> Described:
    grades = "、".join(f"“{one.subject}”为 {one.grade}" for one in other_results(scope, unit))
    return f"专项考核结果：{grades}", ratio_text(found.value or Fraction(0))


def _portfolio(scope: Scope, unit: UnitResult, round_id: str, found: RoundResult) -> Described:
    results = [one for one in other_results(scope, unit) if one.total is not None]
    terms = " + ".join(times(plain(one.total or 0), one.weight) for one in results)
    weight = ratio_text(exact_sum(one.weight for one in results))
    scale = plain(scope.run.pack.scale)
    return (
        "分值 × 所联系对象得分的加权平均 ÷ 满分",
        f"{ratio_text(scope.points)} × ({terms}) ÷ {weight} ÷ {scale}",
    )


_DESCRIBERS: dict[str, Callable[[Scope, UnitResult, str, RoundResult], Described]] = {
    "indicators": _geometric,
    "survey": _survey,
    "ballots": _ballots,
    "special": _special,
    "portfolio": _portfolio,
}
