"""结果运用: which consequences befall a unit, and the amounts they bring."""

from fractions import Fraction
from functools import partial

from policies.exact import NotANumber, exact_sum, parse_number, percent, plain, round_to
from policies.packs.outcome import Amount, Float, Use
from policies.scoring.conditions import holds
from policies.scoring.index import is_ranked
from policies.scoring.records import UnitResult, UseFired
from policies.scoring.run import Run


def fire_uses(run: Run, unit: UnitResult) -> None:
    """All consequences whose condition holds, less those replaced by another that fires."""
    is_open = unit.group in run.pack.grades and unit.grade is None
    if is_open or not is_ranked(unit.unit):
        return
    firing = {key: use for key, use in run.pack.uses_of(unit.group).items() if holds(run, unit, use.when)}
    replaced = {key for use in firing.values() for key in use.replaces}
    unit.uses = [_fired(run, unit, key, use) for key, use in firing.items() if key not in replaced]


def _fired(run: Run, unit: UnitResult, key: str, use: Use) -> UseFired:
    if use.amount is None:
        return UseFired(key, use.title, use.office)
    worked_out = _amount(run, unit, use.amount)
    if worked_out is None:
        message = f"{unit.unit.title}“{use.title}”算不出数额，请在 units.csv 的 {use.amount.of} 列填写数字。"
        run.warn("amount", unit, key, message)
        return UseFired(key, use.title, use.office)
    value, text = worked_out
    rounded = round_to(value, use.amount.places, use.amount.mode)
    return UseFired(key, use.title, use.office, rounded, use.amount.places, use.amount.unit, text)


def _amount(run: Run, unit: UnitResult, amount: Amount) -> tuple[Fraction, str] | None:
    """The exact amount and its computation; None when the unit's column holds no number."""
    base, text = Fraction(1), ""
    if amount.of is not None:
        try:
            base = parse_number(unit.unit.attributes.get(amount.of, ""))
        except NotANumber:
            return None
        text = f"{plain(base)} × "
    value, text = amount.times.of(Fraction(1)) * base, text + amount.times.text
    if amount.float is not None:
        factor, explanation = _floated(run, unit, amount.float)
        value, text = value * factor, f"{text} × {explanation}"
    return value, text


def _class_mean(run: Run, unit: UnitResult) -> Fraction:
    members = [one for one in run.classes[unit.group, unit.class_name] if is_ranked(one.unit)]
    return exact_sum(one.total for one in members) / len(members)


def _floated(run: Run, unit: UnitResult, rule: Float) -> tuple[Fraction, str]:
    """1 + so much for every point above the class's mean (below it: less), within the bound."""
    mean = run.once(("mean", unit.group, unit.class_name), partial(_class_mean, run, unit))
    change = (unit.total - mean) * rule.per_point
    if rule.within is not None:
        change = min(max(change, -rule.within), rule.within)
    return 1 + change, f"(1 + {percent(change)})"
