"""Components scored by people and by other results, rounds, missing data, left-out parts."""

from decimal import Decimal
from fractions import Fraction

import pytest

from policies.facts import (
    CaseErrors,
    ComponentRow,
    DecisionRow,
    IndicatorRow,
    ReadingRow,
    ResultRow,
    SurveyRow,
    UnitRow,
    VoterRow,
)
from policies.scoring import Result, score
from tests.policies.building import ballots, facts, pack_of, points_of, units


def component(text: str, **extra: str) -> str:
    """Content with one component `work` of 100 points."""
    return f"content: {{town: {{components: {{work: {{title: 工作, points: 100, {text}}}}}}}}}\n"


def survey(
    *rounds: tuple[str, float], unit: str = "a", turnout: float | None = None
) -> tuple[SurveyRow, ...]:
    turned_out = Decimal(str(turnout)) if turnout is not None else None
    return tuple(SurveyRow(unit, "work", key, Decimal(str(value)), turned_out) for key, value in rounds)


def one(result: Result) -> str:
    return points_of(result)["a"]


def test_a_survey_without_bands_counts_in_proportion() -> None:
    pack = pack_of(component("scored_by: survey, rounds: {q1: 25%, q2: 75%}"))
    assert one(score(pack, facts(units=units("a"), surveys=survey(("q1", 80), ("q2", 90))))) == "87.5"


def test_a_survey_below_the_turnout_is_as_if_it_had_not_been() -> None:
    pack = pack_of(component("scored_by: survey, min_turnout: 30, missing: zero"))
    result = score(pack, facts(units=units("a"), surveys=survey(("yearend", 95), turnout=29)))
    assert (one(result), [warning.code for warning in result.warnings]) == ("0", ["turnout"])


def test_ballots_average_in_each_kind_and_kinds_by_weight() -> None:
    pack = pack_of(component("scored_by: ballots, voters: {leader: 60%, public: 40%}"))
    rows = ballots("a", "leader", 90, 80) + ballots("a", "public", 100, 70, 70)
    assert one(score(pack, facts(units=units("a"), ballots=rows))) == "83"  # 85 × 60 % + 80 × 40 %


@pytest.mark.parametrize(
    ("trim", "votes", "points"),
    [
        (1, (100, 90, 80, 0), "85"),
        (1, (100, 0), "50"),
        (2, (1, 2, 90, 98, 99), "90"),
        (2, (0, 0, 100, 100), "50"),
    ],
)
def test_trimming_needs_more_than_twice_as_many_votes(
    trim: int, votes: tuple[float, ...], points: str
) -> None:
    pack = pack_of(component(f"scored_by: ballots, voters: {{leader: 1}}, trim: {trim}"))
    assert one(score(pack, facts(units=units("a"), ballots=ballots("a", "leader", *votes)))) == points


def test_too_few_votes_of_a_kind_are_an_error_or_give_their_weight_to_the_others() -> None:
    text = "scored_by: ballots, voters: {leader: 60%, public: 40%}, min_votes: 2"
    rows = facts(units=units("a"), ballots=ballots("a", "leader", 90, 80) + ballots("a", "public", 100))
    with pytest.raises(CaseErrors, match="没有有效的打分"):
        score(pack_of(component(text)), rows)
    assert one(score(pack_of(component(text + ", missing_kind: reweight")), rows)) == "85"


def test_a_turnout_of_voters_is_measured_against_those_invited() -> None:
    pack = pack_of(component("scored_by: ballots, voters: {leader: 1}, min_turnout: 60, missing: full"))
    votes = ballots("a", "leader", 90, 90, 90)
    invited = {n: (VoterRow("a", "work", "yearend", "leader", n),) for n in (5, 6)}
    scored = [one(score(pack, facts(units=units("a"), ballots=votes, voters=invited[n]))) for n in (5, 6)]
    assert scored == ["90", "100"]
    with pytest.raises(CaseErrors, match="请填写A yearend 轮“leader”应投人数"):
        score(pack, facts(units=units("a"), ballots=votes))


SPECIAL = (
    "scored_by: special, results_of: {file: true}, "
    "map: {first: 100, good: {from: 80, to: 90, undecided: error}, bad: 0}"
)


def special(several: str, *grades: str, decision: str | None = None) -> Result:
    rows = tuple(ResultRow("a", "work", f"p{n}", grade=grade) for n, grade in enumerate(grades))
    decisions = (DecisionRow("town", "a", "points:work/p0", Decimal(decision)),) if decision else ()
    pack = pack_of(component(f"{SPECIAL}, several: {several}"))
    return score(pack, facts(units=units("a"), results=rows, decisions=decisions))


@pytest.mark.parametrize(("several", "points"), [("mean", "50"), ("worst", "0"), ("best", "100")])
def test_several_special_results(several: str, points: str) -> None:
    assert one(special(several, "first", "bad")) == points


def test_a_range_is_a_recorded_decision_within_its_bounds() -> None:
    assert one(special("mean", "good", decision="85")) == "85"
    with pytest.raises(CaseErrors, match="请在 decisions.csv 记录决定（points:work/p0）"):
        special("mean", "good")
    with pytest.raises(CaseErrors, match="决定的 91 分超出范围"):
        special("mean", "good", decision="91")
    with pytest.raises(CaseErrors, match="等次“odd”没有对应的分值"):
        special("mean", "odd")


def test_a_portfolio_is_the_weighted_mean_of_other_totals() -> None:
    pack = pack_of(component("scored_by: portfolio, results_of: {file: true}"))
    rows = (
        ResultRow("a", "work", "x", Decimal(90), weight=Decimal(1)),
        ResultRow("a", "work", "y", Decimal(60), weight=Decimal(2)),
    )
    assert one(score(pack, facts(units=units("a"), results=rows))) == "70"


def test_a_leader_is_scored_by_the_units_linked_to_them() -> None:
    content = """
content:
  town:
    components:
      work: {title: 工作, points: 100, scored_by: portfolio, results_of: {group: [bureau], linked_by: head}}
  bureau: {components: {own: {title: 自身, points: 100, scored_by: given}}}
"""
    bureaus = (
        UnitRow("x", "X", "bureau", "", {"head": "a"}),
        UnitRow("y", "Y", "bureau", "", {"head": "a b"}),
        UnitRow("z", "Z", "bureau", "", {"head": "b"}),
    )
    given = tuple(
        ComponentRow(unit, "own", "", Decimal(value)) for unit, value in (("x", 80), ("y", 90), ("z", 50))
    )
    result = score(pack_of(content), facts(units=units("a", "b") + bureaus, components=given))
    assert {unit.unit.unit: result.total_text(unit) for unit in result.units if unit.group == "town"} == {
        "a": "85",
        "b": "70",
    }


MISSING = [("zero", "45", "0"), ("full", "95", "100"), ("peers_mean", "80", "70"), ("reweight", "90", None)]


@pytest.mark.parametrize(("missing", "half", "none"), MISSING, ids=[case[0] for case in MISSING])
def test_a_round_without_data(missing: str, half: str, none: str | None) -> None:
    pack = pack_of(component(f"scored_by: survey, rounds: {{q1: 50%, q2: 50%}}, missing: {missing}"))
    rows = survey(("q1", 90)) + survey(("q1", 70), ("q2", 70), unit="b")
    assert one(score(pack, facts(units=units("a", "b"), surveys=rows))) == half
    if none is not None:
        rows = survey(("q1", 70), ("q2", 70), unit="b")
        assert one(score(pack, facts(units=units("a", "b"), surveys=rows))) == none


PARTS = """
content:
  town:
    components:
      work:
        title: 工作
        points: 60
        parts:
          one: {title: 甲, points: 40, scored_by: given, missing: reweight}
          two: {title: 乙, points: 20, scored_by: given, missing: reweight}
      rest: {title: 其余, points: 40, scored_by: given, missing: reweight}
"""


def parts(**scores: int) -> Result:
    rows = tuple(ComponentRow("a", key, "", Decimal(value)) for key, value in scores.items())
    return score(pack_of(PARTS), facts(units=units("a"), components=rows))


def test_parts_add_up_and_left_out_ones_give_their_weight_away() -> None:
    assert parts(one=30, two=10, rest=40).unit("a").total == 80
    assert parts(one=30, rest=40).unit("a").total == 85  # 30 × 60 ÷ 40 + 40
    assert parts(one=30, two=10).unit("a").total == Fraction(40 * 100, 60)
    with pytest.raises(CaseErrors, match="没有任何一项得分"):
        parts()


def indicators(text: str, *rows: IndicatorRow, **readings: str) -> Result:
    """One unit with two indicators of 60 and 40 points, all on `ratio` to 100."""
    standard = (
        IndicatorRow("a", "x", "work", "甲", "60", "ratio", "100"),
        IndicatorRow("a", "y", "work", "乙", "40", "ratio", "100"),
    )
    read = tuple(ReadingRow("a", key, "", Decimal(value)) for key, value in readings.items())
    return score(
        pack_of(component(f"scored_by: indicators, {text}")),
        facts(units=units("a"), indicators=rows or standard, readings=read),
    )


@pytest.mark.parametrize(
    ("combine", "points"), [("sum", "68"), ("mean", "65"), ("weighted", "68"), ("geometric", "66.2890803468")]
)
def test_indicators_combine_as_written(combine: str, points: str) -> None:
    # d = 0.8 (60 points) and 0.5 (40 points); 0.8^0.6 × 0.5^0.4 = 0.662890803468 (its fifth power is 0.128)
    assert one(indicators(f"combine: {combine}", x="80", y="50")) == points


def test_points_that_fall_short_are_an_error_or_scaled() -> None:
    row = IndicatorRow("a", "x", "work", "甲", "60", "ratio", "100")
    with pytest.raises(CaseErrors, match="各指标合计 60 分，应当正好是 100 分"):
        indicators("combine: sum", row, x="80")
    assert one(indicators("incomplete: scale", row, x="80")) == "80"


def test_a_missing_indicator_gives_its_weight_to_the_others() -> None:
    assert one(indicators("missing: reweight", x="80")) == "80"
    with pytest.raises(CaseErrors, match="A的指标“乙”yearend 轮没有填报"):
        indicators("missing: error", x="80")


def test_an_indicators_own_rule_for_missing_readings_goes_first() -> None:
    rows = (
        IndicatorRow("a", "x", "work", "甲", "60", "ratio", "100"),
        IndicatorRow("a", "y", "work", "乙", "40", "ratio", "100", '{"missing":"full"}'),
    )
    assert one(indicators("missing: zero", *rows, x="80")) == "88"


def test_own_rows_win_over_the_groups_and_inherit_what_they_leave_empty() -> None:
    rows = (
        IndicatorRow("", "x", "work", "甲", "60", "ratio", "100", group="town"),
        IndicatorRow("", "y", "work", "乙", "40", "ratio", "100", group="town"),
        IndicatorRow("a", "x", "work", target="50"),
    )
    assert one(indicators("combine: sum", *rows, x="40", y="100")) == "88"  # 60 × 40 ÷ 50 + 40


def test_a_row_may_hold_for_one_round_only() -> None:
    rows = (
        IndicatorRow("a", "x", "work", "甲", "100", "ratio", "100"),
        IndicatorRow("a", "x", "work", target="50", rounds=("midyear",)),
    )
    text = "rounds: {midyear: 50%, yearend: 50%}"
    assert one(indicators(text, *rows, x="40")) == "60"  # 80 and 40


def test_how_many_indicators_there_may_be() -> None:
    with pytest.raises(CaseErrors, match="有 2 个指标，应当在 3 到 6 个之间"):
        indicators("items: [3, 6]", x="80", y="80")


def test_an_interim_run_counts_the_rounds_that_are_over_and_gives_no_grade() -> None:
    pack = pack_of(component("scored_by: survey, rounds: {q1: 25%, q2: 25%, q3: 50%}"))
    result = score(pack, facts(units=units("a"), surveys=survey(("q1", 80), ("q2", 90)), to_date="m06"))
    assert (one(result), result.unit("a").rank, result.unit("a").grade) == ("85", 1, None)
