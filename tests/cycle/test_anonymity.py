"""Nobody can tell whose a ballot was: not by its columns, its place, its transaction or the ledger."""

from collections import Counter

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from audit.actor import SYSTEM
from audit.models import Event
from cycle.models import Ballot, Subject
from cycle.services import ballots
from tests import moments
from tests.county import County
from tests.cycle.voting import MAIN, cast, confirm, enter, posts, scores, turnout

NUMBERS = ("97.3131", "96.1717")


def test_a_ballot_has_nothing_that_leads_to_a_voter() -> None:
    """What a ballot is made of: nothing about a person, a time, an order or a request."""
    assert {field.attname for field in Ballot._meta.concrete_fields} == {
        "id",
        "cycle_id",
        "subject_id",
        "component",
        "round",
        "voter_kind",
        "score",
    }
    related = {field.related_model for field in Ballot._meta.get_fields() if field.is_relation}
    assert related == {Ballot.cycle.field.related_model, Subject}


def test_keys_of_ballots_are_random(assessment: County) -> None:
    """A version-4 key: a time-ordered one would say in which order they were cast."""
    cast(assessment, MAIN)
    assert {row.pk.version for row in Ballot.objects.filter(round="yearend")} == {4}


def test_no_event_or_message_tells_a_score(assessment: County) -> None:
    found = turnout(assessment, MAIN)
    enter(assessment, found, scores(found, NUMBERS[0]))
    confirm(assessment, found, scores(found, NUMBERS[0]))
    cast(assessment, value=NUMBERS[1])
    assessment.relay()
    for number in NUMBERS:
        assert Ballot.objects.filter(score=number).exists()
        assert not Event.objects.filter(body__contains=number).exists()
        assert tables_that_say(number) == {"cycle_ballot"}


def tables_that_say(text: str) -> set[str]:
    """Every table in which some row contains a text, whatever the column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE strpos(t::text, %s) > 0", [text])  # noqa: S608
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def test_an_open_paper_waits_in_one_place_only(assessment: County) -> None:
    found = turnout(assessment, MAIN)
    enter(assessment, found, scores(found, NUMBERS[0]))
    assert tables_that_say(NUMBERS[0]) == {"cycle_paperballot"}


@pytest.mark.usefixtures("small_year")
def test_a_sealed_round_has_one_transaction_and_no_order(django_db_blocker: DjangoDbBlocker) -> None:
    """Before the seal each vote has its own transaction number; afterwards all have the same, shuffled."""
    with django_db_blocker.unblock(), moments.committed("assessment") as county:
        order = posts(county)
        for place, post in enumerate(order):
            cast(county, post, value=str(80 + place))
        assert len(set(traces("xmin"))) == len(order)
        before = by_place()
        assert ballots.seal_round(county.cycle.pk, "yearend", by=SYSTEM)
        assert len(set(traces("xmin"))) == 1
        after = by_place()
        assert Counter(score for _, score in after) == Counter(score for _, score in before)
        assert {key for key, _ in after}.isdisjoint({key for key, _ in before})
        assert [score for _, score in after] != sorted(score for _, score in after)
        assert same_transaction() == ["ballots.seal"]


def traces(column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}::text FROM cycle_ballot WHERE round = 'yearend'")  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def by_place() -> list[tuple[str, str]]:
    """Key and score of the round's ballots in the order in which they lie in the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id::text, score::text FROM cycle_ballot WHERE round = 'yearend' ORDER BY ctid")
        return list(cursor.fetchall())


def same_transaction() -> list[str]:
    """The types of events that the ledger wrote in a transaction that also wrote a ballot of the round."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT e.type FROM audit_event e JOIN cycle_ballot b ON b.xmin = e.xid::xid"
            " WHERE b.round = 'yearend'"
        )
        return [row[0] for row in cursor.fetchall()]
