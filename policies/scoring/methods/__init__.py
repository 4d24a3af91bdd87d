"""The scoring methods: for each a function that scores a measure and one that says how."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from policies.exact import exact_sum, plain
from policies.packs.methods import Growth, Params
from policies.scoring.measures import Formula, Measure
from policies.scoring.methods import others, scales, targets

Scorer = Callable[[Any, Measure], Fraction]
Describer = Callable[[Any, Measure, Fraction], Formula]


def score_measure(method: str, params: Params, measure: Measure) -> Fraction:
    """Points for one measure, unrounded; raises Unscorable."""
    return _SCORERS[method](params, measure)


def describe_measure(method: str, params: Params, measure: Measure, score: Fraction) -> Formula:
    """The computation in words and numbers."""
    return _DESCRIBERS[method](params, measure, score)


def growth(p: Growth, m: Measure) -> Fraction:
    """Increment and growth rate scored side by side, each with its share of the points."""
    parts = others.growth_parts(p, m)
    return exact_sum(score_measure(part.method, part.params, measure) for _, part, measure in parts)


def describe_growth(p: Growth, m: Measure, score: Fraction) -> Formula:
    """Both halves, one after the other."""
    words, terms = [], []
    for label, part, measure in others.growth_parts(p, m):
        points = score_measure(part.method, part.params, measure)
        formula = describe_measure(part.method, part.params, measure, points)
        words.append(f"{label} {plain(measure.value)}（{plain(measure.points)} 分）：{formula.words}")
        terms.append(formula.numbers)
    return Formula("；".join(words), " + ".join(terms))


_SCORERS: Final[dict[str, Scorer]] = {
    "ratio": targets.ratio,
    "threshold": targets.threshold,
    "step": targets.step,
    "bands": scales.bands,
    "efficacy": scales.efficacy,
    "growth": growth,
    "rank": others.rank,
    "deduct": others.deduct,
    "levels": scales.levels,
    "given": scales.given,
}
_DESCRIBERS: Final[dict[str, Describer]] = {
    "ratio": targets.describe_ratio,
    "threshold": targets.describe_threshold,
    "step": targets.describe_step,
    "bands": scales.describe_bands,
    "efficacy": scales.describe_efficacy,
    "growth": describe_growth,
    "rank": others.describe_rank,
    "deduct": others.describe_deduct,
    "levels": scales.describe_levels,
    "given": scales.describe_given,
}
