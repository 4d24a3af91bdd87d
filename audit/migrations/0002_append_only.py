"""The ledger's rows can be written once and read: by privilege for the application, by trigger for everybody.

`ENABLE ALWAYS` keeps the row trigger alive under `session_replication_role = replica`; the statement trigger
stops TRUNCATE, which no row trigger sees.
"""

from django.conf import settings
from django.db import migrations

GUARD = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_event is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION audit_append_only();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change;
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_truncate;
"""

XID = """
ALTER TABLE audit_event ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE audit_event ALTER COLUMN recorded_at SET DEFAULT clock_timestamp();
CREATE INDEX audit_event_xid ON audit_event (xid);
"""

CLOCK = """
CREATE FUNCTION business_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
  $$ SELECT clock_timestamp() + coalesce((SELECT "offset" FROM audit_clock), interval '0') $$;
"""


def restrict(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE ALL ON audit_event FROM PUBLIC, {role}")
    schema_editor.execute(f"GRANT SELECT, INSERT ON audit_event TO {role}")


def release(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON audit_event TO {role}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER audit_event_no_change ON audit_event;"
            "DROP TRIGGER audit_event_no_truncate ON audit_event; DROP FUNCTION audit_append_only();",
        ),
        migrations.RunSQL(XID, "ALTER TABLE audit_event DROP COLUMN xid"),
        migrations.RunSQL(CLOCK, "DROP FUNCTION business_now()"),
        migrations.RunPython(restrict, release),
    ]
