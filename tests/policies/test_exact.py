"""Exact numbers: rounding at the half, reading of digits, sums."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.exact import NotANumber, exact_sum, fixed, parse_decimal, parse_number, plain, round_to

fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=5000)


@pytest.mark.parametrize(
    ("value", "mode", "rounded"),
    [
        ("89.995", "half_up", "90.00"),
        ("-89.995", "half_up", "-90.00"),
        ("89.985", "half_even", "89.98"),
        ("89.995", "half_even", "90.00"),
        ("89.999", "floor", "89.99"),
        ("-89.991", "floor", "-90.00"),
        ("89.991", "ceil", "90.00"),
        ("-89.999", "ceil", "-89.99"),
        ("89.99", "half_up", "89.99"),
    ],
)
def test_rounding_modes(value: str, mode: str, rounded: str) -> None:
    assert fixed(round_to(Fraction(value), 2, mode), 2) == rounded  # type: ignore[arg-type]


def test_full_width_digits_are_read_and_ambiguous_punctuation_is_refused() -> None:
    assert parse_number("－９０．５") == Fraction("-90.5")
    with pytest.raises(NotANumber, match="千分位逗号"):
        parse_number("1,234")
    with pytest.raises(NotANumber, match="不是数字"):
        parse_number("1e5")
    with pytest.raises(NotANumber, match="这里是空的"):
        parse_number("")
    with pytest.raises(NotANumber):
        parse_number("nan")


def test_the_same_number_has_one_form() -> None:
    assert str(parse_decimal("90.00")) == "90"
    assert str(parse_decimal("-0.0")) == "0"
    assert str(parse_decimal("0.10")) == "0.1"


def test_plain_cuts_at_twelve_decimals() -> None:
    assert plain(Fraction(1, 3)) == "0.333333333333"
    assert plain(Fraction(-2, 3)) == "-0.666666666667"
    assert plain(Decimal("9.250")) == "9.25"


@given(st.lists(fractions, max_size=40))
def test_the_quick_sum_is_the_sum(values: list[Fraction]) -> None:
    assert exact_sum(values) == sum(values, Fraction(0))


@given(fractions, st.integers(0, 6))
def test_rounding_moves_by_at_most_half_a_unit(value: Fraction, places: int) -> None:
    assert abs(round_to(value, places) - value) * 2 <= Fraction(1, 10**places)
