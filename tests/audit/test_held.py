"""A held row is what the query set would give, locked."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.held import Held
from cycle.models import Cycle, Feedback, Sheet
from cycle.services import moving
from tests.county import County
from workflows.models import WorkItem

RELATED = ("process__cycle", "process__subject", "process__matter", "task")
ITEMS = WorkItem.objects.select_related(*RELATED).select_for_update(
    no_key=True, of=("process", "task", "self")
)


def fields(row: object) -> dict[str, object]:
    return {key: value for key, value in vars(row).items() if key != "_state"}


def test_every_column_and_every_related_row_is_as_the_query_set_gives_them(setting: County) -> None:
    held, plain = Held(ITEMS), WorkItem.objects.select_related(*RELATED)
    expected_rows = list(plain.order_by("id")[:5])
    assert expected_rows
    for expected in expected_rows:
        found = held.get(expected.pk)
        assert found is not None
        with CaptureQueriesContext(connection) as queries:
            assert fields(found) == fields(expected)
            assert fields(found.task) == fields(expected.task)
            assert fields(found.process) == fields(expected.process)
            assert fields(found.process.matter) == fields(expected.process.matter)
            assert fields(found.process.cycle) == fields(expected.process.cycle)
        assert len(queries) == 0, "everything was read by the one statement"


def test_an_unknown_key_gives_nothing(setting: County) -> None:
    assert Held(Cycle.objects.select_for_update()).get(uuid4()) is None


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_can_be_held() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        Held(Cycle.objects.select_for_update()).get(uuid4())


@pytest.mark.parametrize(
    ("kind", "rows"), [(Sheet, {"cycle_matter"}), (Feedback, {"cycle_feedback", "cycle_matter"})]
)
def test_the_row_that_has_the_state_is_locked(
    setting: County, kind: type[Sheet] | type[Feedback], rows: set[str]
) -> None:
    """A kind with columns of its own is two rows; its state is in the parent's."""
    with CaptureQueriesContext(connection) as queries:
        moving._held(kind).get(uuid4())
    locked = queries[-1]["sql"].split("FOR NO KEY UPDATE OF ")[1]
    assert {name.strip().strip('"') for name in locked.split(",")} == rows
