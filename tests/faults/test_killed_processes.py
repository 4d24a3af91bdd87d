"""A process is killed after each single statement of its work: all of it is there afterwards, or nothing."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from audit.models import Event, Outbox
from cycle.models import Ballot, Indicator, Matter, ReportLine
from cycle.services import stages
from tests import moments
from tests.county import County, fingerprint
from tests.faults.crashing import killed
from workflows.models import Process, WorkItem
from workflows.queries.reconciling import reconcile
from workflows.services import relaying, tasks

Do = Callable[[County], tuple[Callable[[], object], Callable[[], bool]]]


def a_declaration(county: County) -> tuple[Callable[[], object], Callable[[], bool]]:
    item = county.item(county.matter("sheet", unit="nanniu"))
    lines = {
        str(each.pk): {"measures": "逐月调度。"} for each in Indicator.objects.filter(subject__code="nanniu")
    }
    user_id = county.user("nanniu-handler")
    return (
        lambda: tasks.complete(item.pk, user_id=user_id, form={"lines": lines}),
        lambda: county.matter("sheet", unit="nanniu").state == "declared",
    )


def the_last_of_a_joint_step(county: County) -> tuple[Callable[[], object], Callable[[], bool]]:
    report = county.matter("report", unit="nanniu", key="m01")
    lines = {str(line.pk): {"value": "1"} for line in ReportLine.objects.filter(report=report)}
    county.do(report, "fill", lines=lines)
    county.do(report, "approve")
    items = list(WorkItem.objects.filter(matter=report.pk, step="verify").select_related("office"))
    for item in items[1:]:
        county.do_item(item, lines={})
    last, user_id = items[0].pk, county.holder(items[0].office).user
    return (
        lambda: tasks.complete(last, user_id=user_id, form={"lines": {}}),
        lambda: county.matter("report", unit="nanniu", key="m01").state == "verified",
    )


def a_vote(county: County) -> tuple[Callable[[], object], Callable[[], bool]]:
    office = county.office("county_leader", "xianzhang")
    turnout = county.matter("turnout", key="m01", office=office)
    item, user_id = county.item(turnout), county.holder(office).user
    return (
        lambda: tasks.complete(item.pk, user_id=user_id, form={"scores": {"zhujian": "90"}}),
        lambda: Ballot.objects.filter(score=90).count() == 1,
    )


def a_stage(county: County) -> tuple[Callable[[], object], Callable[[], bool]]:
    cycle_id, chief = county.cycle.pk, county.user("jxb-chief")
    return (
        lambda: stages.open_stage(cycle_id, "indicator_setting", user_id=chief),
        lambda: Matter.objects.filter(kind="sheet").count() == 5,
    )


def a_message(county: County) -> tuple[Callable[[], object], Callable[[], bool]]:
    stages.open_stage(county.cycle.pk, "indicator_setting", user_id=county.user("jxb-chief"))
    message = Outbox.objects.get(topic="matters.opened", done_at__isnull=True)
    return (
        lambda: relaying.deliver(message.pk),
        lambda: Process.objects.count() == 5 and Outbox.objects.get(pk=message.pk).done_at is not None,
    )


@pytest.fixture
def _unblocked(small_year: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.mark.usefixtures("_unblocked")
@pytest.mark.parametrize(
    ("moment", "prepare"),
    [
        ("setting", a_declaration),
        ("monitoring", the_last_of_a_joint_step),
        ("monitoring", a_vote),
        ("preparation", a_stage),
        ("preparation", a_message),
    ],
)
def test_killed_after_any_statement_nothing_is_half_done(moment: str, prepare: Do) -> None:
    with moments.committed(moment) as county:
        command, is_done = prepare(county)
        before, events, statement = fingerprint(), Event.objects.count(), 0
        death = None
        while death is None or not death.acknowledged:
            statement += 1
            death = killed(command, after=statement)
            if not death.acknowledged:
                assert fingerprint() == before, f"half done after statement {statement}"
                assert Event.objects.count() == events
        assert statement > 5, "too few statements: was anything done at all?"
        assert is_done(), "it was acknowledged and is not there"
        assert Event.objects.count() > events
        assert [finding for finding in reconcile() if finding.count] == []


@pytest.mark.usefixtures("_unblocked")
def test_the_next_person_is_not_kept_waiting_by_a_dead_one() -> None:
    """The dead process's locks end with its session: the same task can be done at once."""
    with moments.committed("setting") as county:
        command, is_done = a_declaration(county)
        assert not killed(command, after=4).acknowledged
        command()
        assert is_done()


@pytest.mark.usefixtures("_unblocked")
def test_what_a_dead_handler_left_is_delivered_by_the_next() -> None:
    with moments.committed("preparation") as county:
        command, is_done = a_message(county)
        assert not killed(command, after=6).acknowledged
        assert not is_done()
        county.relay()
        assert is_done()
        assert WorkItem.objects.filter(step="declare", state="open").count() == 5
        assert Outbox.objects.filter(done_at__isnull=True).count() == 0
