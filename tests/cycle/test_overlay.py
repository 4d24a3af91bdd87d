"""What decisions put in the place of recorded facts is what counts; the record itself stays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cycle.models import Correction, Reading
from cycle.queries.facts import facts_of
from cycle.queries.packs import rules_of
from policies.cases import facts_from_json, facts_to_json
from policies.facts import Facts, ReadingRow
from policies.scoring import score
from tests.county import County
from tests.cycle.repairing import claim_of

NOTE = "复核决定 正绩复〔2027〕1号"


def correction(county: County, code: str = "", key: str = "", round: str = "", **said: Any) -> Correction:
    """A correction that nobody has made yet."""
    indicator = county.indicator(code, key) if key else None
    return Correction(cycle=county.cycle, indicator=indicator, round=round, note=NOTE, **said)


def saved(county: County, made: Correction, minutes: int = 0) -> Correction:
    made.because_of_id = claim_of(county, "nanniu", "bonus").pk
    made.made_at = county.now + dt.timedelta(minutes=minutes)
    made.save(force_insert=True)
    return made


def reading(facts: Facts, code: str, key: str, round: str) -> ReadingRow:
    (found,) = [row for row in facts.readings if (row.unit, row.indicator, row.round) == (code, key, round)]
    return found


def points(county: County, facts: Facts, code: str, key: str, round: str) -> Fraction | None:
    result = score(rules_of(county.cycle), facts).unit(code)
    return result.flat()["indicators"].rounds[round].indicators[key]


def test_the_newest_correction_counts_and_names_the_decision(feedback: County) -> None:
    saved(feedback, correction(feedback, "nanniu", "investment", "yearend", actual="12.9"), 2)
    saved(feedback, correction(feedback, "nanniu", "investment", "yearend", actual="11"), 1)
    row = reading(facts_of(feedback.cycle), "nanniu", "investment", "yearend")
    assert (row.actual, row.score, row.note) == (Decimal("12.9"), None, NOTE)
    other = reading(facts_of(feedback.cycle), "nanniu", "investment", "midyear")
    assert (other.actual, other.last_year) == (Decimal("5.94"), Decimal("5.42"))
    kept = Reading.objects.get(indicator=feedback.indicator("nanniu", "investment"), round="yearend")
    assert kept.actual == "13.64"


def test_a_thought_of_correction_changes_nothing(feedback: County) -> None:
    before = facts_to_json(facts_of(feedback.cycle))
    thought = correction(feedback, "nanniu", "supervision", "midyear", score=Decimal(30))
    assert reading(facts_of(feedback.cycle, [thought]), "nanniu", "supervision", "midyear").score == 30
    assert facts_to_json(facts_of(feedback.cycle)) == before
    assert not Correction.objects.exists()


def test_a_level_is_corrected_to_a_level(feedback: County) -> None:
    thought = correction(feedback, "nanniu", "water", "yearend", actual="poor")
    facts = facts_of(feedback.cycle, [thought])
    assert reading(facts, "nanniu", "water", "yearend").actual == "poor"
    assert points(feedback, facts, "nanniu", "water", "yearend") == 18


def test_a_round_that_nobody_read_gets_the_corrected_value(feedback: County) -> None:
    Reading.objects.filter(indicator=feedback.indicator("nanniu", "investment"), round="midyear").delete()
    thought = correction(feedback, "nanniu", "investment", "midyear", actual="5.9")
    row = reading(facts_of(feedback.cycle, [thought]), "nanniu", "investment", "midyear")
    assert (row.actual, row.last_year) == (Decimal("5.9"), Decimal("5.42"))


@given(decided=st.dictionaries(st.sampled_from(["midyear", "yearend"]), st.integers(0, 3000), min_size=1))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("key", ["investment", "supervision", "water"])
def test_decided_points_are_the_points_whatever_the_method(
    feedback: County, key: str, decided: dict[str, int]
) -> None:
    """Measured, judged or graded, with a target of its own for the half-year or not; the rest stays."""
    before = facts_of(feedback.cycle)
    thought = [
        correction(feedback, "nanniu", key, round, score=Decimal(cents).scaleb(-2))
        for round, cents in decided.items()
    ]
    facts = facts_of(feedback.cycle, thought)
    for round in ("midyear", "yearend"):
        expected = (
            Fraction(decided[round], 100)
            if round in decided
            else points(feedback, before, "nanniu", key, round)
        )
        assert points(feedback, facts, "nanniu", key, round) == expected
    assert facts_from_json(facts_to_json(facts)) == facts_from_json(facts_to_json(facts))
    others = [row for row in facts.readings if (row.unit, row.indicator) != ("nanniu", key)]
    assert others == [row for row in before.readings if (row.unit, row.indicator) != ("nanniu", key)]


def test_a_void_deduction_and_a_void_veto_no_longer_count(feedback: County) -> None:
    thought = [
        correction(feedback, claim=claim_of(feedback, "caizheng", "deduction"), void=True),
        correction(feedback, claim=claim_of(feedback, "tongji", "veto"), void=True),
    ]
    facts = facts_of(feedback.cycle, thought)
    assert [(row.unit, row.kind) for row in facts.adjustments] == [("nanniu", "bonus")]
    assert facts.vetoes == ()


def test_a_rejected_bonus_counts_once_a_decision_recognises_it(assessment: County) -> None:
    claim = claim_of(assessment, "nanniu", "bonus")
    type(claim).objects.filter(pk=claim.pk).update(state="rejected")
    claim = claim_of(assessment, "nanniu", "bonus")
    assert not [row for row in facts_of(assessment.cycle).adjustments if row.kind == "bonus"]
    thought = correction(assessment, claim=claim, count=2)
    (row,) = [each for each in facts_of(assessment.cycle, [thought]).adjustments if each.kind == "bonus"]
    assert (row.unit, row.item, row.count, row.evidence) == (
        "nanniu", "city_commendation", 2, f"{claim.key}，{NOTE}",
    )  # fmt: skip
