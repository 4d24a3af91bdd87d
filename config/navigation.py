"""Which pages each kind of office finds in its navigation: at most twelve, four on the phone."""

from __future__ import annotations

from dataclasses import dataclass

from cycle.models import Cycle
from cycle.queries.packs import rules_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: `deep` says that the pages below it belong to it as well."""

    url: str
    label: str
    icon: str
    deep: bool = True


Groups = list[tuple[str, list[Entry]]]

INBOX = Entry("/inbox/", "我的待办", "inbox")
SENT = Entry("/sent/", "本单位在办", "undo")
DONE = Entry("/done/", "已办事项", "done")
KPI = Entry("/kpi/", "指标", "target")
CLAIMS = Entry("/claims/", "加减分", "medal")
COCKPIT = Entry("/office/", "驾驶舱", "chart", deep=False)
OVERDUE = Entry("/office/overdue/", "超期督办", "alert")
USES = Entry("/uses/", "结果运用", "star")
APPEALS = Entry("/appeals/", "申诉复核", "scale")
SHOWN = Entry("/publications/", "公示公布", "document")
RECTIFY = Entry("/rectify/", "整改", "flow")
LEDGER = Entry("/audit/", "台账", "shield", deep=False)
INTEGRITY = Entry("/audit/integrity/", "完整性校验", "check")
REFUSALS = Entry("/audit/refusals/", "未获准的操作", "close")
SIGN_INS = Entry("/audit/signins/", "登录记录", "users")
ACCOUNTS = Entry("/accounts/", "账号与岗位", "users", deep=False)
IMPORTS = Entry("/accounts/import/", "导入表格", "upload")
OUTBOX = Entry("/system/outbox/", "后台消息", "flow")
ME = Entry("/me/", "我的账号", "user")

_OVERSEEING = ("leading_group", "county_government", "main_leaders")


def _results(cycle: Cycle | None) -> list[Entry]:
    return [Entry(f"/results/{cycle.year}/", "考核结果", "medal")] if cycle else []


def _policy(cycle: Cycle | None) -> list[Entry]:
    return [Entry(f"/policy/{cycle.policy_id}/", "考核办法", "book")] if cycle else []


def _cycles(cycle: Cycle | None) -> list[Entry]:
    return [Entry("/office/cycles/", "考核周期", "gear")]


def _reviews(capacity: str, cycle: Cycle | None) -> bool:
    """Whether the policy makes offices of this capacity review appeals, in one instance or the other."""
    if cycle is None:
        return False
    steps = [rules_of(cycle).step("feedback", "appeal", step) for step in ("accept", "second")]
    return any(capacity in step.offices for step in steps)


def navigation_of(capacity: str, cycle: Cycle | None) -> Groups:
    """Return the sidebar of an office of this capacity."""
    results, policy = _results(cycle), _policy(cycle)
    if capacity == "sysadmin":
        return [("系统", [ACCOUNTS, IMPORTS, OUTBOX])]
    if capacity == "auditor":
        return [
            ("监督", [LEDGER, INTEGRITY, REFUSALS, SIGN_INS]),
            ("绩效", [COCKPIT, KPI, *results, APPEALS, RECTIFY, *policy]),
        ]
    if capacity == "performance_office":
        return [
            ("工作", [COCKPIT, INBOX, OVERDUE, DONE]),
            ("绩效", [KPI, CLAIMS, *results, APPEALS, RECTIFY, USES]),
            ("制度", [*policy, *_cycles(cycle)]),
        ]
    if capacity in _OVERSEEING:
        shown = [KPI, *results, SHOWN, APPEALS, RECTIFY, USES]
        return [("工作", [INBOX, COCKPIT, DONE]), ("绩效", shown), ("制度", policy)]
    if capacity == "unit":
        shown = [KPI, CLAIMS, *results, APPEALS, RECTIFY, USES]
        return [("工作", [INBOX, SENT, DONE]), ("绩效", shown), ("制度", policy)]
    appeals = [APPEALS] if capacity == "collector" or _reviews(capacity, cycle) else []
    return [("工作", [INBOX, DONE]), ("绩效", [KPI, *results, SHOWN, *appeals, USES]), ("制度", policy)]


def tabs_of(capacity: str, cycle: Cycle | None) -> list[Entry]:
    """Return the phone's four."""
    if capacity == "sysadmin":
        return [ACCOUNTS, IMPORTS, OUTBOX, ME]
    if capacity == "auditor":
        return [LEDGER, INTEGRITY, COCKPIT, ME]
    if capacity == "performance_office":
        return [COCKPIT, INBOX, OVERDUE, ME]
    if capacity in _OVERSEEING:
        return [INBOX, COCKPIT, *_results(cycle), ME]
    if _reviews(capacity, cycle):
        return [INBOX, APPEALS, *_results(cycle), ME]
    return [INBOX, KPI, *_results(cycle), ME]
