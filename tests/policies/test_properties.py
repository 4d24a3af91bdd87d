"""Properties that must hold for every case, searched by Hypothesis."""

import dataclasses
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policies.cases import facts_to_json
from policies.exact import fixed, round_to
from policies.explain import explain
from policies.facts import (
    AdjustmentRow,
    BallotRow,
    DecisionRow,
    Facts,
    IndicatorRow,
    ReadingRow,
    UnitRow,
    VetoRow,
)
from policies.scoring import Result, score
from tests.policies.building import GIVEN, GRADED, graded, grades_of, one_indicator, pack_of, zhengding

PACK = zhengding()
ROUNDS = ("midyear", "yearend")
CONTENT = PACK.content["township"]
ITEMS = {
    "bonus": [key for key, item in CONTENT.bonus.items.items() if not item.points.is_given],
    "deduction": list(CONTENT.deduction.items),
}
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

marks = st.decimals(0, 100, places=1)
amounts = st.decimals(-20, 300, places=2)
adjustments = st.sampled_from(["bonus", "deduction"]).flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.sampled_from(ITEMS[kind]), st.integers(1, 3), st.sampled_from(["", "f", "g"])
    )
)


@st.composite
def townships(draw: st.DrawFn, most: int = 5) -> Facts:
    """A few townships with two indicators, three votes a round, adjustments and vetoes."""
    rows: dict[str, list[Any]] = {
        key: [] for key in ("units", "readings", "ballots", "adjustments", "vetoes")
    }
    targets = {"x": draw(st.integers(1, 200)), "y": draw(st.integers(1, 200))}
    for number in range(draw(st.integers(1, most))):
        unit = f"u{number}"
        rows["units"].append(UnitRow(unit, unit, "township", "", {"monthly_payroll": "1000"}))
        for round_id in ROUNDS:
            rows["readings"] += [ReadingRow(unit, key, round_id, draw(amounts)) for key in targets]
            rows["ballots"] += [
                BallotRow(unit, "leaders", round_id, "county_leader", str(n), draw(marks)) for n in range(3)
            ]
        for number_, (kind, item, count, fact) in enumerate(draw(st.lists(adjustments, max_size=4))):
            rows["adjustments"].append(AdjustmentRow(unit, kind, item, "", count, None, str(number_), fact))
        for veto in draw(st.sets(st.sampled_from(["corruption", "dereliction"]), max_size=1)):
            rows["vetoes"].append(VetoRow(unit, veto, "x"))
    indicators = tuple(
        IndicatorRow("", key, "indicators", key, points, "ratio", str(targets[key]), group="township")
        for key, points in (("x", "50"), ("y", "40"))
    )
    return Facts(
        "zhengding", 2026, indicators=indicators, **{key: tuple(value) for key, value in rows.items()}
    )


def oracle(case: Facts, unit: str) -> Fraction:
    """The unrounded total, worked out the plain way from 五（一）and 五（四）."""
    aims = {row.indicator: (Fraction(row.points), Fraction(row.target)) for row in case.indicators}
    base = Fraction(0)
    for row in case.readings:
        if row.unit == unit:
            points, target = aims[row.indicator]
            reached = Fraction(row.actual) / target
            base += points * min(max(reached, Fraction(0)), Fraction(1)) / 2
    votes = [Fraction(row.score) for row in case.ballots if row.unit == unit]
    return (
        base
        + sum(votes) / 3 / 100 * 10 / 2
        + adjusted(case, unit, "bonus")
        - adjusted(case, unit, "deduction")
    )


def adjusted(case: Facts, unit: str, kind: str) -> Fraction:
    section = CONTENT.bonus if kind == "bonus" else CONTENT.deduction
    single, by_fact = Fraction(0), {}
    for row in case.adjustments:
        if (row.unit, row.kind) == (unit, kind):
            value = section.items[row.item].points.by_occurrence[0] * row.count
            if row.fact:
                by_fact[row.fact] = max(by_fact.get(row.fact, Fraction(0)), value)
            else:
                single += value
    return min(single + sum(by_fact.values()), Fraction(4))


@quick
@given(townships())
def test_the_total_is_what_the_articles_say_and_the_sum_of_its_leaves(case: Facts) -> None:
    result = score(PACK, case)
    for unit in result.units:
        wanted = oracle(case, unit.unit.unit)
        assert unit.exact_total == wanted
        assert result.total_text(unit) == fixed(round_to(wanted, 2), 2)
        root = explain(result, unit.unit.unit)
        assert (
            sum(Decimal(leaf.value) for leaf in root.leaves())
            == Decimal(root.value)
            == Decimal(result.total_text(unit))
        )


@quick
@given(townships(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(case: Facts, chance: Any) -> None:
    tables = ("units", "indicators", "readings", "ballots", "adjustments", "vetoes")
    shuffled = dataclasses.replace(
        case, **{key: tuple(chance.sample(getattr(case, key), len(getattr(case, key)))) for key in tables}
    )
    first, second = score(PACK, case).to_json(), score(PACK, shuffled).to_json()
    assert without_order_of_occurrence(first) == without_order_of_occurrence(second)


def without_order_of_occurrence(data: dict) -> dict:
    """Bonus and deduction facts are explained in the order they occurred; which is input, not outcome."""
    for unit in data["units"]:
        for child in unit["explanation"]["children"]:
            if child["label"] in {"加分", "减分"}:
                child["children"] = sorted(leaf["value"] for leaf in child["children"])
    return data


@quick
@given(townships(), st.data())
def test_doing_better_never_lowers_the_total(case: Facts, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(case.readings) - 1))
    row = case.readings[place]
    better = dataclasses.replace(row, actual=row.actual + data.draw(st.decimals(0, 100, places=2)))
    moved = dataclasses.replace(case, readings=(*case.readings[:place], better, *case.readings[place + 1 :]))
    before, after = score(PACK, case), score(PACK, moved)
    for unit in case.units:
        old, new = before.unit(unit.unit).exact_total, after.unit(unit.unit).exact_total
        assert new >= old if unit.unit == row.unit else new == old


@quick
@given(townships())
def test_a_cap_is_never_passed(case: Facts) -> None:
    for unit in score(PACK, case).units:
        for adjustment in (unit.bonus, unit.deduction):
            assert 0 <= adjustment.value <= 4
            assert adjustment.value == sum(line.counted for line in adjustment.lines) - sum(
                cut[1] for cut in adjustment.cuts
            )


totals = st.lists(st.integers(85, 95), min_size=1, max_size=9)


@quick
@given(totals, st.sampled_from(["over", "under", "decide"]), st.integers(0, 3), st.data())
def test_a_quota_is_never_exceeded_and_never_left_open_without_a_tie(
    values: list[int], then: str, places: int, data: st.DataObject
) -> None:
    text = GRADED.replace("quota: {count: 2}", f"quota: {{count: {places}}}, ties: {{then: {then}}}")
    result = graded(pack_of(GIVEN, text), **{f"u{n}": value for n, value in enumerate(values)})
    good = [unit.total for unit in result.units if unit.grade == "good"]
    open_ = [unit.total for unit in result.units if unit.grade is None]
    able = sorted((value for value in values if value >= 90), reverse=True)
    if then != "over":
        assert len(good) <= places
    assert len(set(open_)) <= 1
    assert bool(open_) == any(one.code == "tie" for one in result.warnings)
    assert bool(open_) == (then == "decide" and 0 < places < len(able) and able[places - 1] == able[places])
    worst = min(good, default=Fraction(100))
    assert all(unit.total <= worst for unit in result.units if unit.grade != "good")


@quick
@given(st.integers(2, 6), st.integers(1, 5), st.data())
def test_a_tie_is_settled_by_the_recorded_decision_alone(size: int, places: int, data: st.DataObject) -> None:
    assume(places < size)
    names = [f"u{n}" for n in range(size)]
    pack = pack_of(GIVEN, GRADED.replace("count: 2", f"count: {places}"))
    order = data.draw(st.permutations(range(1, size + 1)))
    rows = tuple(
        DecisionRow("town", name, "tie:good", Decimal(place), "纪要")
        for name, place in zip(names, order, strict=True)
    )
    result = graded(pack, {"decisions": data.draw(st.permutations(rows))}, **dict.fromkeys(names, 95))
    assert {name for name, grade in grades_of(result).items() if grade == "good"} == {
        name for name, place in zip(names, order, strict=True) if place <= places
    }


@quick
@given(totals, st.data())
def test_names_decide_nothing(values: list[int], data: st.DataObject) -> None:
    names = [f"u{n}" for n in range(len(values))]
    others = data.draw(st.permutations(names))
    pack = pack_of(GIVEN, GRADED)
    first = grades_of(graded(pack, **dict(zip(names, values, strict=True))))
    second = grades_of(graded(pack, **dict(zip(others, values, strict=True))))
    assert [first[name] for name in names] == [second[name] for name in others]


STEP = {"every": "3", "take": "0.7"}
MONOTONIC: list[tuple[str, dict, str, bool]] = [
    ("ratio", {}, "80", True),
    ("ratio", {"max": "130%", "zero_below": "40%", "floor": "0"}, "80", True),
    ("ratio", {"direction": "down", "max": "150%"}, "80", False),
    ("threshold", {}, "80", True),
    ("threshold", {"direction": "down"}, "80", False),
    *(
        (
            "step",
            {"up": {"every": "2%", "add": "0.5", "max": "3"}, "down": STEP, "partial": partial},
            "80",
            True,
        )
        for partial in ("floor", "ceil", "exact")
    ),
    ("step", {"direction": "down", "down": STEP, "partial": "floor"}, "80", False),
    (
        "bands",
        {"bands": [{"min": "90", "score": "10"}, {"min": "50", "score": "4"}, {"score": "0"}]},
        "",
        True,
    ),
    ("efficacy", {"low": "20", "high": "90"}, "", True),
    ("efficacy", {"low": "20", "high": "90", "clamp": "false", "direction": "down"}, "", False),
    ("efficacy", {}, "", True),
    *(
        ("rank", {"table": ["100%", "80%"], "then": "-30%", "ties": ties}, "", True)
        for ties in ("min", "mean", "dense")
    ),
    ("rank", {"table": ["100%", "80%"], "then": "-30%", "direction": "down"}, "", False),
    ("ratio", {}, "peers_mean", True),
    ("ratio", {}, "peers_max", True),
]


@pytest.mark.parametrize(
    ("method", "params", "target", "up"), MONOTONIC, ids=[f"{n}-{one[0]}" for n, one in enumerate(MONOTONIC)]
)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_moving_in_its_good_direction_never_lowers_an_indicator(
    method: str, params: dict, target: str, up: bool, data: st.DataObject
) -> None:
    values = data.draw(st.lists(st.decimals(1, 200, places=1), min_size=3, max_size=3))
    step = data.draw(st.decimals(0, 50, places=1)) * (1 if up else -1)
    before = one_indicator(method, params, target=target, a=values[0], b=values[1], c=values[2])
    after = one_indicator(method, params, target=target, a=values[0] + step, b=values[1], c=values[2])
    assert after.unit("a").exact_total >= before.unit("a").exact_total


@pytest.mark.parametrize(
    ("method", "params", "target", "up"), MONOTONIC, ids=[f"{n}-{one[0]}" for n, one in enumerate(MONOTONIC)]
)
@settings(max_examples=25, deadline=None)
@given(value=st.decimals(-50, 500, places=1))
def test_an_indicator_stays_within_its_bounds(
    method: str, params: dict, target: str, up: bool, value: Decimal
) -> None:
    result: Result = one_indicator(method, params, target=target, a=value, b=60, c=70)
    highest = Fraction(str(params.get("max", "100%")).rstrip("%")) / 10 if method == "ratio" else Fraction(13)
    unclamped = params.get("clamp") == "false"
    assert unclamped or 0 <= result.unit("a").exact_total <= highest


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.data())
def test_one_more_event_never_raises_the_score(events: list[int], data: st.DataObject) -> None:
    each = data.draw(st.lists(st.sampled_from(["0.5", "1", "20%"]), min_size=1, max_size=3))
    scores = [one_indicator("deduct", {"each": each}, a=n).unit("a").exact_total for n in sorted(events)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= one <= 10 for one in scores)


@quick
@given(townships(most=3))
def test_scoring_reads_the_same_from_canonical_facts(case: Facts) -> None:
    """The digest of the facts decides the result: equal bytes, equal output."""
    again = dataclasses.replace(case, readings=tuple(reversed(case.readings)))
    assert facts_to_json(case) == facts_to_json(again)
    assert score(PACK, case).to_json(explanations=False) == score(PACK, again).to_json(explanations=False)
