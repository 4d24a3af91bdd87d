"""Components scored by people: satisfaction surveys and ballots."""

from fractions import Fraction

from policies.exact import exact_sum, plain
from policies.scoring.measures import exact
from policies.scoring.methods.scales import band_of
from policies.scoring.records import RoundResult, UnitResult
from policies.scoring.run import Scope


def survey_round(scope: Scope, unit: UnitResult, round_id: str) -> RoundResult | None:
    """The band of the satisfaction, else points × satisfaction ÷ 100; None without a valid survey."""
    row = scope.run.index.surveys.get((unit.unit.unit, scope.key, round_id))
    component = scope.component
    if row is None:
        return None
    if component.min_turnout is not None:
        if row.turnout is None:
            message = "方案规定了最低回收率，请填写 turnout。"
            scope.run.error("surveys.csv", row.line, "turnout", message)
        elif exact(row.turnout) < component.min_turnout:
            message = f"{unit.unit.title} {round_id} 轮调查回收率 {row.turnout}% 不足，结果无效。"
            scope.run.warn("turnout", unit, scope.key, message)
            return None
    satisfaction = exact(row.satisfaction)
    if not component.bands:
        return RoundResult(scope.points * satisfaction / 100)
    band = band_of(component.bands, satisfaction)
    if band is None:
        message = f"满意度 {plain(satisfaction)} 不在任何一档之内，请给方案补一档没有 min 的。"
        scope.run.error("surveys.csv", row.line, "satisfaction", message)
        return RoundResult(Fraction(0))
    return RoundResult(band.score.of(scope.points))


def ballots_round(scope: Scope, unit: UnitResult, round_id: str) -> RoundResult | None:
    """The mean of each kind of voter, kinds by weight; None when votes do not suffice."""
    means = kind_means(scope, unit, round_id)
    present = {kind: mean for kind, mean in means.items() if mean is not None}
    if not present or (len(present) < len(means) and scope.component.missing_kind == "error"):
        return None
    weights = {kind: scope.component.voters[kind] for kind in present}
    total = sum(weights.values(), Fraction(0))
    if not total:
        return None
    mean = exact_sum(present[kind] * weight for kind, weight in weights.items()) / total
    return RoundResult(scope.points * mean / 100)


def kind_means(scope: Scope, unit: UnitResult, round_id: str) -> dict[str, Fraction | None]:
    """The trimmed mean of each kind of voter; None where too few voted."""
    kinds = scope.run.index.ballots.get((unit.unit.unit, scope.key, round_id), {})
    return {
        kind: trimmed_mean(scores, scope.component.trim)
        if _suffices(scope, unit, round_id, kind, scores)
        else None
        for kind in scope.component.voters
        for scores in [kinds.get(kind, [])]
    }


def trimmed_mean(scores: list[Fraction], trim: int) -> Fraction:
    """The mean without the `trim` highest and lowest, if more than twice as many voted."""
    kept = sorted(scores)[trim : len(scores) - trim] if len(scores) > 2 * trim else scores
    return exact_sum(kept) / len(kept)


def _suffices(scope: Scope, unit: UnitResult, round_id: str, kind: str, scores: list[Fraction]) -> bool:
    """Enough votes, and enough of those invited?"""
    component = scope.component
    if len(scores) < max(1, component.min_votes):
        return False
    if component.min_turnout is None:
        return True
    invited = scope.run.index.invited.get((unit.unit.unit, scope.key, round_id, kind))
    if not invited:
        message = f"方案规定了最低投票率，请填写{unit.unit.title} {round_id} 轮“{kind}”应投人数。"
        scope.run.error("voters.csv", 0, "invited", message)
        return False
    return Fraction(len(scores) * 100, invited) >= component.min_turnout
