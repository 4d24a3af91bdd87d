"""The rehearsal in short: the same scheme with three units lives the whole year, day by day."""

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.plugin import DjangoDbBlocker

from audit import clock
from audit.models import Event
from cycle.models import Consequence, Cycle, Grade, Matter, Rectification, ScoringRun
from cycle.queries.packs import rules_of
from offices.models import User
from policies.cases import read_case
from policies.scoring import score
from tests import databases, moments
from tests.small_county import edition
from workflows.models import Process, WorkItem
from workflows.nodes import LAPSE
from workflows.rehearsal import county, outcome
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.year import Year, live

MEMBERS = {"township": ["南牛乡"], "department": ["审计局"], "heritage": ["住建局"]}
START = dt.date(2026, 1, 4)
DRAWN = {
    "appeal",
    "change_notice",
    "extension",
    "interview",
    "reapproval",
    "recheck",
    "recusal",
}
"""What happens in some years and not in others: the seed decides."""


def begin(seed: int) -> Year:
    """The county on the first days of January, nothing done yet."""
    clock.move_to(clock.at(START, 8, 30))
    county.people("zhengding", since=dt.date(2025, 1, 1), password="rehearsal")
    cycle = county.prepare_cycle("zhengding", 2026, edition(MEMBERS))
    return Year(cycle, Chance(seed), "zhengding", "rehearsal")


@contextmanager
def elsewhere() -> Iterator[None]:
    """A database in which nothing has happened, thrown away with whatever does.

    Everything is committed as it is in real life: a year within one transaction would be no rehearsal.
    """
    with databases.visit("empty", fresh=True):
        moments.forget()
        yield
    moments.forget()


def lived(seed: int, folder: Path) -> dict[str, bytes]:
    """Live the year with a seed; return the exported case and the result as files."""
    with elsewhere():
        year = begin(seed)
        live([year], start=START)
        cycle = Cycle.objects.get()
        outcome.export_case(cycle, folder)
        found = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        assert outcome.scores_agree(cycle, folder)
        rescored = score(rules_of(cycle), read_case(folder).facts).to_json()
        stored = {row.subject.code: row.total for row in Grade.objects.select_related("subject")}
        assert {unit["unit"]: unit["total"] for unit in rescored["units"]} == stored
        assert_year_is_whole(cycle, year)
    return found | {"result": repr(rescored).encode()}


def assert_year_is_whole(cycle: Cycle, year: Year) -> None:
    """Everything that belongs to a year has happened, and nothing is left over."""
    assert cycle.state == "archived"
    assert not WorkItem.objects.filter(state="open").exists()
    assert not Process.objects.filter(status="NEW").exists()
    kinds = set(Matter.objects.values_list("kind", flat=True))
    assert kinds - DRAWN == {
        "adjustment",
        "sheet",
        "report",
        "compilation",
        "self_assessment",
        "collection",
        "turnout",
        "survey",
        "claim",
        "publication",
        "approval",
        "feedback",
        "consequence",
        "rectification",
    }
    assert set(Rectification.objects.values_list("state", flat=True)) == {"closed"}
    assert Consequence.objects.exclude(state="evaluated").count() == 0
    lapsed = WorkItem.objects.filter(outcome=LAPSE).count()  # a publicity ends by itself
    assert year.done == WorkItem.objects.filter(state="done").count() - lapsed
    assert year.returned > 0
    assert year.late > 0
    assert Event.objects.filter(type__startswith="deadline.").exists()
    assert ScoringRun.objects.latest("number").policy == cycle.policy_id
    posts = set(Event.objects.values_list("actor_name", flat=True).distinct())
    assert all(name == "系统" or name.startswith("演示·") for name in posts)


@pytest.mark.usefixtures("small_year")
def test_one_seed_twice_is_one_year_and_two_seeds_are_two(
    django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> None:
    """Three lives in one test, so that no second process of the run lives them again."""
    with django_db_blocker.unblock():
        first, again, other = (lived(seed, tmp_path / f"case-{n}") for n, seed in enumerate((1, 1, 2)))
    assert list(first) == list(again)
    for name, content in first.items():
        assert again[name] == content, name
    for name in ("readings.csv", "ballots.csv", "result"):
        assert first[name] != other[name], name
    assert first["indicators.csv"] == other["indicators.csv"]


@pytest.mark.usefixtures("small_year")
def test_until_a_day_the_year_is_alive(django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), elsewhere():
        live([begin(1)], start=START, until=dt.date(2026, 3, 5))
        cycle = Cycle.objects.get()
        assert cycle.state == "monitoring"
        assert WorkItem.objects.filter(state="open").exists()
        assert clock.local_date(clock.now()) == dt.date(2026, 3, 5)
        assert Matter.objects.filter(kind="report", key="m02").exists()
        assert not Matter.objects.filter(kind="report", key="m03").exists()


@pytest.mark.usefixtures("small_year")
def test_a_year_that_is_stuck_is_reported(django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), elsewhere():
        year = begin(1)
        User.objects.filter(username="jxb-chief").update(is_active=False)
        with pytest.raises(Exception, match="此事项由县绩效办的负责人办理"):
            live([year], start=START)


def rehearse(**options: object) -> str:
    out = io.StringIO()
    call_command("rehearse", "zhengding", stdout=out, **options)
    return out.getvalue()


def test_a_production_system_is_never_rehearsed(preparation: object, settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="^生产环境不能演练：演练会移动业务时钟并写入演示数据。$"):
        rehearse()
    assert Cycle.objects.count() == 1


def test_the_same_year_is_rehearsed_once(preparation: object) -> None:
    sentence = "^2026 年度已有考核周期，请换一个年度（--year）或者换一个数据目录（DATA_DIR）。$"
    with pytest.raises(CommandError, match=sentence):
        rehearse(year=2026)
    assert Cycle.objects.count() == 1


@pytest.mark.parametrize("day", ["2026-13-01", "明天", "2026/9/15"])
def test_until_is_a_date(preparation: object, day: str) -> None:
    with pytest.raises(CommandError, match=f"日期“{day}”无效，请写成 2026-09-15 这样的形式。"):
        call_command("rehearse", "zhengding", "--until", day)


def test_a_scheme_that_is_not_there_is_named(preparation: object) -> None:
    with pytest.raises(CommandError, match="invalid choice: 'atlantis'"):
        call_command("rehearse", "atlantis")


@pytest.mark.usefixtures("small_year")
def test_the_command_sets_up_the_whole_county(django_db_blocker: DjangoDbBlocker) -> None:
    """Two days of the full scheme: 48 units by name, their sheets on their desks."""
    with django_db_blocker.unblock(), elsewhere():
        text = rehearse(year=2026, seed=3, until=dt.date(2026, 1, 5))
        assert Cycle.objects.get().subjects.count() == 48
        assert Matter.objects.filter(kind="sheet").count() == 48
        assert "本年度还没有计分。" in text
        assert "办理任务" in text
