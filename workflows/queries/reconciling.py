"""Reconciliation: what must hold between tasks, items, records and ledger, counted by the database.

Triggers, locks and the lifecycles keep all of it; this is the proof that they did, also after a restore or
somebody's hand in the database. Every count must be zero.
"""

from dataclasses import dataclass

from django.db import connection

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that must not exist: its name, what a person calls it, a query for the offenders' ids."""

    name: str
    title: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How often a rule is broken, and the ids of the first offenders."""

    rule: Rule
    count: int
    examples: list[str]


_WORDS = """
WITH live AS (
  SELECT * FROM workflows_task WHERE flow_task_type = 'HUMAN' AND status IN ('NEW', 'ASSIGNED', 'STARTED')
), owed AS (
  SELECT * FROM workflows_workitem WHERE state = 'open'
), on_its_way AS (
  SELECT key AS cycle_id, payload ->> 'kind' AS kind FROM audit_outbox
  WHERE topic = 'matters.opened' AND done_at IS NULL AND dead_at IS NULL
)
"""
_FOLDED = """
SELECT r.id FROM {table} r CROSS JOIN LATERAL (
  SELECT e.body::jsonb -> 'set' ->> 'state' AS state FROM audit_event e
  WHERE e.stream = {kind} || '/' || r.id AND e.body::jsonb -> 'set' ? 'state' ORDER BY e.seq DESC LIMIT 1
) told WHERE told.state <> r.state
"""

RULES = (
    Rule(
        "open_item_on_closed_task",
        "任务已结束但仍有在办事项",
        "SELECT id FROM owed WHERE task_id NOT IN (SELECT id FROM live)",
    ),
    Rule(
        "live_task_without_item",
        "任务在办但没有承办机构",
        "SELECT id FROM live WHERE id NOT IN (SELECT task_id FROM owed)",
    ),
    Rule(
        "two_live_tasks",
        "同一流程有两个在办步骤",
        "SELECT process_id FROM live GROUP BY process_id HAVING count(*) > 1",
    ),
    Rule(
        "running_process_without_task",
        "流程未结束但没有在办步骤",
        "SELECT id FROM workflows_process WHERE status = 'NEW' AND id NOT IN (SELECT process_id FROM live)",
    ),
    Rule(
        "ended_process_with_task",
        "流程已结束但仍有在办步骤",
        "SELECT id FROM workflows_process WHERE status <> 'NEW' AND id IN (SELECT process_id FROM live)",
    ),
    Rule(
        "matter_without_process",
        "事项已建立但没有流程，也没有待投递的消息",
        "SELECT m.id FROM cycle_matter m JOIN cycle_cycle c ON c.id = m.cycle_id"
        " WHERE c.state <> 'cancelled' AND m.id NOT IN (SELECT matter_id FROM workflows_process)"
        " AND (c.id::text, m.kind) NOT IN (SELECT cycle_id, kind FROM on_its_way)",
    ),
    Rule(
        "stream_with_gap",
        "台账记录流的序号不连续",
        "SELECT stream FROM audit_event GROUP BY stream HAVING max(seq) <> count(*)",
    ),
    Rule(
        "matter_unlike_events",
        "事项的状态与台账不一致",
        _FOLDED.format(table="cycle_matter", kind="r.kind"),
    ),
    Rule(
        "cycle_unlike_events",
        "考核周期的状态与台账不一致",
        _FOLDED.format(table="cycle_cycle", kind="'cycle'"),
    ),
    Rule(
        "indicator_unlike_events",
        "指标的状态与台账不一致",
        _FOLDED.format(table="cycle_indicator", kind="'indicator'"),
    ),
    Rule(
        "dead_message",
        "后台消息已停止重试",
        "SELECT id FROM audit_outbox WHERE dead_at IS NOT NULL",
    ),
)


def reconcile() -> list[Finding]:
    """Count every inconsistency; return a finding for each rule, in order."""
    findings = []
    with connection.cursor() as cursor:
        for rule in RULES:
            cursor.execute(
                f"{_WORDS} SELECT count(*), (array_agg(id::text ORDER BY id::text))[1:{EXAMPLES}]"  # noqa: S608
                f" FROM ({rule.sql}) found(id)"
            )
            count, examples = cursor.fetchone()
            findings.append(Finding(rule, count, examples or []))
    return findings
