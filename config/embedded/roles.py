"""The two database roles and what the product's role may do.

The owner role owns all tables and runs migrations. The application role reads and writes rows, nothing else:
it cannot alter, truncate or drop, and the ledger's migration takes its right to change events away.
"""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.extensions import connection


def create_roles(administrator: connection, *, owner: str, app: str) -> None:
    """Create the roles that are missing.

    The owner may create databases, because tests need their own, and has the other role's privileges, to
    end connections that stand in its way.
    """
    with administrator.cursor() as cursor:
        for role, options in ((owner, "LOGIN CREATEDB"), (app, "LOGIN")):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} " + options).format(sql.Identifier(role)))
        cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(app), sql.Identifier(owner)))


def create_database(administrator: connection, name: str, *, owner: str) -> bool:
    """Create the database unless it exists; true when it was created."""
    with administrator.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is not None:
            return False
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
        )
    return True


def grant_privileges(owner_connection: connection, *, owner: str, app: str) -> None:
    """Let the application role read and write rows of every table the owner will create in this database."""
    rights = (
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    )
    with owner_connection.cursor() as cursor:
        for right in rights:
            cursor.execute(sql.SQL(right).format(owner=sql.Identifier(owner), app=sql.Identifier(app)))
