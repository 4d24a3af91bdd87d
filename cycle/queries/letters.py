"""What a feedback letter says (绩效反馈书): the unit's whole result with reasons, fixed when it is served.

Everything is taken from the run's own computation, so that the letter and the explanation page agree to the
last digit. A served letter is read from its stored bytes only.
"""

import datetime as dt
import json
from typing import Any

from audit import blobs, clock
from cycle.models import Feedback, Grade, ScoringRun
from cycle.queries.calendar import current_calendar
from cycle.queries.packs import rules_of
from cycle.queries.problem_lines import problem_lines
from cycle.queries.results import approved_run, recomputed
from cycle.queries.standing import group_standing, last_year
from cycle.queries.unit_accounts import account_lines, adjustments, components, vetoes
from offices.models import Office
from offices.queries.directory import office_of
from policies.clocks import deadline
from policies.explain import explain
from policies.packs.procedure import StepRule

VERSION = 2
STATEMENT = "本人代表本单位确认收到上述考核结果。签收只表示收到，不影响本单位依照规定提出异议。"


def run_told(feedback: Feedback) -> ScoringRun:
    """Return the run that the letter tells: once served its own, before that the one that is approved now."""
    return feedback.run if feedback.document_digest else approved_run(feedback.cycle) or feedback.run


def content_of(feedback: Feedback, *, at: dt.datetime) -> dict[str, Any]:
    """Return the letter's own content once it is served, else what it would say at this moment."""
    if feedback.document_digest:
        return stored(feedback.document_digest)
    return composed(feedback, at=at)


def stored(digest: str) -> dict[str, Any]:
    """Return the content of a served letter; letters of the first version have no `version`."""
    content: dict[str, Any] = json.loads(blobs.read(digest))
    return content


def composed(feedback: Feedback, *, at: dt.datetime, number: str = "") -> dict[str, Any]:
    """Compose the content of a letter: result, every indicator with its reason, comparison, rights."""
    cycle, subject, run = feedback.cycle, feedback.unit, run_told(feedback)
    pack = rules_of(cycle)
    result = recomputed(run.pk)
    found, root = result.unit(subject.code), explain(result, subject.code)
    grade = Grade.objects.get(run=run, subject=subject)
    problems = feedback.text.get("problems", "")
    return {
        "version": VERSION,
        "title": f"{cycle.year} 年度绩效考核结果反馈书",
        "number": number,
        "year": cycle.year,
        "served_on": clock.local_date(at),
        "unit": subject.title,
        "group": pack.groups[subject.group].title,
        "demo": cycle.is_demo,
        "policy": {"title": pack.title, "digest": cycle.policy_id},
        "run": {"number": run.number, "result": run.result_digest},
        "total": grade.total,
        "rank": grade.rank,
        "ranked": grade.ranked,
        "grade": grade.grade_title,
        "grade_reason": found.grade_reason,
        "bonus": grade.bonus,
        "deduction": grade.deduction,
        "account": account_lines(root),
        "components": components(result, found, root),
        "adjustments": adjustments(found),
        "vetoes": vetoes(result, found),
        "standing": group_standing(result, found),
        "history": last_year(cycle, result, found),
        "problems": [line.in_letter for line in problem_lines(subject, problems)],
        "advice": feedback.text.get("advice", ""),
        "rights": rights(feedback, at=at),
        "statement": STATEMENT,
        "issuer": issuer_of(cycle.owner_id),
    }


def rights(feedback: Feedback, *, at: dt.datetime) -> list[str]:
    """Say how, where and until when the unit may appeal, as the policy has it."""
    pack = rules_of(feedback.cycle)
    rule = pack.step("feedback", "appeal", "file")
    issuer = issuer_of(feedback.cycle.owner_id)
    if rule.skip or rule.clock is None:
        return [
            f"考核办法没有规定申诉程序。对上述结果有异议的，可以向{issuer}书面反映，由{issuer}核实后答复。"
        ]
    accepts = pack.step("feedback", "appeal", "accept").offices
    known = pack.assessors.offices
    whom = "、".join(known[each].title for each in accepts if each in known) or issuer
    cited = f"（《{pack.title}》{rule.cite}）" if rule.cite else ""
    return [
        f"对上述指标得分、加减分、否决事项、名次或者考核等次有异议的，可以{_until(rule, feedback, at)}，"
        f"登录绩效管理平台，在“申诉”中逐项提出申诉，由{whom}受理复核{cited}。",
        "申诉应当写明申诉的事项、事实和理由以及复核请求，并附佐证材料。领导评估、公众评估按汇总结果计分，"
        "不单独受理申诉。逾期提出的，不予受理。",
    ]


def _until(rule: StepRule, feedback: Feedback, at: dt.datetime) -> str:
    """From when and until when, in words; the last day where it can be known already."""
    if rule.clock is None:
        raise ValueError("a step without a clock has no last day")
    if rule.clock.origin == "receipt":
        return f"自签收本反馈书之日起 {rule.clock.text}内（签收当日不计，到最后一日 24 时止）"
    served = clock.local_date(at)
    due = deadline(rule.clock, start=served, year=feedback.cycle.year, calendar=current_calendar())
    last = f"{due.due_on.year} 年 {due.due_on.month} 月 {due.due_on.day} 日"
    return f"自本反馈书送达之日起 {rule.clock.text}内（送达当日不计，到 {last} 24 时止）"


def issuer_of(owner_id: Any) -> str:
    """Return the full name of the body that issues letters: the performance office's."""
    office = Office.objects.select_related("organisation").get(pk=office_of(owner_id, "performance_office"))
    return office.organisation.title
