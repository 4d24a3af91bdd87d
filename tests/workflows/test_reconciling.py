"""The reconciler counts every kind of inconsistency, and none where there is none.

The triggers refuse most of these states, so they are made by a superuser in replica mode, as a restore or
somebody's hand in the database would; all of it is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.embedded.postgres import SUPERUSER
from cycle.models import Cycle
from cycle.services import stages
from tests.workflows import county
from workflows.queries import reconciling
from workflows.services import relaying

pytestmark = pytest.mark.django_db(transaction=True)

# name of the rule → statements that break it, and the other rules that they break with it
BREAKS: dict[str, tuple[list[str], set[str]]] = {
    "open_item_on_closed_task": (
        ["UPDATE workflows_task SET status = 'DONE' WHERE id = (SELECT task_id FROM one)"],
        {"running_process_without_task"},
    ),
    "live_task_without_item": (
        ["UPDATE workflows_workitem SET state = 'done', closed_at = now() WHERE id = (SELECT id FROM one)"],
        set(),
    ),
    "two_live_tasks": (
        [
            "UPDATE workflows_task SET process_id = (SELECT process_id FROM one) WHERE id = (SELECT task_id"
            " FROM workflows_workitem WHERE state = 'open' AND id <> (SELECT id FROM one) LIMIT 1)"
        ],
        {"running_process_without_task"},
    ),
    "running_process_without_task": (
        ["UPDATE workflows_workitem SET state = 'done', closed_at = now() WHERE id = (SELECT id FROM one)",
         "UPDATE workflows_task SET status = 'DONE' WHERE id = (SELECT task_id FROM one)"],
        set(),
    ),
    "ended_process_with_task": (
        ["UPDATE workflows_process SET status = 'DONE' WHERE id = (SELECT process_id FROM one)"],
        set(),
    ),
    "matter_without_process": (
        ["DELETE FROM workflows_process WHERE id = (SELECT process_id FROM one)"],
        set(),
    ),
    "stream_with_gap": (
        ["ALTER TABLE audit_event DISABLE TRIGGER ALL",
         "UPDATE audit_event SET seq = 7 WHERE stream = 'process/' || (SELECT process_id FROM one)"],
        set(),
    ),
    "matter_unlike_events": (
        ["UPDATE cycle_matter SET state = 'signed' WHERE id = (SELECT matter_id FROM one)"],
        set(),
    ),
    "cycle_unlike_events": (["UPDATE cycle_cycle SET state = 'feedback'"], set()),
    "indicator_unlike_events": (
        ["UPDATE cycle_indicator SET state = 'dropped' WHERE id = (SELECT id FROM cycle_indicator LIMIT 1)"],
        set(),
    ),
    "dead_message": (
        ["UPDATE audit_outbox SET dead_at = now() WHERE id = (SELECT id FROM audit_outbox LIMIT 1)"],
        set(),
    ),
}  # fmt: skip


@pytest.fixture
def superuser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A superuser's transaction in replica mode, which the reconciler is made to read in."""
    if not settings.EMBEDDED_DATABASE:
        pytest.skip("only the embedded server lets a test in as superuser")
    described = connection.settings_dict
    opened = psycopg2.connect(
        host=described["HOST"], port=described["PORT"], user=SUPERUSER, dbname=described["NAME"]
    )
    monkeypatch.setattr(reconciling, "connection", opened)
    try:
        with opened.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "CREATE TEMP TABLE one ON COMMIT DROP AS SELECT id, task_id, process_id, matter_id"
                " FROM workflows_workitem WHERE state = 'open' LIMIT 1"
            )
            yield cursor
    finally:
        opened.rollback()
        opened.close()


def broken() -> dict[str, int]:
    return {each.rule.name: each.count for each in reconciling.reconcile() if each.count}


def test_every_rule_has_its_case() -> None:
    assert {rule.name for rule in reconciling.RULES} == set(BREAKS)


def test_a_county_at_work_is_consistent() -> None:
    """Waiting, returned, jointly reviewed, finished, cancelled."""
    cycle = county.setting(reviewers=2)
    county.do(county.walk("joint_review")[0], "reviewer-1", "back_declare", "测算依据不足。")
    (last,) = county.walk("sign")
    county.do(last, county.HEAD)
    assert broken() == {}
    stages.cancel(cycle.pk, user_id=county.user(county.LEADING), why="县政府决定（演示文件）")
    relaying.drain()
    assert broken() == {}


def test_matters_whose_message_is_on_its_way_are_no_fault() -> None:
    cycle = county.prepared()
    stages.open_stage(cycle.pk, "indicator_setting", user_id=county.user(county.CHIEF))
    assert broken() == {}
    assert Cycle.objects.get(pk=cycle.pk).state == "indicator_setting"


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_an_inconsistency_is_counted(name: str, request: pytest.FixtureRequest) -> None:
    county.setting()
    statements, others = BREAKS[name]
    superuser = request.getfixturevalue("superuser")
    assert broken() == {}
    for statement in statements:
        superuser.execute(statement)
    assert broken() == dict.fromkeys({name, *others}, 1)


def test_the_command_fails_with_ids_and_says_what_to_do(request: pytest.FixtureRequest) -> None:
    county.setting()
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert out.getvalue().endswith("核对完毕，任务、待办、记录与台账完全一致。\n")
    superuser = request.getfixturevalue("superuser")
    superuser.execute(BREAKS["ended_process_with_task"][0][0])
    superuser.execute("SELECT process_id::text FROM one")
    (process,) = superuser.fetchone()
    out = StringIO()
    with pytest.raises(CommandError, match="通知系统维护人员"):
        call_command("reconcile", stdout=out)
    assert f"流程已结束但仍有在办步骤：1 处（{process}）" in out.getvalue()
