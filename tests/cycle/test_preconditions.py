"""What the office's page says beforehand is what the services then do."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import transaction

from audit import clock
from audit.refusals import Refusal
from cycle.models import Grade
from cycle.queries.gates import obstacles, open_matters
from cycle.queries.preconditions import NEXT, holds, ties, to_approve, to_go_on, to_publish, to_score
from cycle.queries.results import latest_run
from cycle.services import approvals, publicity, scoring, stages, waivers
from tests.county import County
from tests.small_county import MOMENTS, publish, tie_townships, work
from workflows.models import WorkItem


@pytest.fixture(params=MOMENTS)
def county(request: pytest.FixtureRequest) -> County:
    """The county at each moment of its year."""
    found: County = request.getfixturevalue(request.param)
    return found


def succeeds(command: Callable[[], object]) -> bool:
    """Whether a command is accepted; it is undone."""
    with transaction.atomic():
        try:
            command()
        except Refusal:
            return False
        finally:
            transaction.set_rollback(True)
    return True


def go_on(county: County) -> None:
    target = NEXT.get(county.cycle.state)
    chief = county.user("jxb-chief")
    if target is None:
        stages.archive(county.cycle.pk, user_id=chief)
    else:
        stages.open_stage(county.cycle.pk, target.value, user_id=chief)


def agree(county: County) -> None:
    """Every condition says what its service says."""
    cycle, clerk = county.cycle, county.user("jxb-clerk")
    today = clock.local_date(county.now)
    if cycle.state != "archived":
        assert holds(to_go_on(cycle, today)) == succeeds(lambda: go_on(county)), to_go_on(cycle, today)
    scored = succeeds(lambda: scoring.score_cycle(cycle.pk, cause="x", user_id=clerk))
    assert not scored or holds(to_score(cycle)), "it can be scored, and the page says no"
    assert cycle.state == "assessment" or not scored
    if cycle.state == "assessment":
        published = succeeds(lambda: publicity.prepare(cycle.pk, user_id=clerk))
        assert holds(to_publish(cycle)) == published, to_publish(cycle)
        approved = succeeds(lambda: approvals.open_approval(cycle.pk, user_id=clerk))
        assert holds(to_approve(cycle)) == approved, to_approve(cycle)


def test_conditions_and_services_agree(county: County) -> None:
    agree(county)


def test_they_agree_through_the_decisions_of_the_assessment(assessed: County) -> None:
    county, clerk = assessed, assessed.user("jxb-clerk")
    scoring.score_cycle(county.cycle.pk, cause="年终计分", user_id=clerk)
    agree(county)
    publicity.prepare(county.cycle.pk, user_id=clerk)
    county.relay()
    agree(county)
    county.move_to(dt.date(2027, 2, 10))
    work_once(county)
    agree(county)
    county.move_to(dt.date(2027, 4, 10))
    work(county.cycle)
    agree(county)
    approvals.open_approval(county.cycle.pk, user_id=clerk)
    county.relay()
    agree(county)
    work(county.cycle)
    agree(county)


def test_a_tie_holds_up_the_publicity(assessed: County) -> None:
    tie_townships()
    scoring.score_cycle(assessed.cycle.pk, cause="年终计分", user_id=assessed.user("jxb-clerk"))
    agree(assessed)
    assert not holds(to_publish(assessed.cycle))
    (tie,) = ties(latest_run(assessed.cycle))
    assert (tie.group, tie.level) == ("township", "advanced")
    assert [grade.subject.code for grade in tie.units] == ["nanniu", "xinchengpu"]


def work_once(county: County) -> None:
    """The lists are shown; nobody has closed them yet."""
    for item in WorkItem.objects.filter(flow="publicity", step="publish", state="open"):
        county.do_item(item)


def test_a_waived_matter_is_counted_apart(setting: County) -> None:
    late = setting.matter("sheet", unit="zhujian")
    member = setting.user("lingdaoxiaozu-head")
    waivers.grant(late.pk, why="受灾。", until=dt.date(2026, 3, 1), user_id=member)
    (condition,) = to_go_on(setting.cycle, dt.date(2026, 1, 6))
    assert condition.text == "“指标设置”还有 4 项没有办完，另有 1 项已豁免"
    assert len(obstacles(setting.cycle)) == 4
    assert len(open_matters(setting.cycle, "indicator_setting")) == 5


def test_without_ties_nothing_waits_for_a_decision(assessed: County) -> None:
    assert ties(None) == []
    publish(assessed.cycle)
    run = latest_run(assessed.cycle)
    assert ties(run) == []
    assert not Grade.objects.filter(run=run, grade="").exists()
