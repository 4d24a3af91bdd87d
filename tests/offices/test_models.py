"""What the database holds about people, offices and leaders."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from cycle.models import Cycle, Turnout
from cycle.queries.ballots import voters_units
from offices.models import LeaderAssignment, Office, Organisation, Posting, User
from tests.workflows import county

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 10)
HANDLER, HEAD = Posting.Role.HANDLER, Posting.Role.HEAD


def day(offset: int) -> dt.date:
    return DAY + dt.timedelta(days=offset)


@pytest.fixture
def office() -> Office:
    return make_office("nanniu")


@pytest.fixture
def person() -> User:
    return User.objects.create_user("person", name="演示·某经办员")


def make_office(code: str, capacity: str = "unit") -> Office:
    organisation, _ = Organisation.objects.get_or_create(
        code=code, defaults={"title": code, "short_title": code, "level": "township", "kind": "township"}
    )
    return Office.objects.create(organisation=organisation, capacity=capacity, title=f"{code} {capacity}")


def seat(person: User, office: Office, since: int, until: int | None, role: str = HANDLER) -> Posting:
    last = None if until is None else day(until)
    return Posting.objects.create(user=person, office=office, role=role, since=day(since), until=last)


def refused(constraint: str) -> Any:
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("since", "until"),
    [(0, 30), (10, 20), (-10, 0), (30, 60), (-10, 60), (30, None), (-10, None), (0, 0), (30, 30)],
)
def test_nobody_sits_twice_in_one_office_and_role(
    person: User, office: Office, since: int, until: int | None
) -> None:
    """From 0 to 30, both days included: every overlap is refused, also of a single day."""
    seat(person, office, 0, 30)
    with refused("offices_posting_no_overlap"), transaction.atomic():
        seat(person, office, since, until)
    assert Posting.objects.count() == 1


def test_an_open_posting_leaves_no_room_after_it(person: User, office: Office) -> None:
    seat(person, office, 0, None)
    with refused("offices_posting_no_overlap"), transaction.atomic():
        seat(person, office, 5000, None)
    seat(person, office, -30, -1)


def test_postings_may_follow_each_other(person: User, office: Office) -> None:
    seat(person, office, 0, 30)
    seat(person, office, 31, None)
    seat(person, office, -30, -1)
    assert Posting.objects.count() == 3


def test_a_posting_cannot_be_stretched_into_the_next(person: User, office: Office) -> None:
    first = seat(person, office, 0, 30)
    seat(person, office, 31, None)
    first.until = day(31)
    with refused("offices_posting_no_overlap"), transaction.atomic():
        first.save()


def test_several_offices_and_capacities_at_once_are_lawful(person: User, office: Office) -> None:
    """兼任: in two offices, as handler and as head of one; and an office has several people."""
    seat(person, office, 0, None)
    seat(person, make_office("nanniu", "collector"), 0, None)
    seat(person, make_office("xinan"), 0, None)
    seat(person, office, 0, None, HEAD)
    seat(User.objects.create_user("other", name="演示·另一人"), office, 0, None)
    assert Posting.objects.count() == 5


def test_a_posting_does_not_end_before_it_begins(person: User, office: Office) -> None:
    seat(person, office, 0, 0)
    with refused("offices_posting_dates"), transaction.atomic():
        seat(person, office, 10, 9)


def test_a_role_is_handler_or_head(person: User, office: Office) -> None:
    with refused("offices_posting_role"), transaction.atomic():
        seat(person, office, 0, None, "boss")


def test_people_and_offices_in_use_are_kept(person: User, office: Office) -> None:
    seat(person, office, 0, 1)
    for row in (person, office, office.organisation):
        with pytest.raises(ProtectedError):
            row.delete()


@pytest.mark.parametrize("again", ["Person", "PERSON", " person "])
def test_a_username_is_one_whatever_its_case(person: User, again: str) -> None:
    with refused("offices_user_username"), transaction.atomic():
        User.objects.create_user(again, name="演示·冒名")
    assert User.objects.get_by_natural_key("PerSon") == person


def test_an_account_without_a_password_cannot_sign_in(person: User) -> None:
    assert not person.has_usable_password()
    assert not person.check_password("")


def test_an_organisation_has_one_office_in_a_capacity(office: Office) -> None:
    with refused("offices_office_capacity"), transaction.atomic():
        make_office("nanniu")


def test_an_organisation_is_not_its_own_parent(office: Office) -> None:
    body = office.organisation
    body.parent = body
    with refused("offices_org_no_self"), transaction.atomic():
        body.save()


# --- leaders ------------------------------------------------------------------------------------------------


def assign(leader: Office, unit: Organisation, **changes: Any) -> LeaderAssignment:
    values = {"kind": "charge", "since": DAY, "until": None} | changes
    return LeaderAssignment.objects.create(leader=leader, unit=unit, **values)


def test_an_assignment_stands_once_from_a_day(office: Office) -> None:
    leader = make_office("xianzhang", "county_leader")
    assign(leader, office.organisation)
    with refused("offices_leader_once"), transaction.atomic():
        assign(leader, office.organisation)
    assign(leader, office.organisation, kind="liaison")
    assign(leader, office.organisation, since=day(1))
    with refused("offices_leader_dates"), transaction.atomic():
        assign(leader, office.organisation, since=day(9), until=day(8))


def voters_of(cycle: Cycle, leader: Office) -> set[str]:
    turnout = Turnout(cycle=cycle, kind="turnout", office=leader, key="midyear", state="invited")
    return {unit.code for unit in voters_units(turnout)}


@pytest.mark.parametrize(
    ("since", "until", "votes"),
    [
        (dt.date(2026, 1, 1), None, True),
        (dt.date(2026, 6, 30), dt.date(2026, 6, 30), True),
        (dt.date(2026, 1, 1), dt.date(2026, 6, 29), False),
        (dt.date(2026, 7, 1), None, False),
    ],
)
def test_a_leader_votes_on_the_units_in_charge_on_the_rounds_last_day(
    since: dt.date, until: dt.date | None, votes: bool
) -> None:
    cycle = county.prepared()
    leader = Office.objects.get(capacity="county_leader", organisation__code="nongyefuxianzhang")
    LeaderAssignment.objects.filter(leader=leader).delete()
    assert voters_of(cycle, leader) == set()
    assign(leader, Organisation.objects.get(code="nanniu"), since=since, until=until)
    assert voters_of(cycle, leader) == ({"nanniu"} if votes else set())
