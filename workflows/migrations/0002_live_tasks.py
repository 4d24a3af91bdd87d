"""A human task is live exactly when it has an open work item; processes, tasks and items are never deleted.

Deferred to COMMIT, because a completion passes through states in which it does not hold.
"""

from django.db import migrations

LIVE = """
CREATE FUNCTION workflows_live_task() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  checked uuid := CASE TG_TABLE_NAME WHEN 'workflows_task' THEN NEW.id
                  ELSE (to_jsonb(NEW) ->> 'task_id')::uuid END;
BEGIN
  IF EXISTS (
    SELECT 1 FROM workflows_task t WHERE t.id = checked AND t.flow_task_type = 'HUMAN'
    AND (t.status IN ('NEW', 'ASSIGNED', 'STARTED'))
        <> EXISTS (SELECT 1 FROM workflows_workitem i WHERE i.task_id = t.id AND i.state = 'open')
  ) THEN
    RAISE EXCEPTION 'task % must be live exactly when it has an open work item', checked
      USING ERRCODE = 'check_violation', CONSTRAINT = 'workflows_live_task';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER workflows_task_live AFTER INSERT OR UPDATE OF status ON workflows_task
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION workflows_live_task();
CREATE CONSTRAINT TRIGGER workflows_item_live AFTER INSERT OR UPDATE OF state ON workflows_workitem
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION workflows_live_task();
"""

KEEP = """
CREATE FUNCTION workflows_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are history and are never deleted', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER workflows_process_kept BEFORE DELETE OR TRUNCATE ON workflows_process
  FOR EACH STATEMENT EXECUTE FUNCTION workflows_never_deleted();
CREATE TRIGGER workflows_task_kept BEFORE DELETE OR TRUNCATE ON workflows_task
  FOR EACH STATEMENT EXECUTE FUNCTION workflows_never_deleted();
CREATE TRIGGER workflows_item_kept BEFORE DELETE OR TRUNCATE ON workflows_workitem
  FOR EACH STATEMENT EXECUTE FUNCTION workflows_never_deleted();
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial")]

    operations = [
        migrations.RunSQL(
            LIVE,
            "DROP TRIGGER workflows_task_live ON workflows_task;"
            "DROP TRIGGER workflows_item_live ON workflows_workitem; DROP FUNCTION workflows_live_task();",
        ),
        migrations.RunSQL(
            KEEP,
            "DROP TRIGGER workflows_process_kept ON workflows_process;"
            "DROP TRIGGER workflows_task_kept ON workflows_task;"
            "DROP TRIGGER workflows_item_kept ON workflows_workitem; DROP FUNCTION workflows_never_deleted();",
        ),
    ]
