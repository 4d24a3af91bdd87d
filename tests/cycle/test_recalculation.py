"""Recalculation: a changed fact makes a new run that names its cause; nothing is lost, nothing rewritten."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import ledger
from cycle.models import Correction, Grade, Proposal, ScoringRun
from cycle.queries.facts import facts_of
from cycle.queries.impact import impact
from cycle.queries.packs import rules_of
from cycle.queries.results import approved_run, recomputed
from cycle.services import corrections, scoring
from policies.scoring import score
from tests import moments
from tests.county import County, refused
from tests.cycle.repairing import FINDING, bar_lifted, claim_of, newest, opened, raised
from tests.workflows import appealing
from tests.workflows.racing import failures, race


def decide(county: County, *made: Correction, words: str = "复核决定") -> ScoringRun | None:
    """Apply corrections in the name of a decision; here the unit's own claim stands for the decision."""
    cause = claim_of(county, "nanniu", "bonus")
    return corrections.apply(cause, made, cause_words=words, by=county.clerk(), at=county.now)


def measured(county: County, actual: str, round: str = "yearend") -> Correction:
    return Correction(indicator=county.indicator("nanniu", "investment"), round=round, actual=actual)


def again(county: County) -> ScoringRun:
    return ledger.service(scoring.recalculate)(
        county.cycle, because_of=None, cause="核对", by=county.clerk(), at=county.now
    )


def test_a_run_names_what_caused_it_and_what_it_changed(feedback: County) -> None:
    run = bar_lifted(feedback)
    assert (run.number, run.cause) == (2, "“统计局否决：社会治安综合治理黄牌警告或一票否决”更正")
    assert run.because_of is not None
    assert run.because_of.kind == "recheck"
    (fact,) = run.changes["facts"]
    assert fact["text"] == "vetoes.csv tongji/public_security/c0003：删除"
    moved = {each["unit"]: each["grade"] for each in run.changes["units"]}
    assert moved == {"tongji": ["qualified", "advanced"], "caizheng": ["advanced", "qualified"]}
    assert run.changes["quotas"] == [
        {"group": "department", "level": "advanced", "title": "先进", "taken": ["统计局"], "lost": ["财政局"]}
    ]
    event = feedback.last_event(f"run/{run.pk}")
    assert event["set"]["because_of"] == str(run.because_of.pk)


def test_the_preview_is_what_comes_of_it(feedback: County) -> None:
    void = Correction(cycle=feedback.cycle, claim=claim_of(feedback, "tongji", "veto"), void=True, note="拟")
    seen = impact(feedback.cycle, [void])
    runs = ScoringRun.objects.count()
    assert [(each.code, each.grade) for each in seen.units] == [
        ("tongji", ("合格", "先进")),
        ("caizheng", ("先进", "合格")),
    ]
    caizheng = seen.of("caizheng")
    assert caizheng is not None
    assert [use.words for use in caizheng.uses] == [
        "不再适用“县委、县政府表彰”",
        "不再适用“奖励在编人员一个月工资（本单位自筹）”",
    ]
    assert [(place.taken, place.lost) for place in seen.places] == [(("统计局",), ("财政局",))]
    assert ScoringRun.objects.count() == runs
    assert seen.of("nanniu") is None
    run = bar_lifted(feedback)
    assert {each["unit"] for each in run.changes["units"]} == {each.code for each in seen.units}


@given(
    actuals=st.lists(
        st.tuples(st.sampled_from(["midyear", "yearend"]), st.integers(0, 2000)), min_size=1, max_size=3
    )
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_totals_are_a_recomputation_from_facts_and_nothing_changed_changes_nothing(
    feedback: County, actuals: list[tuple[str, int]]
) -> None:
    for round, cents in actuals:
        run = decide(feedback, measured(feedback, str(Decimal(cents).scaleb(-2)), round))
    assert run is not None
    computed = score(rules_of(feedback.cycle), facts_of(feedback.cycle)).to_json()
    stored = {row.subject.code: row for row in Grade.objects.filter(run=run).select_related("subject")}
    for unit in computed["units"]:
        row = stored[unit["unit"]]
        assert (unit["total"], unit["rank"], unit["grade"]) == (row.total, row.rank, row.grade)
    second = again(feedback)
    assert (second.inputs_digest, second.result_digest) == (run.inputs_digest, run.result_digest)
    assert (second.changes["facts"], second.changes["units"], second.changes["quotas"]) == ([], [], [])
    assert recomputed(second.pk).to_json() == computed


def test_before_anything_is_scored_a_correction_waits_for_the_first_run(assessed: County) -> None:
    assert decide(assessed, measured(assessed, "12.5")) is None
    run_id = scoring.score_cycle(assessed.cycle.pk, cause="年终计分", user_id=assessed.user("jxb-clerk"))
    assert ScoringRun.objects.get(pk=run_id).changes == {}
    rows = {
        row.round: row.actual
        for row in recomputed(run_id).facts.readings
        if (row.unit, row.indicator) == ("nanniu", "investment")
    }
    assert rows["yearend"] == Decimal("12.5")


def test_without_corrections_nothing_is_computed(feedback: County) -> None:
    assert decide(feedback) is None
    assert ScoringRun.objects.count() == 1


def test_a_value_that_cannot_be_scored_leaves_everything_as_it_was(feedback: County) -> None:
    wrong = Correction(indicator=feedback.indicator("nanniu", "water"), round="yearend", actual="splendid")
    with pytest.raises(Exception, match="^还不能计分：") as caught:
        decide(feedback, wrong)
    assert "水质达标" in str(caught.value)
    assert not Correction.objects.exists()


def test_locked_results_do_not_change(uses: County) -> None:
    ScoringRun.objects.update(locked_at=uses.now)
    sentence = (
        "正定县 2026 年度绩效考核的结果已于 2027 年 2 月 10 日锁定，不能再变更得分。"
        "确有错误的，请按规定另行提请县政府绩效管理工作领导小组研究。"
    )
    with refused(sentence):
        decide(uses, measured(uses, "12"))


def test_results_of_an_archived_year_do_not_change(archived: County) -> None:
    with pytest.raises(Exception, match="锁定，不能再变更得分"):
        decide(archived, measured(archived, "12"))


def test_two_decisions_at_once_are_both_in_the_last_run(small_year: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), moments.committed("feedback") as county:
        points = [
            ("investment", {"lines": {"yearend": {"value": "12"}}}),
            ("water", {"lines": {"yearend": {"value": "poor"}}}),
        ]
        rechecks = []
        for key, form in points:
            recheck = opened(county, indicator_id=county.indicator("nanniu", key).pk)
            county.do(recheck, "measure", finding=FINDING, **form)
            rechecks.append(recheck)
        assert failures(race([partial(county.do, each, "confirm") for each in rechecks])) == []
        run = newest(county)
        assert run.number == 3
        found = {row.indicator: row.actual for row in recomputed(run.pk).facts.readings
                 if (row.unit, row.round) == ("nanniu", "yearend")}  # fmt: skip
        assert (found["investment"], found["water"]) == (Decimal("12"), "poor")
        county.relay()
        assert county.matter("reapproval").run.number == 3


# The newest approved run


def test_an_older_run_approved_late_displaces_nothing(feedback: County) -> None:
    first = approved_run(feedback.cycle)
    raised(feedback, yearend="13")
    assert approved_run(feedback.cycle) == first


# Never rewritten


TABLES = {
    "cycle_scoringrun": "cause = ''",
    "cycle_grade": "total = '100'",
    "cycle_score": "value = '1'",
    "cycle_correction": "actual = '1'",
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("command", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_what_was_computed_or_decided_is_not_rewritten(feedback: County, table: str, command: str) -> None:
    decide(feedback, measured(feedback, "12"))
    with pytest.raises(ProgrammingError, match=f"{table} is immutable"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(command.format(table, TABLES[table]))


def test_a_run_is_locked_once_and_only_that(feedback: County) -> None:
    run = newest(feedback)
    ScoringRun.objects.filter(pk=run.pk).update(locked_at=feedback.now)
    later = feedback.now
    for change in ({"locked_at": None}, {"locked_at": later}, {"cause": "x", "locked_at": later}):
        with pytest.raises(ProgrammingError, match="immutable") as caught, transaction.atomic():
            ScoringRun.objects.filter(pk=run.pk).update(**change)
        assert isinstance(caught.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_a_saved_draft_of_a_decision_is_first_looked_at_once(feedback: County) -> None:
    appealing.served(feedback)
    appeal = appealing.brought_to(feedback, "decide")
    rows = Proposal.objects.filter(pk=appealing.propose(feedback, appeal).pk)
    rows.update(previewed_at=feedback.now)
    for change in ({"previewed_at": feedback.now}, {"reasons": "另一个理由"}):
        with pytest.raises(ProgrammingError, match="immutable"), transaction.atomic():
            rows.update(**change)
