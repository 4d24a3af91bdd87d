"""What was computed and decided is never rewritten: runs, grades, scores, corrections, drafts of decisions.

Two things may still be said of such a row, each once: when a run was locked, and when the impact of a draft was
first looked at. `ENABLE ALWAYS` keeps the triggers alive under `session_replication_role = replica`.
"""

from django.db import migrations

TABLES = {
    "cycle_scoringrun": "locked_at",
    "cycle_proposal": "previewed_at",
    "cycle_grade": "",
    "cycle_score": "",
    "cycle_correction": "",
}

GUARD = """
CREATE FUNCTION cycle_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  once text := TG_ARGV[0];
BEGIN
  IF TG_OP = 'UPDATE' AND once <> ''
     AND to_jsonb(OLD) ->> once IS NULL AND to_jsonb(NEW) ->> once IS NOT NULL
     AND to_jsonb(OLD) - once = to_jsonb(NEW) - once THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is immutable: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def guard(table: str, once: str) -> str:
    return f"""
CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION cycle_immutable('{once}');
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_immutable;
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION cycle_immutable('');
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def release(table: str) -> str:
    return f"DROP TRIGGER {table}_immutable ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"


class Migration(migrations.Migration):
    dependencies = [("cycle", "0007_states_of_objection_and_repair")]

    operations = [
        migrations.RunSQL(
            GUARD + "".join(guard(table, once) for table, once in TABLES.items()),
            "".join(release(table) for table in TABLES) + "DROP FUNCTION cycle_immutable();",
        )
    ]
