"""How a unit objects, in words: where, until when, counted how. Published with what can be objected to."""

from cycle.models import Cycle
from cycle.queries.packs import rules_of
from policies.clocks import ORIGINS, Deadline


def in_window(cycle: Cycle, window: Deadline) -> list[str]:
    """How units object to provisional results: within which days, in what form, what comes of it."""
    days = "、".join(f"{day.month} 月 {day.day} 日" for day in window.counted)
    named = f"（{days}）" if 0 < len(window.counted) <= 15 else ""
    last = window.due_on
    return [
        f"公示期为{window.rule_text}{named}，公示当日不计，"
        f"到 {last.year} 年 {last.month} 月 {last.day} 日 24 时止。",
        _in_writing("公示期内"),
        "逾期提出的不予受理；申诉不影响其他事项的公示。",
    ]


def after_approval(cycle: Cycle) -> list[str]:
    """How units object to approved results: from the letter on that tells them; empty where they cannot."""
    rule = rules_of(cycle).step("feedback", "appeal", "file")
    if rule.skip:
        return []
    start = ORIGINS[rule.clock.origin] if rule.clock else ORIGINS["service"]
    days = f"{rule.clock.text}内" if rule.clock else ""
    cite = f"（依据：考核办法{rule.cite}）" if rule.cite else ""
    return [
        f"各单位的得分明细以绩效反馈书为准。对结果有异议的，自反馈书{start}之日起{days}提出申诉{cite}。",
    ]


def _in_writing(when: str) -> str:
    return (
        f"对结果有异议的单位，应当在{when}通过绩效管理平台“申诉复核”提出，写明有异议的得分点、事实和理由，"
        "并附有关材料；由没有参与计分、核验和审批的人员复核，作出书面决定。"
    )
