"""Proposed decisions and their impact in words, for the task pages and the case file."""

from audit.refusals import NotPossible
from cycle.models import Appeal, Proposal
from cycle.queries.impact import Impact, impact
from cycle.queries.movement import Moved
from cycle.queries.points import point_contested
from cycle.services.proposals import corrections_of
from cycle.services.rulings import decision_words
from workflows.forms.parts import Pair, pair
from workflows.queries.deadlines import moment_text

Lines = list[tuple[str, str]]


def proposal_pairs(proposal: Proposal, appeal: Appeal) -> list[Pair]:
    """Return a draft as facts: outcome, what it changes, reasons, article, whether the impact was known."""
    pairs = [
        pair("决定", proposal.get_outcome_display()),
        pair("依据", proposal.cite),
        pair("拟稿", proposal.saved_by.name, note=moment_text(proposal.saved_at)),
        pair("主文", decision_words(proposal, point_contested(appeal)), long=True),
        pair("理由", proposal.reasons, long=True),
    ]
    if proposal.after_preview:
        pairs.append(pair("提示", "这一稿是在看过影响预览之后保存的。", long=True))
    return pairs


def drafts_of(appeal: Appeal) -> Lines:
    """Return every saved draft in one line each, newest first; those changed after a preview say so."""
    point = point_contested(appeal)
    rows = appeal.proposals.select_related("saved_by").order_by("-number")
    return [(_draft_title(each), f"{decision_words(each, point)}理由：{each.reasons}") for each in rows]


def _draft_title(proposal: Proposal) -> str:
    seen = f"，{moment_text(proposal.previewed_at)} 查看影响" if proposal.previewed_at else ""
    late = "，预览之后修改" if proposal.after_preview else ""
    who = f"{proposal.saved_by.name} {moment_text(proposal.saved_at)} 保存"
    return f"第 {proposal.number} 稿（{who}{seen}{late}）"


def impact_of(appeal: Appeal, proposal: Proposal) -> tuple[Impact | None, str]:
    """Return what a draft would move; or None and why that cannot be computed, for pages that show it."""
    try:
        return impact(appeal.cycle, corrections_of(appeal, proposal)), ""
    except NotPossible as refusal:
        return None, str(refusal)


def impact_lines(impact: Impact) -> Lines:
    """Return what would move, one line a unit and one a quota place."""
    units = [(f"{one.title}", "；".join(moves(one))) for one in impact.units]
    return units + [(f"“{one.title}”名额", _places(one.taken, one.lost)) for one in impact.places]


def moves(one: Moved) -> list[str]:
    """Return what moves for a unit: total, rank, grade, uses."""
    found = []
    if one.total[0] != one.total[1]:
        found.append(f"得分 {one.total[0]} → {one.total[1]}")
    if one.rank[0] != one.rank[1]:
        found.append(f"名次 {one.rank[0] or '—'} → {one.rank[1] or '—'}")
    if one.grade_moved:
        found.append(f"等次 {one.grade[0]} → {one.grade[1]}")
    return found + [use.words for use in one.uses]


def _places(taken: tuple[str, ...], lost: tuple[str, ...]) -> str:
    parts = [f"{'、'.join(taken)}取得" if taken else "", f"{'、'.join(lost)}失去" if lost else ""]
    return "，".join(part for part in parts if part)
