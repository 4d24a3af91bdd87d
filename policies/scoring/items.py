"""One exact number of an account, with how it came about; its children add up to it."""

from dataclasses import dataclass, field
from fractions import Fraction

from policies.exact import percent, plain


@dataclass(slots=True)
class Item:
    """A line of the account. `numbers` is an arithmetic expression for the value, or empty.

    `key` says what the line is about (`component:…`, `indicator:…`, `round:…`); `full` is what it can bring.
    """

    label: str
    value: Fraction
    formula: str = ""
    numbers: str = ""
    cite: str | None = None
    children: list["Item"] = field(default_factory=list)
    key: str = ""
    full: Fraction | None = None


def terminates(value: Fraction) -> bool:
    """Can the number be written out as a decimal of at most twelve places?"""
    return value.denominator == 1 or 10**12 % value.denominator == 0


def times(numbers: str, factor: Fraction) -> str:
    """An expression multiplied by a weight, e.g. `10 × 95 ÷ 100 × 50%`; 1 leaves it as it is."""
    if factor == 1 or not numbers:
        return numbers
    wrapped = f"({numbers})" if "+" in numbers or " - " in numbers else numbers
    if terminates(factor * 100):
        return f"{wrapped} × {percent(factor)}"
    top = f" × {factor.numerator}" if factor.numerator != 1 else ""
    return f"{wrapped}{top} ÷ {factor.denominator}"


def ratio_text(value: Fraction) -> str:
    """The number written exactly: as a decimal, else as a quotient."""
    return plain(value) if terminates(value) else f"({value.numerator} ÷ {value.denominator})"
