"""Whole cases of 正定县 against results worked out by hand in each case's notes.md."""

import csv
from pathlib import Path

import pytest

from policies.cases import read_case
from policies.packs import load_pack
from policies.scoring import Result, score

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/expected.csv"))


@pytest.fixture(scope="module", params=CASES, ids=lambda path: path.name)
def scored(request: pytest.FixtureRequest) -> tuple[Result, list[dict[str, str]]]:
    case = read_case(request.param)
    result = score(load_pack(case.policy), case.facts)
    with (request.param / "expected.csv").open(encoding="utf-8") as stream:
        return result, list(csv.DictReader(stream))


def outcome(data: dict, wanted: dict[str, str]) -> dict[str, str]:
    """The unit's public output, reduced to the columns worked out by hand."""
    found = {**data, **data["components"], "uses": " ".join(use["id"] for use in data["uses"])}
    return {column: str(found[column]) for column in wanted}


def test_every_unit_comes_out_as_worked_out_by_hand(scored: tuple[Result, list[dict[str, str]]]) -> None:
    result, expected = scored
    units = {data["unit"]: data for data in result.to_json(explanations=False)["units"]}
    assert {row["unit"]: outcome(units[row["unit"]], row) for row in expected} == {
        row["unit"]: row for row in expected
    }
    assert len(units) == len(expected)


def test_month_pay_is_one_month_of_the_payroll_to_the_cent() -> None:
    case = read_case(Path(__file__).parent / "cases" / "zhengding-townships")
    unit = score(load_pack("zhengding"), case.facts).unit("nanniu")
    amounts = {use.id: use.to_json().get("amount", {}).get("value") for use in unit.uses}
    assert amounts["month_pay"] == "356789.11"
    assert amounts["commend"] is None


def test_the_bar_is_named_in_the_output() -> None:
    case = read_case(Path(__file__).parent / "cases" / "zhengding-townships")
    unit = score(load_pack("zhengding"), case.facts).unit("xinchengpu")
    assert unit.barred == ["advanced"]
    assert "班子成员发生腐败案件" in unit.grade_reason
