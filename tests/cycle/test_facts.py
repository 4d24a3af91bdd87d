"""The exported case: whoever has it computes the same result, to the last digit and the last byte."""

import dataclasses
import random
import tempfile
import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cycle.models import Cycle, Grade, ScoringRun
from cycle.queries.facts import facts_of
from cycle.queries.packs import rules_of
from cycle.queries.results import digest_of
from cycle.services import scoring, setup
from cycle.services.collections import indicators_of
from policies.cases import facts_from_json, facts_to_json, read_case, write_case
from policies.facts import Facts
from policies.packs import Pack
from policies.scoring import score
from tests import moments
from tests.county import County
from tests.small_county import MEMBERS, edition


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def exported(facts: Facts, directory: Path) -> dict[str, bytes]:
    write_case(facts, directory)
    return files(directory)


def result(pack: Pack, facts: Facts) -> Any:
    return score(pack, facts).to_json()


def through_files(facts: Facts) -> Facts:
    with tempfile.TemporaryDirectory() as directory:
        write_case(facts, directory)
        return read_case(directory).facts


def test_the_case_scores_as_the_product_did(archived: County) -> None:
    cycle = archived.cycle
    pack, facts = rules_of(cycle), facts_of(cycle)
    computed = result(pack, facts)
    assert result(pack, through_files(facts)) == computed
    run = ScoringRun.objects.get()
    assert run.inputs_digest == digest_of(facts_to_json(facts))
    stored = {row.subject.code: row for row in Grade.objects.filter(run=run).select_related("subject")}
    for unit in computed["units"]:
        row = stored[unit["unit"]]
        assert (unit["total"], unit["rank"], unit["grade"]) == (row.total, row.rank, row.grade)


def test_an_export_is_the_same_bytes_twice(archived: County, tmp_path: Path) -> None:
    cycle = archived.cycle
    first = exported(facts_of(cycle), tmp_path / "first")
    second = exported(facts_of(cycle), tmp_path / "second")
    assert first == second
    assert {"case.yaml", "units.csv", "indicators.csv", "readings.csv", "surveys.csv", "ballots.csv"} <= set(
        first
    )
    assert exported(through_files(facts_of(cycle)), tmp_path / "third") == first


def test_the_order_of_rows_in_the_database_is_of_no_account(archived: County) -> None:
    cycle = archived.cycle
    facts = facts_of(cycle)
    shuffled: dict[str, Any] = {
        field.name: tuple(reversed(value))
        if isinstance(value := getattr(facts, field.name), tuple)
        else value
        for field in dataclasses.fields(facts)
    }
    assert facts_to_json(Facts(**shuffled)) == facts_to_json(facts)


def test_a_demonstration_says_so(archived: County, tmp_path: Path) -> None:
    assert "演示数据，非真实考核结果" in exported(facts_of(archived.cycle), tmp_path)["case.yaml"].decode()


def test_nothing_in_a_case_names_a_person(archived: County, tmp_path: Path) -> None:
    content = b"".join(exported(facts_of(archived.cycle), tmp_path).values()).decode()
    assert "演示·" not in content
    assert "@" not in content


def test_only_what_is_final_counts(assessment: County) -> None:
    """The year-end readings are open: the case has those of the finished rounds and no others."""
    facts = facts_of(assessment.cycle)
    assert {row.round for row in facts.readings} >= {"midyear", "m01", "m12"}
    assert "yearend" not in {row.round for row in facts.readings}
    assert "yearend" not in {row.round for row in facts.ballots}
    assert {row.round for row in facts.surveys} == {"q1", "q2", "q3", "q4"}


def test_a_reading_counts_once_it_was_sampled(assessment: County) -> None:
    def counted() -> set[str]:
        rows = facts_of(assessment.cycle).readings
        return {row.unit for row in rows if (row.indicator, row.round) == ("investment", "yearend")}

    matter = assessment.matter("collection", key="yearend", office=assessment.office("collector", "tongji"))
    lines = {str(each.pk): {"actual": "12"} for each in indicators_of(matter)}
    assessment.do(matter, "collect", lines=lines)
    assert counted() == set()
    assessment.do(matter, "approve")
    assert counted() == set()
    assessment.do(matter, "check")
    assert counted() == {"nanniu", "xinchengpu"}


def test_the_mid_year_has_its_own_target_and_base(archived: County) -> None:
    facts = facts_of(archived.cycle)
    rows = [row for row in facts.indicators if (row.unit, row.indicator) == ("nanniu", "investment")]
    assert [(row.rounds, row.target) for row in rows] == [(("midyear",), "5.9"), ((), "12.5")]
    base = {
        row.round: row.last_year
        for row in facts.readings
        if (row.unit, row.indicator) == ("nanniu", "investment")
    }
    assert base == {"midyear": Decimal("5.42"), "yearend": None}


def test_an_earlier_year_is_history_to_the_next(archived: County) -> None:
    cycle_id = setup.create_cycle(
        edition(MEMBERS), owner_id=archived.owner_id, year=2027, user_id=archived.user("jxb-clerk")
    )
    setup.add_subjects(cycle_id, attributes={}, user_id=archived.user("jxb-clerk"))
    history = {row.unit: row for row in facts_of(Cycle.objects.get(pk=cycle_id)).history}
    grades = {row.subject.code: row for row in Grade.objects.select_related("subject")}
    assert set(history) == set(grades)
    assert all(
        (row.year, row.rank, row.grade) == (2026, grades[code].rank, grades[code].grade)
        for code, row in history.items()
    )
    assert all(str(row.total) == grades[code].total for code, row in history.items())


@pytest.fixture(scope="module")
def whole(small_year: None, django_db_blocker: Any) -> tuple[Pack, Facts]:
    """Rules and facts of the finished year, as plain values."""
    with django_db_blocker.unblock(), moments.undone("archived") as county:
        return rules_of(county.cycle), facts_of(county.cycle)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_figures_survive_the_files(whole: tuple[Pack, Facts], seed: int) -> None:
    """Whatever was measured, voted and surveyed: files and JSON give the same facts and the same result."""
    pack, facts = whole
    draw = random.Random(seed)
    changed = dataclasses.replace(
        facts,
        readings=tuple(
            dataclasses.replace(row, actual=figure(draw)) if isinstance(row.actual, Decimal) else row
            for row in facts.readings
        ),
        ballots=tuple(dataclasses.replace(row, score=percentage(draw)) for row in facts.ballots),
        surveys=tuple(dataclasses.replace(row, satisfaction=percentage(draw)) for row in facts.surveys),
    )
    computed = result(pack, changed)
    assert result(pack, through_files(changed)) == computed
    assert result(pack, facts_from_json(facts_to_json(changed))) == computed
    assert facts_to_json(through_files(changed)) == facts_to_json(changed)


def figure(draw: random.Random) -> Decimal:
    """What somebody may measure: nothing, a little, a lot, with any decimals that the product keeps."""
    return Decimal(draw.choice([0, 1, 10**6, draw.randrange(10**15)])).scaleb(-draw.randrange(7))


def percentage(draw: random.Random) -> Decimal:
    return Decimal(draw.choice([0, 10**6, draw.randrange(10**6)])).scaleb(-4)


def test_the_runs_own_bytes_can_be_scored_again(assessed: County) -> None:
    run_id = scoring.score_cycle(assessed.cycle.pk, cause="年终计分", user_id=assessed.user("jxb-clerk"))
    inputs = zlib.decompress(bytes(ScoringRun.objects.get(pk=run_id).inputs))
    assert result(rules_of(assessed.cycle), facts_from_json(inputs)) == result(
        rules_of(assessed.cycle), facts_of(assessed.cycle)
    )
