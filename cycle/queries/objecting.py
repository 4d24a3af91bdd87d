"""How a unit objects, in words: where, until when, counted how. Published with what can be objected to."""

from cycle.models import Cycle
from cycle.queries.packs import rules_of
from policies.clocks import ORIGINS, Deadline


def in_window(cycle: Cycle, window: Deadline) -> list[str]:
    """How units object to provisional results: within which days, in what form, and what remains after."""
    days = "、".join(f"{day.month} 月 {day.day} 日" for day in window.counted)
    named = f"（{days}）" if 0 < len(window.counted) <= 15 else ""
    last = window.due_on
    again = _from_letter(cycle)
    return [
        f"公示期为 {window.rule_text}{named}，公示当日不计，"
        f"到 {last.year} 年 {last.month} 月 {last.day} 日 24 时止。",
        how_to_object("公示期内"),
        f"公示期满不再受理对公示结果的异议；{again[0]}仍可以提出申诉{again[1]}。"
        if again
        else "公示期满不再受理异议。",
    ]


def after_approval(cycle: Cycle) -> list[str]:
    """How units object to approved results: from the letter on that tells them; empty where they cannot."""
    again = _from_letter(cycle)
    if not again:
        return []
    return [f"各单位的得分明细以绩效反馈书为准。对结果有异议的，{again[0]}可以提出申诉{again[1]}。"]


def _from_letter(cycle: Cycle) -> tuple[str, str] | None:
    """From when on and how long an appeal may be filed on approved results, and the article."""
    rule = rules_of(cycle).step("feedback", "appeal", "file")
    if rule.skip:
        return None
    start = ORIGINS[rule.clock.origin if rule.clock else "service"]
    days = f" {rule.clock.text}内" if rule.clock else ""
    return f"自绩效反馈书{start}之日起{days}", f"（考核办法{rule.cite}）" if rule.cite else ""


def how_to_object(when: str) -> str:
    """Where and in what form, within the time that `when` names."""
    return (
        f"对结果有异议的单位，应当在{when}通过绩效管理平台“申诉复核”提出，写明有异议的得分点、事实和理由，"
        "并附有关材料；由没有参与计分、核验和审批的人员复核，作出书面决定。"
    )
