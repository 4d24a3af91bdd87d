"""Exact numbers: decimals come in as text, fractions are computed with, decimal strings go out."""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Final, Literal

RoundingMode = Literal["half_up", "half_even", "floor", "ceil"]

PLACES: Final = 12
"""Most decimals ever shown; what is cut off is carried by a leaf 舍入."""

_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})\Z", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋％", "0123456789.-+%")


class NotANumber(ValueError):
    """The text is no plain decimal number; the message is a Chinese sentence for the author."""


def halfwidth(text: str) -> str:
    """Full-width digits, signs, point and per cent become half-width; ambiguous punctuation stays."""
    return text.translate(_FULL_WIDTH).strip()


def number_text(text: str) -> str:
    """The text of a plain decimal number in half-width digits; raises NotANumber for anything else."""
    plain_text = halfwidth(text)
    if _NUMBER.match(plain_text):
        return plain_text
    if re.search(r"[,，、。：；]", plain_text):
        raise NotANumber(f"“{text}”不是数字：不要用千分位逗号或中文标点，小数点用“.”，例如 1234.5。")
    if not plain_text:
        raise NotANumber("这里是空的，应当填一个数字，例如 60 或 0.5。")
    shown = text if len(text) <= 40 else text[:40] + "…"
    raise NotANumber(f"“{shown}”不是数字，应当写成 60 或 0.5 这样的数。")


@lru_cache(maxsize=65536)
def parse_number(text: str) -> Fraction:
    """Read a decimal such as `-0.5` or `９０` exactly; raises NotANumber with a Chinese sentence."""
    return Fraction(number_text(text))


@lru_cache(maxsize=65536)
def parse_decimal(text: str) -> Decimal:
    """Read a decimal without losing a digit, in its shortest form; raises NotANumber."""
    return shortest(Decimal(number_text(text)))


def shortest(value: Decimal) -> Decimal:
    """The same number without trailing zeros or exponent, so that 90 and 90.00 are one fact.

    Works on text because `Decimal.normalize` would round to the context's 28 digits. Raises NotANumber.
    """
    if not value.is_finite():
        raise NotANumber(f"“{value}”不是有限的数。")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Decimal("0" if text in {"-0", "", "-"} else text)


def round_to(value: Fraction, places: int, mode: RoundingMode = "half_up") -> Fraction:
    """Round exactly; `half_up` goes away from zero at a half, so that 89.995 becomes 90.00."""
    scale: int = 10**places
    scaled = value.numerator * scale
    whole, rest = divmod(scaled, value.denominator)
    if rest == 0:
        return Fraction(whole, scale)
    return Fraction(whole + _upwards(whole, rest, value, mode), scale)


def _upwards(whole: int, rest: int, value: Fraction, mode: RoundingMode) -> int:
    if mode == "floor":
        return 0
    if mode == "ceil":
        return 1
    twice = 2 * rest
    if twice != value.denominator:
        return int(twice > value.denominator)
    if mode == "half_even":
        return whole & 1
    return int(value >= 0)


def whole(value: Fraction, mode: RoundingMode) -> int:
    """Round to an integer."""
    return int(round_to(value, 0, mode))


def plain(value: Fraction | Decimal | int, places: int = PLACES) -> str:
    """A decimal string with at most `places` decimals and no trailing zeros."""
    text = fixed(Fraction(value), places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed(value: Fraction, places: int) -> str:
    """A decimal string with exactly `places` decimals, rounded half up."""
    rounded = round_to(value, places)
    digits = str(abs(rounded.numerator * 10**places // rounded.denominator)).rjust(places + 1, "0")
    sign = "-" if rounded < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def percent(value: Fraction) -> str:
    """A share as a percentage, e.g. 1/4 → `25%`."""
    return plain(value * 100) + "%"


def exact_sum(values: Iterable[Fraction]) -> Fraction:
    """Sum fractions: grouped by denominator, then in pairs on whole numbers, reduced once at the end.

    Several times quicker than adding them one by one, which reduces after every step.
    """
    tops: dict[int, int] = {}
    for value in values:
        top, bottom = value.as_integer_ratio()
        tops[bottom] = tops.get(bottom, 0) + top
    terms = [(top, bottom) for bottom, top in tops.items()]
    while len(terms) > 1:
        pairs = [_added(left, right) for left, right in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(pairs) * 2 :]
    return Fraction(*terms[0]) if terms else Fraction(0)


def _added(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    common = gcd(left[1], right[1])
    factor = right[1] // common
    return left[0] * factor + right[0] * (left[1] // common), left[1] * factor


def proportion(whole: Fraction, part: Fraction, of: Fraction) -> Fraction:
    """whole × part ÷ of, reduced once; ZeroDivisionError when `of` is 0."""
    return Fraction(
        whole.numerator * part.numerator * of.denominator, whole.denominator * part.denominator * of.numerator
    )


def at_least(value: Fraction, bound: Fraction) -> bool:
    """value ≥ bound, by cross-multiplication: the comparison every reading goes through."""
    return value.numerator * bound.denominator >= bound.numerator * value.denominator
