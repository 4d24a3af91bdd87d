"""Every scoring method with the edges the language fixes."""

import pytest

from policies.facts import CaseErrors
from tests.policies.building import one_indicator, points_of

RATIO_CASES = [
    ("reached", {}, "100", 100, "10"),
    ("passed", {}, "100", 130, "10"),
    ("short", {}, "100", 95, "9.5"),
    ("negative actual is floored", {}, "100", -5, "0"),
    ("less is better, reached", {"direction": "down"}, "5", 4, "10"),
    ("less is better, missed", {"direction": "down"}, "5", 8, "6.25"),
    ("less is better, nothing at all", {"direction": "down"}, "5", 0, "10"),
    ("more than full up to the limit", {"max": "120%"}, "100", 115, "11.5"),
    ("limit reached", {"max": "120%"}, "100", 300, "12"),
    ("no limit", {"max": "none"}, "100", 300, "30"),
    ("below the threshold nothing", {"zero_below": "60%"}, "100", "59.9", "0"),
    ("at the threshold the proportion", {"zero_below": "60%"}, "100", 60, "6"),
    ("own floor", {"floor": "20%"}, "100", 10, "2"),
    ("target not above zero, missed", {}, "0", -1, "0"),
    ("target not above zero, reached", {}, "-3", -3, "10"),
]


@pytest.mark.parametrize(
    ("params", "target", "actual", "points"),
    [case[1:] for case in RATIO_CASES],
    ids=[c[0] for c in RATIO_CASES],
)
def test_ratio(params: dict, target: str, actual: object, points: str) -> None:
    assert points_of(one_indicator("ratio", params, target=target, a=actual)) == {"a": points}


def test_a_target_not_above_zero_that_is_missed_is_warned_of() -> None:
    assert [one.code for one in one_indicator("ratio", target="0", a=-1).warnings] == ["target"]


def test_threshold_is_all_or_nothing() -> None:
    result = one_indicator("threshold", target="100", a=100, b="99.99")
    assert points_of(result) == {"a": "10", "b": "0"}


UP = {"every": "1%", "add": "0.5", "max": "2"}
DOWN = {"every": "1", "take": "0.3"}


@pytest.mark.parametrize(
    ("params", "actual", "points"),
    [
        ({"up": UP, "partial": "floor"}, "102.9", "11"),
        ({"up": UP, "partial": "ceil"}, "102.1", "11.5"),
        ({"up": UP, "partial": "exact"}, "102.5", "11.25"),
        ({"up": UP, "partial": "floor"}, "150", "12"),
        ({"up": UP, "partial": "floor"}, "90", "10"),
        ({"down": DOWN, "partial": "floor"}, "97.5", "9.4"),
        ({"down": DOWN, "partial": "ceil"}, "97.5", "9.1"),
        ({"down": DOWN, "partial": "exact"}, "97.5", "9.25"),
        ({"down": DOWN, "partial": "exact"}, "10", "0"),
        ({"down": DOWN, "partial": "exact", "floor": "50%"}, "10", "5"),
    ],
)
def test_step_counts_the_steps_as_written(params: dict, actual: str, points: str) -> None:
    assert points_of(one_indicator("step", params, target="100", a=actual)) == {"a": points}


STRETCHES = [{"every": "1", "take": "0.1"}, {"from": "5", "every": "1", "take": "0.5"}]


@pytest.mark.parametrize(("segments", "points"), [("parts", "8.5"), ("whole", "6.5")])
def test_stretches_count_part_by_part_or_as_a_whole(segments: str, points: str) -> None:
    # gap 7: parts 5 × 0.1 + 2 × 0.5 = 1.5; whole 7 × 0.5 = 3.5
    params = {"down": STRETCHES, "partial": "exact", "segments": segments}
    assert points_of(one_indicator("step", params, target="100", a=93)) == {"a": points}


BANDS = [{"min": "90", "score": "100%"}, {"min": "60", "score": "6"}, {"score": "0"}]


@pytest.mark.parametrize(
    ("inclusive", "actual", "points"),
    [("false", 90, "10"), ("true", 90, "6"), ("false", "89.99", "6"), ("false", 10, "0"), ("true", 60, "0")],
)
def test_bands_and_to_which_of_two_a_bound_belongs(inclusive: str, actual: object, points: str) -> None:
    params = {"bands": BANDS, "upper_inclusive": inclusive}
    assert points_of(one_indicator("bands", params, a=actual)) == {"a": points}


def test_a_value_in_no_band_is_refused() -> None:
    with pytest.raises(CaseErrors, match="完成值 50 不在任何一档之内"):
        one_indicator("bands", {"bands": BANDS[:2]}, a=50)


@pytest.mark.parametrize(
    ("params", "readings", "points"),
    [
        ({"low": "0", "high": "100"}, {"a": 50}, {"a": "8"}),
        ({"low": "0", "high": "100", "base": "50"}, {"a": 50}, {"a": "7.5"}),
        ({"low": "0", "high": "100", "direction": "down"}, {"a": 25}, {"a": "9"}),
        ({"low": "0", "high": "100"}, {"a": 200, "b": -9}, {"a": "10", "b": "6"}),
        ({"low": "0", "high": "100", "clamp": "false"}, {"a": 200}, {"a": "14"}),
        ({}, {"a": 10, "b": 20, "c": 15}, {"a": "6", "b": "10", "c": "8"}),
        ({}, {"a": 10, "b": 10}, {"a": "10", "b": "10"}),
        ({"equal": "base"}, {"a": 10, "b": 10}, {"a": "6", "b": "6"}),
    ],
)
def test_efficacy(params: dict, readings: dict, points: dict) -> None:
    assert points_of(one_indicator("efficacy", params, **readings)) == points


def test_growth_scores_increment_and_rate_by_weight() -> None:
    params = {
        "increment": {"weight": "60%", "method": "ratio", "target": "20"},
        "rate": {"weight": "40%", "method": "ratio", "target": "10"},
    }
    result = one_indicator("growth", params, a={"actual": 110, "last_year": 100})
    assert points_of(result) == {"a": "7"}  # 6 × 10 ÷ 20 + 4 × 10 ÷ 10


def test_growth_without_a_base_is_refused_or_counts_the_increment_alone() -> None:
    params = {
        "increment": {"weight": "60%", "method": "ratio", "target": "20"},
        "rate": {"weight": "40%", "method": "ratio", "target": "10"},
    }
    reading = {"actual": 15, "last_year": 0}
    with pytest.raises(CaseErrors, match="上年数不大于 0"):
        one_indicator("growth", params, a=reading)
    assert points_of(one_indicator("growth", {**params, "no_base": "increment"}, a=reading)) == {"a": "7.5"}


@pytest.mark.parametrize(
    ("ties", "points"),
    [
        ("min", {"a": "10", "b": "9", "c": "9", "d": "6"}),
        ("mean", {"a": "10", "b": "8.5", "c": "8.5", "d": "6"}),
        ("dense", {"a": "10", "b": "9", "c": "9", "d": "8"}),
    ],
)
def test_rank_and_its_ties(ties: str, points: dict) -> None:
    params = {"table": ["100%", "90%", "80%"], "then": "-20%", "ties": ties}
    assert points_of(one_indicator("rank", params, a=9, b=7, c=7, d=1)) == points


def test_rank_beyond_the_table_goes_down_to_the_floor() -> None:
    params = {"table": ["100%"], "then": "-60%", "floor": "10%", "direction": "down"}
    assert points_of(one_indicator("rank", params, a=1, b=2, c=3)) == {"a": "10", "b": "4", "c": "1"}


@pytest.mark.parametrize(
    ("each", "events", "points"),
    [
        ("0.5", 3, "8.5"),
        (["0.5", "1"], 3, "7.5"),
        (["1", "all"], 2, "0"),
        (["1", "all"], 1, "9"),
        ("10%", 20, "0"),
    ],
)
def test_deduct_takes_for_every_event(each: object, events: int, points: str) -> None:
    assert points_of(one_indicator("deduct", {"each": each}, a=events, b=0)) == {"a": points, "b": "10"}


def test_an_indicator_of_events_that_costs_nobody_a_point_is_reported_idle() -> None:
    assert [one.code for one in one_indicator("deduct", {"each": "1"}, a=0, b=0).warnings] == ["idle"]
    assert one_indicator("deduct", {"each": "1"}, a=0, b=1).warnings == []


def test_levels_read_the_level_awarded() -> None:
    params = {"levels": {"best": "100%", "middle": {"score": "8", "title": "良", "criteria": "按期完成"}}}
    assert points_of(one_indicator("levels", params, a={"actual": "middle"})) == {"a": "8"}
    with pytest.raises(CaseErrors, match="“bad”不是规定的等级，可以填：best、middle"):
        one_indicator("levels", params, a={"actual": "bad"})


def test_given_needs_a_score_in_range_and_a_reason() -> None:
    assert points_of(one_indicator("given", a={"score": "7.5", "note": "材料齐全"})) == {"a": "7.5"}
    with pytest.raises(CaseErrors, match="给分 11 超出范围"):
        one_indicator("given", a={"score": 11, "note": "材料齐全"})
    with pytest.raises(CaseErrors, match="直接给分要写明理由"):
        one_indicator("given", a={"score": 5})


@pytest.mark.parametrize(
    ("value", "target", "points"),
    [("change", "20", "5"), ("rate", "20", "5"), ("completion", "", "5.5")],
)
def test_the_number_looked_at_may_be_derived(value: str, target: str, points: str) -> None:
    reading = {"a": {"actual": 110, "last_year": 100}}
    if value == "completion":
        bands = [{"min": "100", "score": "9"}, {"min": "50", "score": "5.5"}, {"score": "0"}]
        result = one_indicator("bands", {"value": value, "bands": bands}, target="200", **reading)
    else:
        result = one_indicator("ratio", {"value": value}, target=target, **reading)
    assert points_of(result) == {"a": points}


@pytest.mark.parametrize(
    ("target", "points"),
    [("last_year", "8"), ("peers_mean", "10"), ("peers_max", "8"), ("peers_min", "10")],
)
def test_targets_in_words(target: str, points: str) -> None:
    readings = {
        "a": {"actual": 80, "last_year": 100},
        "b": {"actual": 100, "last_year": 100},
        "c": {"actual": 60, "last_year": 100},
    }
    assert points_of(one_indicator("ratio", target=target, **readings))["a"] == points


def test_a_reading_without_what_the_method_needs_is_refused_with_its_column() -> None:
    with pytest.raises(CaseErrors) as refused:
        one_indicator("ratio", {"value": "rate"}, target="5", a=3)
    assert [(one.file, one.column) for one in refused.value.errors] == [("readings.csv", "last_year")]


def test_unknown_parameters_are_refused_with_a_suggestion() -> None:
    with pytest.raises(CaseErrors, match="不认识“directon”这一项。是不是想写“direction”？"):
        one_indicator("ratio", {"directon": "down"}, target="5", a=3)
