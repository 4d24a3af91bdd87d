"""Numbers as people type them: exact, or a sentence that says what to write instead."""

from decimal import Decimal

import pytest

from audit.refusals import NotPossible
from cycle.services.numbers import decimal, percent, plain


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("98.5", "98.5"),
        (" 98.5 ", "98.5"),
        ("９８．５", "98.5"),
        ("1,234,567.89", "1234567.89"),
        ("１，２３４", "1234"),
        ("-3.2", "-3.2"),
        ("+7", "7"),
        ("0", "0"),
        ("0.000001", "0.000001"),
        ("99999999999999.999999", "99999999999999.999999"),
    ],
)
def test_a_number_is_read_exactly(typed: str, value: str) -> None:
    assert decimal(typed, what="完成数") == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1e3",
        "1E3",
        "NaN",
        "Infinity",
        "-inf",
        "0x10",
        "1.2345678",
        "1.",
        ".5",
        "1.2.3",
        "--1",
        "1 000",
        "九十八",
        "98分",
        "98%",
        "½",
        "1_000",
        "100000000000000",
        "9" * 400,
        "１２３abc",
        "1\n2",
    ],
)
def test_anything_else_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(NotPossible) as caught:
        decimal(typed, what="“投资”的完成数", field="x-value")
    assert str(caught.value) == (
        f"“投资”的完成数“{typed[:20]}”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"
    )
    assert caught.value.field == "x-value"


@pytest.mark.parametrize("typed", ["0", "100", "99.9999", "１００"])
def test_percentages_reach_from_0_to_100(typed: str) -> None:
    assert 0 <= percent(typed, what="评分") <= 100


@pytest.mark.parametrize(
    ("typed", "shown"), [("-0.01", "-0.01"), ("100.01", "100.01"), ("１０１", "101"), ("9999999", "9999999")]
)
def test_a_percentage_outside_is_refused(typed: str, shown: str) -> None:
    with pytest.raises(NotPossible) as caught:
        percent(typed, what="满意度", field="nanniu")
    assert str(caught.value) == f"满意度应当在 0 到 100 之间，现在填的是 {shown}。"
    assert caught.value.field == "nanniu"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("100.000000", "100"),
        ("0.500000", "0.5"),
        ("0", "0"),
        ("1E+3", "1000"),
        ("-0.10", "-0.1"),
        ("300", "300"),
    ],
)
def test_stored_numbers_are_shown_plainly(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text
    assert plain(None) == ""


def test_a_percentage_keeps_four_decimals_and_refuses_the_fifth() -> None:
    assert percent("98.7654", what="评分") == Decimal("98.7654")
    with pytest.raises(NotPossible, match="评分的小数不超过四位，请核对后重新填写。"):
        percent("98.76543", what="评分")
