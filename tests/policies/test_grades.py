"""Ranks, quotas, bars, ties, vetoes that fix or lower a grade."""

from decimal import Decimal

import pytest

from policies.facts import CaseErrors, DecisionRow, UnitRow, VetoRow
from policies.packs import Pack
from policies.scoring import Result, score
from tests.policies.building import GIVEN, GRADED, HEAD, facts, given, graded, grades_of, pack_of

VETOES = """
content:
  town:
    components: {work: {title: 工作, points: 100, scored_by: given}}
    vetoes:
      bar: {title: 取消资格, effect: {bar: good}}
      fix: {title: 定级, effect: {set: fair}}
      worst: {title: 定为末等, effect: {set: poor}}
      lower: {title: 降一级, effect: {lower: 1}}
"""


def pack(grades: str = GRADED, content: str = GIVEN) -> Pack:
    return pack_of(content, grades)


def vetoed(*rows: tuple[str, str], grades: str = GRADED, **scores: float) -> dict[str, str | None]:
    raised = {"vetoes": tuple(VetoRow(unit, item, "决定") for unit, item in rows)}
    return grades_of(graded(pack(grades, VETOES), raised, **scores))


def share(quota: str, count: int) -> list[str]:
    """Who of `count` units, all above the minimum and each a tenth apart, is best."""
    text = GRADED.replace("quota: {count: 2}", f"quota: {{{quota}}}")
    result = graded(pack(text), **{f"u{n:02}": 99 - n / 10 for n in range(count)})
    return [unit.unit.unit for unit in result.units if unit.grade == "good"]


@pytest.mark.parametrize(
    ("quota", "count", "places"),
    [
        ("share: 25%, round: half_up", 7, 2),
        ("share: 25%, round: half_up", 32, 8),
        ("share: 25%, round: floor", 7, 1),
        ("share: 25%, round: ceil", 9, 3),
        ("share: 25%, round: half_even", 10, 2),
        ("share: 25%, round: half_up", 10, 3),
        ("share: 10%, round: floor, at_least: 1", 7, 1),
        ("count: 3", 7, 3),
        ("count: [3, 5]", 9, 5),
    ],
)
def test_places_of_a_quota(quota: str, count: int, places: int) -> None:
    assert share(quota, count) == [f"u{n:02}" for n in range(places)]


def test_a_decision_fixes_the_places_between_two() -> None:
    text = GRADED.replace("{count: 2}", "{count: [1, 3]}")
    decided = {"decisions": (DecisionRow("town", "", "quota:good", Decimal(2), "纪要"),)}
    result = graded(pack(text), decided, a=99, b=98, c=97)
    assert grades_of(result) == {"a": "good", "b": "good", "c": "fair"}


def test_too_few_for_the_least_number_of_places_is_warned_of() -> None:
    result = graded(pack(GRADED.replace("{count: 2}", "{count: [2, 3]}")), a=99, b=60)
    assert [one.code for one in result.warnings] == ["quota"]


def test_the_published_total_decides_not_the_exact_one() -> None:
    rounding = "rounding: {at: total, places: 2, mode: half_up}\n"
    result = graded(pack_of(rounding, GIVEN, GRADED), a="89.995", b="89.994")
    assert grades_of(result) == {"a": "good", "b": "fair"}
    assert [result.total_text(unit) for unit in result.units] == ["90.00", "89.99"]


def test_equal_totals_share_a_rank_from_both_ends() -> None:
    result = graded(pack(), a=90, b=80, c=80, d=70)
    assert {one.unit.unit: (one.rank, one.rank_from_end) for one in result.units} == {
        "a": (1, 4),
        "b": (2, 2),
        "c": (2, 2),
        "d": (4, 1),
    }


def test_unranked_units_are_scored_and_no_more() -> None:
    rows = (UnitRow("a", "甲", "town"), UnitRow("b", "乙", "town", "unranked"), UnitRow("c", "丙", "town"))
    result = score(
        pack(
            GRADED.replace("{count: 2}", "{share: 50%, round: floor}")
            + "uses: {tell: {title: 通报, when: {}}}\n"
        ),
        facts(units=rows, components=given(a=91, b=99, c=95)),
    )
    found = {one.unit.unit: (one.rank, one.ranked, one.grade, len(one.uses)) for one in result.units}
    assert found == {"c": (1, 2, "good", 1), "a": (2, 2, "fair", 1), "b": (None, 2, None, 0)}


def test_units_are_compared_only_inside_their_class() -> None:
    text = HEAD.replace("town: {title: 乡镇}", "town: {title: 乡镇, classes: {by: kind}}")
    classed = pack_of(GIVEN, GRADED.replace("{count: 2}", "{count: 1}"), head=text)
    rows = tuple(
        UnitRow(key, key, "town", "", {"kind": kind}) for key, kind in (("a", "x"), ("b", "x"), ("c", "y"))
    )
    result = score(classed, facts(units=rows, components=given(a=95, b=94, c=91)))
    assert grades_of(result) == {"a": "good", "b": "fair", "c": "good"}
    with pytest.raises(CaseErrors, match="要按它分类比较"):
        score(classed, facts(units=(UnitRow("a", "a", "town"),), components=given(a=95)))


def test_a_barred_units_place_goes_to_the_next_and_it_still_counts_for_the_share() -> None:
    text = GRADED.replace("{count: 2}", "{share: 50%, round: floor}")
    assert vetoed(("a", "bar"), grades=text, a=99, b=98, c=97, d=96) == {
        "a": "fair",
        "b": "good",
        "c": "good",
        "d": "fair",
    }


def test_a_bar_also_bars_from_all_better_grades() -> None:
    four = GRADED.replace("      good:", "      best: {title: 特等, min: 95}\n      good:")
    assert vetoed(("a", "bar"), grades=four, a=99, b=98)["a"] == "fair"


def test_a_fixed_grade_takes_no_place_and_of_several_the_worst_holds() -> None:
    one_place = GRADED.replace("{count: 2}", "{count: 1}")
    assert vetoed(("a", "fix"), grades=one_place, a=99, b=98) == {"a": "fair", "b": "good"}
    assert vetoed(("a", "fix"), ("a", "worst"), a=99, b=98)["a"] == "poor"
    assert vetoed(("a", "worst"), ("a", "lower"), a=99, b=98)["a"] == "poor"


def test_lowering_counts_from_the_grade_won_and_the_place_stays_empty_or_is_refilled() -> None:
    one_place = GRADED.replace("{count: 2}", "{count: 1}")
    assert vetoed(("a", "lower"), grades=one_place, a=99, b=98) == {"a": "fair", "b": "fair"}
    refill = GRADED.replace("{count: 2}", "{count: 1, vacated: refill}")
    assert vetoed(("a", "lower"), grades=refill, a=99, b=98) == {"a": "fair", "b": "good"}
    assert vetoed(("a", "lower"), grades=refill, a=10, b=98)["a"] == "poor"


def test_a_level_may_have_a_condition() -> None:
    text = GRADED.replace("min: 90,", "min: 90, when: {percent: {work: {min: 97}}},")
    assert grades_of(graded(pack(text), a=99, b=96)) == {"a": "good", "b": "fair"}


PRIZES = """
grades:
  - for: [town]
    levels:
      first: {title: 一等, quota: {count: 1}}
      second: {title: 二等, quota: {count: 2}}
      none: {title: 未获奖}
"""


def ties(then: str, text: str = GRADED) -> str:
    return text.replace("quota: {count: 2}", f"quota: {{count: 2}}, ties: {{{then}}}")


def test_a_tie_at_the_cut_is_reported_and_left_open() -> None:
    uses = "uses: {tell: {title: 通报, when: {}}}\n"
    result = graded(pack(ties("then: decide") + uses), a=99, b=95, c=95, d=95, e=91)
    assert grades_of(result) == {"a": "good", "b": None, "c": None, "d": None, "e": "fair"}
    assert [one.code for one in result.warnings] == ["tie"]
    assert "B、C、D得分并列，“优秀”还剩 1 个名额" in result.warnings[0].message
    assert {unit.unit.unit: bool(unit.uses) for unit in result.units} == {
        "a": True,
        "b": False,
        "c": False,
        "d": False,
        "e": True,
    }


@pytest.mark.parametrize(("then", "tied"), [("over", "good"), ("under", "fair")])
def test_a_tie_may_be_settled_by_rule(then: str, tied: str) -> None:
    assert grades_of(graded(pack(ties(f"then: {then}")), a=99, b=95, c=95)) == {
        "a": "good",
        "b": tied,
        "c": tied,
    }


def decided(**orders: int) -> dict:
    return {
        "decisions": tuple(
            DecisionRow("town", unit, "tie:good", Decimal(order), "纪要") for unit, order in orders.items()
        )
    }


def test_a_recorded_decision_settles_the_tie() -> None:
    assert grades_of(graded(pack(), decided(b=2, c=1), a=99, b=95, c=95)) == {
        "a": "good",
        "b": "fair",
        "c": "good",
    }


def test_a_decision_about_only_some_of_the_tied_settles_nothing() -> None:
    assert grades_of(graded(pack(), decided(b=1), a=99, b=95, c=95)) == {"a": "good", "b": None, "c": None}


def test_two_units_decided_to_be_equal_are_refused() -> None:
    with pytest.raises(CaseErrors, match="顺序有重复"):
        graded(pack(), decided(b=1, c=1), a=99, b=95, c=95)


def test_places_that_losers_of_an_open_tie_may_claim_are_kept_for_them() -> None:
    result = graded(pack(PRIZES), a=95, b=95, c=90, d=85)
    assert grades_of(result) == {"a": None, "b": None, "c": "second", "d": "none"}


def test_a_tie_above_the_cut_needs_no_decision() -> None:
    assert grades_of(graded(pack(), a=95, b=95, c=90)) == {"a": "good", "b": "good", "c": "fair"}


def test_the_reason_says_what_was_missed_and_what_was_won() -> None:
    result: Result = graded(pack(), a=99, b=98, c=97, d=61)
    assert result.unit("c").grade_reason == "得分 97 分，“优秀”名额 2 个，没有取得；评为“合格”。"
    assert result.unit("d").grade_reason == "得分 61 分，得分未达到“优秀”的 90 分；评为“合格”。"
