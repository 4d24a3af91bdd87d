"""The decision on an appeal as a document (复核决定书): what it says, fixed when it is made."""

import datetime as dt
from typing import Any

from audit import clock
from audit.actor import Actor
from cycle.models import Appeal, Indicator, Proposal
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.point_files import value_words
from cycle.queries.points import Point, point_contested
from offices.models import Office
from offices.queries.directory import office_of

VERSION = 1
TITLES = {1: "绩效考核复核决定书", 2: "绩效考核复议决定书"}


def ruling(
    appeal: Appeal, proposal: Proposal, *, number: str, at: dt.datetime, approved_by: Actor
) -> dict[str, Any]:
    """Return the content of the decision: parties, request, answer, findings, reasons, decision, remedy."""
    point, pack = point_contested(appeal), rules_of(appeal.cycle)
    office = Office.objects.select_related("organisation").get(matters=appeal.pk)
    return {
        "version": VERSION,
        "title": TITLES[appeal.instance],
        "number": number,
        "demo": appeal.cycle.is_demo,
        "unit": appeal.unit.organisation.title,
        "issuer": office.organisation.title,
        "year": appeal.cycle.year,
        "policy": {"title": pack.title, "digest": appeal.cycle.policy_id},
        "run": {"number": appeal.run.number, "result": appeal.run.result_digest},
        "point": {"title": point.title, "full": point.full, "score": point.score, "cite": point.cite},
        "filed_on": clock.local_date(appeal.filed_at).isoformat() if appeal.filed_at else "",
        "window": appeal.window.get("words", ""),
        "ground": appeal.get_ground_display(),
        "facts": appeal.facts,
        "request": appeal.request,
        "supplement": appeal.text.get("supplement", ""),
        "answer": appeal.text.get("answer"),
        "findings": appeal.text.get("findings", ""),
        "reasons": proposal.reasons,
        "cite": proposal.cite,
        "outcome": proposal.outcome,
        "decision": decision_words(proposal, point),
        "remedy": _remedy(appeal),
        "decided_on": clock.local_date(at).isoformat(),
        "approved_by": approved_by.office_title,
    }


def decision_words(proposal: Proposal, point: Point) -> str:
    """Return what a proposal decides, as the document says it."""
    if proposal.outcome == Appeal.Outcome.UPHOLD:
        return f"维持“{point.title}”的原考核结果。"
    if proposal.outcome == Appeal.Outcome.RETURN:
        return f"撤销“{point.title}”的原认定，退回原认定单位重新核验，并按重新核验的结果计分。"
    return f"变更“{point.title}”的认定：{_values(proposal, point)}，并据此重新计算得分、名次和等次。"


def _values(proposal: Proposal, point: Point) -> str:
    if point.indicator:
        return "，".join(
            f"{period_title(round)}{_measured(point.indicator, said)}"
            for round, said in sorted(proposal.changes.items())
        )
    said = proposal.changes.get("claim", {})
    if said.get("void"):
        return "撤销这一事项，不再计入考核结果"
    parts = [
        f"次数认定为 {said['count']} 次" if said.get("count") else "",
        f"计 {said['points']} 分" if said.get("points") else "",
    ]
    return "，".join(part for part in parts if part) or "认定这一事项，计入考核结果"


def _measured(indicator: Indicator, said: dict[str, str]) -> str:
    """One round of an indicator; a graded one by the title of its level."""
    if said.get("score"):
        return f"计 {said['score']} 分"
    words = value_words(indicator, said["actual"])
    return f"认定为“{words}”" if indicator.method == "levels" else f"实绩认定为 {words}"


def _remedy(appeal: Appeal) -> str:
    rule = rules_of(appeal.cycle).step("feedback", "appeal", "second")
    if rule.skip or rule.clock is None or appeal.instance == 2:
        return "本决定为最终决定，自送达之日起生效。"
    start = "签收" if rule.clock.origin == "receipt" else "送达"
    title = Office.objects.get(pk=office_of(appeal.cycle.owner_id, rule.offices[0])).title
    cite = f"（{rule.cite}）" if rule.cite else ""
    return f"不服本决定的，可以自{start}之日起 {rule.clock.span.text}内向{title}申请复议{cite}。"
