"""The indicators of one component in one round: missing readings filled, scores combined."""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

from policies.exact import exact_sum, plain
from policies.scoring.plans import Planned
from policies.scoring.records import RoundResult, UnitResult
from policies.scoring.run import Scope

_ZERO: Final = Fraction(0)
_ROOT_PLACES: Final = 40
"""A geometric mean is irrational; this many decimals are kept, far more than any rounding looks at."""


def indicators_round(scope: Scope, unit: UnitResult, round_id: str) -> RoundResult | None:
    """All indicators of the unit in the round; None when not one of them has a score to count."""
    planned = unit.plan.get(scope.key, {}).get(round_id, ())
    title = f"{unit.unit.title}“{scope.component.title}”{round_id} 轮"
    if not planned:
        scope.run.error("indicators.csv", 0, "", f"{title}没有指标，请在 indicators.csv 下达。")
        return RoundResult(_ZERO)
    _check_points(scope, planned, title)
    result = RoundResult(None)
    score = scope.run.score_indicator
    for one in planned:
        found = score(unit, one, round_id)
        result.indicators[one.id] = _filled(scope, unit, one, round_id, result) if found is None else found
    result.value = _combined(scope, planned, result.indicators)
    return result if result.value is not None else None


def _check_points(scope: Scope, planned: tuple[Planned, ...], title: str) -> None:
    """The indicators' points add up to the component's, unless `incomplete: scale` lets them fall short."""
    total = exact_sum(one.points for one in planned)
    component = scope.component
    if component.combine == "sum" and total != scope.points:
        if not (component.incomplete == "scale" and _ZERO < total < scope.points):
            message = (
                f"{title}各指标合计 {plain(total)} 分，应当正好是 {plain(scope.points)} 分，请核对分值。"
            )
            scope.run.error("indicators.csv", planned[0].line, "points", message)
    if component.items and not component.items[0] <= len(planned) <= component.items[1]:
        low, high = component.items
        message = f"{title}有 {len(planned)} 个指标，应当在 {low} 到 {high} 个之间。"
        scope.run.error("indicators.csv", planned[0].line, "indicator", message)


def _filled(
    scope: Scope, unit: UnitResult, one: Planned, round_id: str, result: RoundResult
) -> Fraction | None:
    """What stands for an indicator without a reading: its own rule first, then the component's."""
    policy = one.params.missing or scope.component.missing
    result.filled[one.id] = policy
    if policy == "reweight":
        return None
    if policy == "full":
        return one.points
    if policy == "peers_mean":
        shares = _peer_shares(scope, one, round_id)
        if shares:
            return one.points * exact_sum(shares) / len(shares)
    if policy != "zero":
        message = (
            f"{unit.unit.title}的指标“{one.title}”{round_id} 轮没有填报，"
            "请补报；确实没有数据的，在方案或 params 里写明 missing（缺数据时如何计）。"
        )
        scope.run.error("readings.csv", 0, "", message)
    return _ZERO


def _peer_shares(scope: Scope, one: Planned, round_id: str) -> list[Fraction]:
    """What share of its points each unit of the class with a reading got."""
    shares = []
    for peer in scope.members:
        own = next((it for it in peer.plan.get(scope.key, {}).get(round_id, ()) if it.id == one.id), None)
        score = scope.run.score_indicator(peer, own, round_id) if own and own.points else None
        if own and score is not None:
            shares.append(score / own.points)
    return shares


def _combined(
    scope: Scope, planned: tuple[Planned, ...], scores: dict[str, Fraction | None]
) -> Fraction | None:
    """The round's points; what was left out gives its weight to the other indicators."""
    counted = [(one, score) for one in planned if (score := scores[one.id]) is not None]
    if not counted:
        return None
    how = scope.component.combine
    if how == "mean":
        return scope.points * exact_sum(_share(one, score) for one, score in counted) / len(counted)
    if how == "geometric":
        return scope.points * _geometric(scope, counted)
    weight = exact_sum(one.points for one, _ in counted)
    total = exact_sum(score for _, score in counted)
    return total if weight == scope.points else total * scope.points / weight if weight else _ZERO


def _share(one: Planned, score: Fraction) -> Fraction:
    return score / one.points if one.points else _ZERO


def _geometric(scope: Scope, counted: list[tuple[Planned, Fraction]]) -> Fraction:
    """Π d^(w ÷ Σw), kept to so many decimals that no published rounding can see the rest."""
    weight = exact_sum(one.points for one, _ in counted)
    shares = [(_share(one, score), one) for one, score in counted]
    for share, one in shares:
        if share < 0:
            message = f"指标“{one.title}”得了负分，不能用几何平均合成，请改用其他合成方式或把最低分定为 0。"
            scope.run.error("indicators.csv", one.line, "method", message)
            return _ZERO
    if any(share == 0 for share, _ in shares) or not weight:
        return _ZERO
    with localcontext() as context:
        context.prec = _ROOT_PLACES + 20
        logarithms = (_decimal(one.points / weight) * _decimal(share).ln() for share, one in shares)
        mean = sum(logarithms, Decimal(0)).exp()
        return Fraction(round(mean, _ROOT_PLACES))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
