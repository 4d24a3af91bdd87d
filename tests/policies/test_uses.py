"""Conditions, the consequences they bring, and computed amounts."""

from decimal import Decimal
from typing import Any

import pytest

from policies.facts import (
    AdjustmentRow,
    ComponentRow,
    HistoryRow,
    IndicatorRow,
    ReadingRow,
    SurveyRow,
    UnitRow,
    VetoRow,
)
from policies.scoring import Result, score
from tests.policies.building import GRADED, facts, given, pack_of, units

CONTENT = """
content:
  town:
    components:
      work: {title: 工作, points: 60, scored_by: given}
      views: {title: 评议, points: 40, scored_by: survey, rounds: {q1: 50%, q2: 50%}, missing: zero}
    bonus: {items: {award: {title: 表彰, points: 1}}}
    deduction: {items: {late: {title: 迟报, points: 1}}}
    vetoes: {fire: {title: 火灾}}
"""


def fired(when: str, *, unit: str = "a", more: str = "", **rows: Any) -> bool:
    """Does a use with this condition befall the unit? Five units: a 90, b 80, c 70, d 70, e 50 of 100."""
    uses = f"uses: {{it: {{title: 后果, office: office, when: {when}}}}}\n"
    pack = pack_of(CONTENT, GRADED.replace("{count: 2}", "{count: 1}"), uses, more)
    return bool(scored(pack, **rows).unit(unit).uses)


def scored(pack: Any, **rows: Any) -> Result:
    """The five units; satisfaction of `a` is 80 and 90."""
    work = {"a": "56", "b": "48", "c": "42", "d": "42", "e": "30"}
    views = {"a": (80, 90), "b": (80, 80), "c": (70, 70), "d": (70, 70), "e": (50, 50)}
    surveys = tuple(
        SurveyRow(unit, "views", quarter, Decimal(value))
        for unit, values in views.items()
        for quarter, value in zip(("q1", "q2"), values, strict=True)
    )
    attributes = {unit: {"vertical": "yes" if unit in "ab" else ""} for unit in work}
    members = tuple(UnitRow(unit, unit.upper(), "town", "", attributes[unit]) for unit in work)
    return score(pack, facts(units=members, components=given(**work), surveys=surveys, **rows))


@pytest.mark.parametrize(
    ("when", "holding"),
    [
        ("{}", "abcde"),
        ("{grade: good}", "a"),
        ("{grade: [good, poor]}", "ae"),
        ("{grade_or_worse: fair}", "bcde"),
        ("{grade_or_better: fair}", "abcd"),
        ("{total: {below: 70}}", "e"),
        ("{total: {max: 70}}", "cde"),
        ("{total: {above: 80}}", "a"),
        ("{total: {min: 80}}", "ab"),
        ("{total: 70}", "cd"),
        ("{rank: {first: 1}}", "a"),
        ("{rank: {last: 2}}", "cde"),  # c and d share the second place from the end: both count in
        ("{rank: {last: 3}}", "cde"),
        ("{rank: {first: 3, within: [town, bureau]}}", "abcd"),
        ("{percent: {work: {below: 60}}}", "e"),
        ("{satisfaction: {min: 85}}", "a"),
        ("{satisfaction: {below: 60}}", "e"),
        ('{attribute: {vertical: "yes"}}', "ab"),
        ("{group: bureau}", ""),
        ("{apart: {by: 8, of: [work, views]}}", "a"),
        ("{any: [{grade: good}, {total: {below: 60}}]}", "ae"),
        ("{not: {grade: good}}", "bcde"),
        ('{total: {min: 60}, attribute: {vertical: "yes"}}', "ab"),
    ],
)
def test_each_condition_holds_for_exactly_these(when: str, holding: str) -> None:
    assert "".join(unit for unit in "abcde" if fired(when, unit=unit)) == holding


def test_conditions_on_facts_raised() -> None:
    assert fired("{veto: fire}", vetoes=(VetoRow("a", "fire", "x"),))
    assert fired("{bonus: award}", adjustments=(AdjustmentRow("a", "bonus", "award"),))
    assert fired("{deduction: late}", adjustments=(AdjustmentRow("a", "deduction", "late"),))
    assert not fired("{any: [{veto: fire}, {bonus: award}, {deduction: late}]}")


def test_an_indicator_is_looked_at_by_its_latest_reading() -> None:
    rows = {
        "indicators": (IndicatorRow("", "gdp", "none", "产值", "", "ratio", "1", group="town"),),
        "readings": (ReadingRow("a", "gdp", "m03", Decimal(5)), ReadingRow("a", "gdp", "m11", Decimal(9))),
    }
    assert fired("{indicator: {gdp: 9}}", **rows)
    assert not fired("{indicator: {gdp: 5}}", **rows)
    assert not fired("{indicator: {gdp: {min: 0}}}", unit="b", **rows)


def history(**grades: str) -> dict:
    return {"history": tuple(HistoryRow("e", int(key[1:]), grade=grade) for key, grade in grades.items())}


def test_years_running_include_this_one_and_a_gap_breaks_them() -> None:
    when = "{history: {grade: poor, running: 3}}"
    assert fired(when, unit="e", **history(y2025="poor", y2024="poor"))
    assert not fired(when, unit="e", **history(y2025="poor", y2024="fair"))
    uses = f"uses: {{it: {{title: 后果, when: {when}}}}}\n"
    graded = GRADED.replace("{count: 2}", "{count: 1}")
    result = scored(pack_of(CONTENT, graded, uses), **history(y2024="poor"))
    assert not result.unit("e").uses
    assert [(one.code, one.unit, one.subject) for one in result.warnings] == [("history", "e", "2025")]


def test_most_improved_counts_only_a_gain() -> None:
    rows = {
        "history": (
            HistoryRow("b", 2025, Decimal(75), 2),
            HistoryRow("e", 2025, Decimal(40), 5),
            HistoryRow("a", 2025, Decimal(95), 1),
        )
    }
    assert [unit for unit in "abcde" if fired("{improved: {by: total, first: 1}}", unit=unit, **rows)] == [
        "e"
    ]
    assert [unit for unit in "abcde" if fired("{improved: {by: total, first: 3}}", unit=unit, **rows)] == [
        "b",
        "e",
    ]
    assert not any(fired("{improved: {by: rank, first: 1}}", unit=unit, **rows) for unit in "abcde")


def test_a_use_that_replaces_another_takes_its_place() -> None:
    uses = "uses: {small: {title: 小, when: {}}, big: {title: 大, when: {grade: good}, replaces: [small]}}\n"
    result = scored(pack_of(CONTENT, GRADED.replace("{count: 2}", "{count: 1}"), uses))
    assert {unit: [use.id for use in result.unit(unit).uses] for unit in "ab"} == {
        "a": ["big"],
        "b": ["small"],
    }


def amount(text: str, **attributes: str) -> Any:
    """The amount of a use for unit a (95) whose class mean is 90."""
    content = "content: {town: {components: {work: {title: 工作, points: 100, scored_by: given}}}}\n"
    uses = f"uses: {{pay: {{title: 奖金, when: {{}}, office: office, amount: {{{text}}}}}}}\n"
    rows = units("a", "b", **attributes)
    scores = tuple(ComponentRow(unit, "work", "", Decimal(value)) for unit, value in (("a", 95), ("b", 85)))
    result = score(pack_of(content, uses), facts(units=rows, components=scores))
    return result.unit("a").uses[0].to_json().get("amount"), [one.code for one in result.warnings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("times: 1, of: payroll", "1000.01"),
        ("times: 0.5, of: payroll", "500.00"),
        ("times: 20%, of: staff, unit: 个, places: 0, mode: floor", "7"),
        ("times: 20000, places: 0", "20000"),
        ("times: 1, of: payroll, float: {per_point: 1%}", "1050.01"),  # five points above the mean of 90
        ("times: 1, of: payroll, float: {per_point: 3%, within: 10%}", "1100.01"),
    ],
)
def test_amounts(text: str, value: str) -> None:
    found, warnings = amount(text, payroll="1000.005", staff="38")
    assert (found["value"], warnings) == (value, [])


def test_an_amount_without_its_number_is_left_out_and_warned_of() -> None:
    assert amount("times: 1, of: payroll", payroll="") == (None, ["amount", "amount"])


def test_an_unranked_unit_bears_no_consequence_even_where_nothing_is_graded() -> None:
    content = "content: {town: {components: {work: {title: 工作, points: 100, scored_by: given}}}}\n"
    pack = pack_of(content, "uses: {tell: {title: 通报, when: {}}}\n")
    rows = (UnitRow("a", "甲", "town"), UnitRow("b", "乙", "town", "unranked"))
    result = score(pack, facts(units=rows, components=given(a=80, b=80)))
    assert {unit.unit.unit: len(unit.uses) for unit in result.units} == {"a": 1, "b": 0}
