"""Appeals at the same moment: a decision meets a withdrawal, two decisions or two drafts meet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from audit.models import Event
from audit.refusals import NotPossible
from cycle.models import Appeal, Correction
from cycle.queries.results import latest_run, recomputed
from tests import moments
from tests.county import County
from tests.workflows.appealing import FACTS, REQUEST, brought_to, fresh, opened, point_id, served
from tests.workflows.racing import failures, race
from workflows.models import Process
from workflows.rehearsal.deeds import holder
from workflows.services import appealing, tasks

pytestmark = pytest.mark.usefixtures("small_year")


@pytest.fixture
def county(django_db_blocker: Any) -> Iterator[County]:
    with django_db_blocker.unblock(), moments.committed("feedback") as found:
        served(found)
        yield found


def decision(county: County, appeal: Appeal) -> Any:
    item = county.item(appeal, "approve")
    return partial(tasks.complete, item.pk, user_id=holder(item))


def test_a_decision_and_a_withdrawal_meet(county: County) -> None:
    for title in ("督查落实", "水质达标"):
        appeal = brought_to(county, "approve", title=title, outcome="uphold")
        withdrawal = partial(
            appealing.withdraw, appeal.pk, why="核对一致。", user_id=county.user("nanniu-head")
        )
        (refused,) = failures(race([decision(county, appeal), withdrawal]))
        assert isinstance(refused, NotPossible)
        found = fresh(appeal)
        if found.state == "decided":
            assert str(refused) == "本案已决定，待签收，不能再撤回。"
        else:
            assert found.state == "withdrawn"
            assert str(refused).startswith("这项任务已取消")
            assert found.number == ""
        assert Process.objects.get(matter=appeal.pk).status in ("NEW", "CANCELED")


def test_two_decisions_on_one_unit_both_count(county: County) -> None:
    appeals = [brought_to(county, "approve", title=title) for title in ("督查落实", "固定资产投资")]
    assert failures(race([decision(county, each) for each in appeals])) == []
    run = latest_run(county.cycle)
    assert run is not None
    assert run.number == 3
    readings = {
        (each.indicator, each.round): each
        for each in recomputed(run.pk).facts.readings
        if each.unit == "nanniu"
    }
    corrected = Correction.objects.select_related("indicator")
    assert corrected.count() == 3
    for each in corrected:
        reading = readings[each.indicator.key, each.round]  # type: ignore[union-attr]
        assert (str(reading.actual or ""), reading.score) == (each.actual, each.score)
    numbers = sorted(Appeal.objects.exclude(number="").values_list("number", flat=True))
    assert numbers == ["正绩复〔2027〕1号", "正绩复〔2027〕2号"]


def test_one_point_is_contested_once_however_fast_the_fingers(county: County) -> None:
    point = point_id(county)
    draft = partial(
        appealing.open_and_start, county.unit("nanniu").pk, point=point, ground="fact", facts=FACTS,
        request=REQUEST, user_id=county.user("nanniu-handler"),
    )  # fmt: skip
    assert len(failures(race([draft, draft, draft]))) == 2
    assert Appeal.objects.count() == 1


def test_the_ledger_of_a_contested_case_has_no_gap(county: County) -> None:
    appeal = opened(county)
    file = partial(tasks.complete, county.item(appeal).pk, user_id=county.user("nanniu-handler"))
    assert len(failures(race([file, file]))) == 1
    numbers = Event.objects.filter(stream=appeal.stream).values_list("seq", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
