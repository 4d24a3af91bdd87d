"""否决: vetoes raised by facts or by their own condition, and what they deduct and bar."""

from fractions import Fraction

from policies.packs.content import Veto
from policies.scoring.conditions import holds
from policies.scoring.records import UnitResult, VetoRaised
from policies.scoring.run import Run


def raise_vetoes(run: Run, unit: UnitResult) -> None:
    """Collect the unit's vetoes and what they deduct: once for every row, outside any cap."""
    vetoes = run.pack.content[unit.group].vetoes
    for row in sorted(run.index.vetoes.get(unit.unit.unit, []), key=lambda one: (one.item, one.evidence)):
        _raise(unit, row.item, vetoes[row.item], row.evidence)
    recorded = {one.item for one in unit.vetoes}
    for key, veto in vetoes.items():
        if veto.when is not None and key not in recorded and holds(run, unit, veto.when):
            _raise(unit, key, veto, "达到方案规定的否决条件")


def _raise(unit: UnitResult, key: str, veto: Veto, evidence: str) -> None:
    unit.vetoes.append(VetoRaised(key, veto.title, evidence, veto.cite))
    unit.veto_deduction += veto.effect.deduct or Fraction(0)


def barred_levels(run: Run, unit: UnitResult) -> list[str]:
    """The grades the unit is barred from: each named one and all better, in the order of the text."""
    scheme = run.pack.grades.get(unit.group)
    order = list(scheme.levels) if scheme else []
    bars = [bar for key in _raised(unit) if (bar := run.pack.content[unit.group].vetoes[key].effect.bar)]
    return order[: max(order.index(bar) for bar in bars) + 1] if bars else []


def fixed_grade(run: Run, unit: UnitResult) -> tuple[str, VetoRaised] | None:
    """The grade a veto sets, of several the worst, and which veto it is."""
    scheme = run.pack.grades.get(unit.group)
    order = list(scheme.levels) if scheme else []
    vetoes = run.pack.content[unit.group].vetoes
    fixed = [(grade, one) for one in unit.vetoes if (grade := vetoes[one.item].effect.set)]
    return max(fixed, key=lambda pair: order.index(pair[0])) if fixed else None


def levels_lowered(run: Run, unit: UnitResult) -> int:
    """By how many levels the vetoes lower the grade won, together."""
    return sum(run.pack.content[unit.group].vetoes[key].effect.lower for key in _raised(unit))


def _raised(unit: UnitResult) -> list[str]:
    """Each veto once, however many facts raised it."""
    return list(dict.fromkeys(one.item for one in unit.vetoes))
