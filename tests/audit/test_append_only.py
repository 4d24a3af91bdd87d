"""The ledger cannot be rewritten: not by the application, not by the tables' owner, not by a superuser.

Each attempt runs in a transaction of its own role, on an event that it has just inserted, and is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from config.embedded.postgres import SUPERUSER

pytestmark = pytest.mark.django_db
ROLES = ("application", "owner", "superuser")
INSERT = (
    "INSERT INTO audit_event (id, stream, seq, type, at, actor_name, behalf_name, office_title, policy,"
    " request_id, body, leaf_alg, leaf_hash)"
    " VALUES (gen_random_uuid(), 'attack', 1, 'attack', now(), '', '', '', '', '', '{}', 'none', '')"
)
REWRITES = ("UPDATE audit_event SET body = '{\"forged\": true}'", "DELETE FROM audit_event")
TRUNCATE = "TRUNCATE audit_event"
OTHER_DOORS = (
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change",
    "DROP TRIGGER audit_event_no_change ON audit_event",
    "ALTER TABLE audit_event DROP COLUMN body",
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
    "ALTER FUNCTION audit_append_only() RENAME TO gone",
    "SET session_replication_role = replica",
    "DROP TABLE audit_event",
)


def _open(role: str) -> Any:
    described = settings.OWNER_CONNECTION if role == "owner" else settings.APP_CONNECTION
    user = SUPERUSER if role == "superuser" else described["USER"]
    return psycopg2.connect(
        host=described["HOST"],
        port=described["PORT"],
        user=user,
        password=described["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
    )


@pytest.fixture
def attacker(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A cursor of a role, in a transaction that holds one new event."""
    role = request.param
    if role == "superuser" and not settings.EMBEDDED_DATABASE:
        pytest.skip("only the embedded server lets a test in as superuser")
    opened = _open(role)
    try:
        with opened.cursor() as cursor:
            cursor.execute(INSERT)
            yield cursor
    finally:
        opened.rollback()
        opened.close()


@pytest.mark.parametrize("attacker", ROLES, indirect=True)
@pytest.mark.parametrize("statement", [*REWRITES, TRUNCATE])
def test_no_role_rewrites_an_event(attacker: Any, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        attacker.execute(statement)


@pytest.mark.parametrize("attacker", ["owner", "superuser"], indirect=True)
@pytest.mark.parametrize("statement", [*REWRITES, TRUNCATE])
def test_who_has_the_privilege_is_stopped_by_the_trigger(attacker: Any, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="audit_event is append-only"):
        attacker.execute(statement)


@pytest.mark.parametrize("attacker", ["superuser"], indirect=True)
@pytest.mark.parametrize("statement", [*REWRITES, TRUNCATE])
def test_replica_mode_does_not_switch_the_trigger_off(attacker: Any, statement: str) -> None:
    """Ordinary triggers sleep in this mode; ours are ENABLE ALWAYS."""
    attacker.execute("SET session_replication_role = replica")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="audit_event is append-only"):
        attacker.execute(statement)


@pytest.mark.parametrize("attacker", ["application"], indirect=True)
@pytest.mark.parametrize("statement", OTHER_DOORS)
def test_the_application_cannot_remove_the_guard(attacker: Any, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        attacker.execute(statement)


@pytest.mark.parametrize("attacker", ["owner"], indirect=True)
def test_the_owner_cannot_enter_replica_mode(attacker: Any) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        attacker.execute("SET session_replication_role = replica")


@pytest.mark.parametrize("attacker", ["superuser"], indirect=True)
def test_both_triggers_are_enabled_always(attacker: Any) -> None:
    attacker.execute(
        "SELECT tgname, tgenabled FROM pg_trigger"
        " WHERE tgrelid = 'audit_event'::regclass AND NOT tgisinternal ORDER BY tgname"
    )
    assert attacker.fetchall() == [("audit_event_no_change", "A"), ("audit_event_no_truncate", "A")]


def test_the_application_has_exactly_two_privileges() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_name = 'audit_event' AND grantee = current_user ORDER BY 1"
        )
        assert [row[0] for row in cursor.fetchall()] == ["INSERT", "SELECT"]
