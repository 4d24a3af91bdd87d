"""The year's indicators: points, targets, collectors and words fit the pack and each other."""

import json
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from policies.packs.methods import parse_params
from tests.rehearsal_data.county import Row, pack, rows, unit_groups

INDICATORS = rows("indicators")
CONTENT = pack()["content"]
GROUPS = unit_groups()
OF_UNIT = {unit: [row for row in INDICATORS if row["unit"] == unit] for unit in GROUPS}
WITH_FULL_STOP = ("standard", "rule", "measures", "milestones")


def number(row: Row, column: str) -> Decimal:
    """A cell that must be a plain decimal: no exponent, no infinity."""
    assert set(row[column]) <= set("0123456789.-"), row
    return Decimal(row[column])


def test_points_of_every_unit_make_the_component() -> None:
    points: dict[str, Decimal] = defaultdict(Decimal)
    for row in INDICATORS:
        points[row["unit"]] += number(row, "points")
    assert points == {
        unit: Decimal(CONTENT[group]["components"]["indicators"]["points"]) for unit, group in GROUPS.items()
    }


def test_every_unit_has_at_least_twelve() -> None:
    assert min(Counter(row["unit"] for row in INDICATORS).values()) >= 12
    assert {row["component"] for row in INDICATORS} == {"indicators"}


def test_every_first_level_indicator_of_the_pack_is_filled_for_every_unit() -> None:
    used = defaultdict(set)
    for row in INDICATORS:
        used[row["unit"]].add(row["heading"])
    assert used == {
        unit: set(CONTENT[group]["components"]["indicators"]["headings"]) for unit, group in GROUPS.items()
    }


def test_collectors_exist_and_no_unit_collects_its_own() -> None:
    collectors = {row["organisation"] for row in rows("offices") if row["capacity"] == "collector"}
    assert {row["collector"] for row in INDICATORS} == collectors
    assert [row for row in INDICATORS if row["collector"] == row["unit"]] == []


def test_departments_differ_from_each_other() -> None:
    owners = defaultdict(set)
    for row in INDICATORS:
        owners[row["title"]].add(row["unit"])
    for unit, group in GROUPS.items():
        own = [title for title, units in owners.items() if units == {unit}]
        assert group == "township" or len(own) >= 5, unit


def test_townships_share_indicators_and_differ_in_targets() -> None:
    targets = defaultdict(set)
    for row in INDICATORS:
        if GROUPS[row["unit"]] == "township":
            targets[row["indicator"]].add(row["target"])
    assert len(targets["investment"]) == len(targets["budget_revenue"]) == 7


@pytest.mark.parametrize("unit", GROUPS)
def test_the_engine_understands_method_and_target(unit: str) -> None:
    for row in OF_UNIT[unit]:
        params = json.loads(row["params"] or "{}", parse_float=Decimal)
        parse_params(row["method"], params)
        assert number(row, "points") > 0
        target = number(row, "target")
        assert target == 0 if row["method"] == "deduct" else target > 0
        if row["method"] == "growth":
            assert number(row, "last_year") > 0
            assert row["target"] == params["increment"]["target"]
        if row["method"] == "bands":
            scores = [Decimal(band["score"]) for band in params["bands"]]
            assert scores == sorted(scores, reverse=True)
            assert scores[0] == number(row, "points")
            assert params["bands"][0]["min"] == row["target"]


@pytest.mark.parametrize("unit", GROUPS)
def test_half_year_figures_belong_to_the_year(unit: str) -> None:
    for row in OF_UNIT[unit]:
        if GROUPS[unit] == "heritage":
            assert (row["last_year"], row["midyear_target"], row["midyear_last_year"]) == ("", "", "")
            continue
        assert number(row, "midyear_last_year") <= number(row, "last_year")
        if row["midyear_target"]:
            assert 0 < number(row, "midyear_target") < number(row, "target")
            assert row["midyear_target"] + row["unit_of_measure"] in row["milestones"] + row["standard"]


@pytest.mark.parametrize("unit", GROUPS)
def test_the_words_say_what_the_numbers_say(unit: str) -> None:
    for row in OF_UNIT[unit]:
        assert all(row[column].endswith("。") for column in WITH_FULL_STOP)
        assert row["source"] in row["standard"]
        assert row["target"] in row["standard"]
        params = json.loads(row["params"] or "{}")
        if row["method"] == "deduct":
            assert f"每发生1{row['unit_of_measure']}扣{params['each']}分" in row["rule"]
        elif row["method"] == "growth":
            assert f"达到{params['rate']['target']}%" in row["rule"]
        else:
            assert f"得{row['points']}分" in row["rule"]
        assert ("不高于" in row["rule"]) == (params.get("direction") == "down")


def test_every_method_of_the_demo_occurs() -> None:
    methods = {row["method"] for row in INDICATORS}
    assert methods == {"ratio", "threshold", "deduct", "step", "bands", "growth"}
    ratio = sum(row["method"] == "ratio" for row in INDICATORS)
    assert ratio > len(INDICATORS) // 2
