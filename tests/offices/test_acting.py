"""Who may act for an office at this moment: by posting, by day, by role."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.actor import Actor
from audit.ids import uuid7
from audit.refusals import NotAllowed, NotPossible
from offices.models import Office, Organisation, Posting, User
from offices.queries.acting import acting, acting_as
from offices.queries.directory import forget, holders, office_of, postings_on

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 3, 2), dt.date(2026, 3, 31)
ONE_SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def county() -> Organisation:
    forget()
    return Organisation.objects.create(
        code="zhengding", title="正定县", short_title="正定县", level="county", kind="government"
    )


@pytest.fixture
def office(county: Organisation) -> Office:
    body = Organisation.objects.create(
        code="jixiaoban",
        title="县绩效办",
        short_title="县绩效办",
        parent=county,
        level="county",
        kind="department",
    )
    return Office.objects.create(organisation=body, capacity="performance_office", title="县绩效办")


@pytest.fixture
def person() -> User:
    return User.objects.create_user("clerk", name="演示·县绩效办经办员")


@pytest.fixture
def posting(person: User, office: Office) -> Posting:
    """A posting for March; the clock stands in its middle."""
    clock.move_to(clock.at(dt.date(2026, 3, 16), 9))
    return Posting.objects.create(user=person, office=office, role="handler", since=FIRST, until=LAST)


def test_an_actor_carries_ids_and_names(posting: Posting, person: User, office: Office) -> None:
    actor, at = acting(person.pk, office.pk)
    assert actor == Actor(person.pk, "演示·县绩效办经办员", office.pk, "县绩效办", "handler")
    assert abs(at - clock.now()) < dt.timedelta(seconds=5)


def test_it_takes_one_statement(posting: Posting, person: User, office: Office) -> None:
    with CaptureQueriesContext(connection) as seen:
        acting(person.pk, office.pk)
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (clock.at(FIRST) - ONE_SECOND * 60, False),
        (clock.at(FIRST), True),
        (clock.at(FIRST, 9), True),
        (clock.at(LAST, 9), True),
        (clock.end_of(LAST) - ONE_SECOND * 60, True),
        (clock.end_of(LAST), False),
    ],
    ids=["minute before", "first midnight", "first day", "last day", "last minute", "midnight after"],
)
def test_from_midnight_of_the_first_day_to_midnight_of_the_last(
    posting: Posting, person: User, office: Office, moment: dt.datetime, allowed: bool
) -> None:
    """Midnight of Shanghai, eight hours before that of the database."""
    clock.move_to(moment)
    if allowed:
        assert acting(person.pk, office.pk)[0].user_id == person.pk
        return
    with pytest.raises(NotAllowed, match="由县绩效办的工作人员办理，你目前没有这一任职"):
        acting(person.pk, office.pk)


def test_an_open_posting_has_no_last_day(posting: Posting, person: User, office: Office) -> None:
    Posting.objects.update(until=None)
    clock.move_to(clock.at(dt.date(2099, 1, 1)))
    assert acting(person.pk, office.pk)[0].role == "handler"


def test_the_role_that_is_asked_for(posting: Posting, person: User, office: Office) -> None:
    with pytest.raises(NotAllowed, match="由县绩效办的负责人办理"):
        acting(person.pk, office.pk, role="head")
    Posting.objects.update(role="head")
    with pytest.raises(NotAllowed, match="由县绩效办的经办人员办理"):
        acting(person.pk, office.pk, role="handler")
    assert acting(person.pk, office.pk, role="head")[0].role == "head"


def test_who_is_both_acts_as_head_unless_asked_otherwise(
    posting: Posting, person: User, office: Office
) -> None:
    Posting.objects.create(user=person, office=office, role="head", since=FIRST)
    assert acting(person.pk, office.pk)[0].role == "head"
    assert acting(person.pk, office.pk, role="handler")[0].role == "handler"


def test_a_posting_elsewhere_does_not_count(posting: Posting, person: User, office: Office) -> None:
    other = Office.objects.create(
        organisation=office.organisation, capacity="unit", title="县绩效办（被考核）"
    )
    with pytest.raises(NotAllowed, match="由县绩效办（被考核）的工作人员办理"):
        acting(person.pk, other.pk)


def test_the_deactivated_the_unknown_and_the_missing(posting: Posting, person: User, office: Office) -> None:
    with pytest.raises(NotAllowed):
        acting(uuid7(), office.pk)
    with pytest.raises(NotAllowed, match="由该办事机构的工作人员办理"):
        acting(person.pk, uuid7())
    User.objects.update(is_active=False)
    with pytest.raises(NotAllowed):
        acting(person.pk, office.pk)


def test_by_capacity(posting: Posting, person: User, office: Office, county: Organisation) -> None:
    assert acting_as(person.pk, county.pk, "performance_office")[0].office_id == office.pk
    with pytest.raises(NotPossible, match="没有设立承担“auditor”职责的机构"):
        acting_as(person.pk, county.pk, "auditor")
    with pytest.raises(NotAllowed):
        acting_as(person.pk, county.pk, "performance_office", role="head")


def test_a_capacity_held_twice_is_a_question_not_a_guess(office: Office, county: Organisation) -> None:
    Office.objects.create(organisation=county, capacity="performance_office", title="另一个绩效办")
    with pytest.raises(NotPossible, match="设立了不止一个承担“performance_office”职责的机构"):
        office_of(county.pk, "performance_office")


def test_an_office_set_up_later_is_found(county: Organisation) -> None:
    """Only hits are remembered."""
    with pytest.raises(NotPossible):
        office_of(county.pk, "auditor")
    made = Office.objects.create(organisation=county, capacity="auditor", title="县绩效监督组")
    assert office_of(county.pk, "auditor") == made.pk


def test_another_countys_office_is_not_ours(office: Office, county: Organisation) -> None:
    other = Organisation.objects.create(
        code="gaocheng", title="藁城", short_title="藁城", level="county", kind="government"
    )
    with pytest.raises(NotPossible, match="没有设立"):
        office_of(other.pk, "performance_office")
    assert office_of(county.pk, "performance_office") == office.pk


def test_who_holds_a_seat_on_a_day(posting: Posting, person: User, office: Office) -> None:
    inside, after = dt.date(2026, 3, 31), dt.date(2026, 4, 1)
    assert holders(office.pk, inside) == [person]
    assert holders(office.pk, inside, "head") == []
    assert holders(office.pk, after) == []
    assert postings_on(person, FIRST) == [posting]
    assert postings_on(person, FIRST - dt.timedelta(days=1)) == []
    User.objects.update(is_active=False)
    assert holders(office.pk, inside) == []
