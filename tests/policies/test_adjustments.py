"""Bonus and deduction: occurrences, multipliers, the same fact, caps; vetoes that deduct."""

from decimal import Decimal
from typing import Any

import pytest

from policies.facts import AdjustmentRow, CaseErrors, IndicatorRow, ReadingRow, VetoRow
from policies.scoring import Result, score
from tests.policies.building import GIVEN, facts, given, pack_of, units


def scored(section: str, *rows: AdjustmentRow, **more: Any) -> Result:
    """One unit with 80 points and the adjustments of a section."""
    content = GIVEN.replace("scored_by: given}}}", f"scored_by: given}}}}, {section}}}")
    return score(pack_of(content), facts(units=units("a"), components=given(a=80), adjustments=rows, **more))


def bonus(item: str, **cells: Any) -> AdjustmentRow:
    return AdjustmentRow("a", "bonus", item, **cells)


def deduction(item: str, **cells: Any) -> AdjustmentRow:
    return AdjustmentRow("a", "deduction", item, **cells)


def total(result: Result) -> str:
    return result.total_text(result.unit("a"))


PLAIN = "bonus: {cap: 5, items: {x: {title: 甲, points: 2, cap: 3}, y: {title: 乙, points: 4}}}"


def test_item_caps_come_before_the_total_cap() -> None:
    result = scored(PLAIN, bonus("x", count=2), bonus("y"))
    assert [cut[1] for cut in result.unit("a").bonus.cuts] == [1, 2]  # 4 → 3, then 3 + 4 → 5
    assert total(result) == "85"


def test_bonus_and_deduction_are_never_netted() -> None:
    section = PLAIN + ", deduction: {cap: 4, items: {z: {title: 丙, points: 3}}}"
    assert total(scored(section, bonus("x"), bonus("y"), deduction("z", count=2))) == "81"  # 80 + 5 - 4


SAME = "bonus: {items: {city: {title: 市, points: 2}, state: {title: 国家, points: 4}}"


def test_of_rows_about_the_same_fact_the_highest_counts_or_all() -> None:
    rows = (bonus("city", fact="f"), bonus("state", fact="f"), bonus("city", fact="g"))
    assert total(scored(SAME + "}", *rows)) == "86"
    assert total(scored(SAME + ", same_fact: sum}", *rows)) == "88"


def test_rows_that_name_no_fact_are_facts_of_their_own() -> None:
    assert total(scored(SAME + "}", bonus("city"), bonus("city"))) == "84"


LISTED = (
    "deduction: {items: {late: {title: 迟报, points: [0.5, 1], limit: 3, multipliers: {major: 2, huge: 3}}}}"
)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"count": 1}], "79.5"),
        ([{"count": 2}], "78.5"),
        ([{"count": 5}], "77.5"),  # 0.5 + 1 + 1, no more than three times
        ([{"count": 1}, {"count": 1}], "78.5"),
        ([{"count": 1, "multiplier": "major huge"}], "78.5"),
        ([{"count": 2}, {"count": 5, "multiplier": "major"}], "76.5"),  # 1.5, then one more at 1 × 2
    ],
)
def test_occurrences_limits_and_multipliers(rows: list[dict], expected: str) -> None:
    assert total(scored(LISTED, *(deduction("late", **cells) for cells in rows))) == expected


PARTS = """deduction: {cap: 20, parts: {inspection: {cap: 5}, hotline: {cap: 3}},
  items: {found: {title: 查访, points: 2, part: source}, told: {title: 投诉, points: 2, part: hotline}}}"""


def test_parts_have_caps_of_their_own() -> None:
    rows = (
        deduction("found", source="inspection", count=4),
        deduction("found", source="hotline"),
        deduction("told"),
    )
    assert total(scored(PARTS, *rows)) == "72"  # 8 → 5, 2 + 2 → 3


def test_an_unknown_part_or_multiplier_is_refused() -> None:
    with pytest.raises(CaseErrors, match="没有“street”这个分项"):
        scored(PARTS, deduction("found", source="street"))
    with pytest.raises(CaseErrors, match="没有“tiny”这个系数"):
        scored(LISTED, deduction("late", multiplier="tiny"))


def test_points_left_to_a_decision_come_with_the_row() -> None:
    section = "bonus: {items: {extra: {title: 其他, points: given, range: [0, 4]}}}"
    assert total(scored(section, bonus("extra", points=Decimal("1.5")))) == "81.5"


def test_an_indicator_in_the_deduction_takes_what_it_lost() -> None:
    section = "deduction: {cap: 3, items: {}, rounds: {midyear: 50%, yearend: 50%}}"
    rows = {
        "indicators": (IndicatorRow("a", "v", "deduction", "上访", "6", "deduct", params='{"each":"2"}'),),
        "readings": (
            ReadingRow("a", "v", "midyear", Decimal(1)),
            ReadingRow("a", "v", "yearend", Decimal(1)),
        ),
    }
    assert total(scored(section, **rows)) == "78"
    assert total(scored(section.replace("cap: 3", "cap: 1"), **rows)) == "79"


def test_an_indicator_in_the_bonus_adds_what_it_scored_and_a_watched_one_nothing() -> None:
    section = "bonus: {items: {}}"
    rows = {
        "indicators": (
            IndicatorRow("a", "v", "bonus", "创新", "3", "ratio", "10"),
            IndicatorRow("a", "w", "none", "关注", "", "ratio", "10"),
        ),
        "readings": (ReadingRow("a", "v", "", Decimal(5)), ReadingRow("a", "w", "m03", Decimal(5))),
    }
    assert total(scored(section, **rows)) == "81.5"


def test_a_veto_deducts_for_every_row_outside_the_cap() -> None:
    section = "deduction: {cap: 1, items: {z: {title: 丙, points: 3}}}, "
    section += "vetoes: {fire: {title: 火灾, effect: {deduct: 2.5}}}"
    result = scored(section, deduction("z"), vetoes=(VetoRow("a", "fire", "一"), VetoRow("a", "fire", "二")))
    assert (total(result), result.to_json()["units"][0]["veto_deduction"]) == ("74", "5")


def test_a_veto_may_be_raised_by_its_own_condition() -> None:
    section = "vetoes: {low: {title: 过低, effect: {deduct: 1}, when: {percent: {work: {below: 85}}}}}"
    assert total(scored(section)) == "79"


def test_limits_of_the_total_hold_only_where_written() -> None:
    generous = "bonus: {items: {y: {title: 乙, points: 40}}}"
    assert total(scored(generous, bonus("y"))) == "120"
    assert total(scored(generous + ", limits: {max: 100}", bonus("y"))) == "100"
