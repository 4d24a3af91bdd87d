"""Events of the ledger in the words of the office."""

from typing import Any

from audit.models import Event
from cycle.models import KINDS
from workflows.flows import MatterFlow

_TITLES = {
    "process.start": "流程开始，任务送达",
    "process.cancel": "流程取消",
    "task.completed": "办理",
    "task.received": "签收任务",
    "task.urged": "催办",
    "deadline.notice": "时限预告",
    "deadline.reminder": "临期提醒",
    "deadline.yellow_card": "黄牌",
    "deadline.red_card": "红牌",
    "appeal.create": "建立申诉",
    "appeal.file": "提交申诉",
    "appeal.lapse": "申诉期届满，草稿没有提交",
    "appeal.accept": "受理，指定承办人",
    "appeal.refuse": "不予受理",
    "appeal.ask": "要求补正材料，计时暂停",
    "appeal.supplement": "补正结束，计时恢复",
    "appeal.answer": "原认定机构答复",
    "appeal.investigate": "调查结束",
    "appeal.draft": "保存决定稿",
    "appeal.preview": "查看决定稿的影响",
    "appeal.propose": "提交决定稿",
    "appeal.give_back": "退回决定稿",
    "appeal.decide": "作出复核决定，送达",
    "appeal.sign": "签收复核决定书",
    "appeal.deem_received": "复核决定书视为送达",
    "appeal.withdraw": "撤回申诉",
    "appeal.assign": "更换承办人",
    "appeal.appoint": "指定复核人员",
    "recusal.create": "申请回避",
    "recusal.grant": "决定回避",
    "recusal.deny": "不予回避",
    "adjustment.choose": "选定调整的指标",
    "adjustment.ask": "提出申请",
    "adjustment.review": "审核通过",
    "adjustment.refer": "领导小组同意，报政府批准",
    "adjustment.approve": "批准，新的指标版本下达",
    "adjustment.reject": "不予调整",
    "adjustment.withdraw": "撤回申请",
    "claim.answer": "单位陈述意见",
    "interview.create": "安排面谈",
    "interview.record_talk": "填写面谈记录",
    "interview.confirm": "单位确认面谈记录",
    "interview.deem_received": "面谈记录视为无异议",
    "interview.give_back": "单位退回面谈记录",
    "evidence.attach": "上传佐证材料",
    "evidence.withdraw": "撤回佐证材料",
    "waiver.grant": "同意豁免",
    "task.extended": "时限延期",
    "rectification.create": "列入整改清单",
    "rectification.make_plan": "报送整改方案",
    "rectification.approve": "批准整改方案",
    "rectification.give_back_plan": "退回整改方案",
    "rectification.milestone": "登记整改进度",
    "rectification.report": "报送整改结果",
    "rectification.close": "核查销号",
    "rectification.give_back": "核查退回",
    "rectification.revoke": "撤销整改",
    "rectification.carry": "列入下年度指标",
    "rectification.not_carry": "不列入下年度指标",
    "extension.create": "申请延期",
    "extension.grant": "同意延期",
    "extension.deny": "不予延期",
    "extension.expire": "未及决定",
}
_VERBS = {
    "create": "建立",
    "declare": "申报",
    "approve": "负责人同意",
    "review": "初审通过",
    "opine": "会签意见",
    "close_review": "会审结束",
    "decide": "审定",
    "issue": "下达",
    "sign": "签收",
    "deem_received": "视为送达",
    "give_back": "退回",
    "give_back_to_head": "退回单位负责人",
    "give_back_to_review": "退回初审",
    "fill": "填报",
    "check_lines": "核验",
    "verify": "核验通过",
    "compile": "汇总",
    "submit": "提交",
    "write": "撰写",
    "collect": "采集",
    "accept": "复核通过",
    "vote": "评分（内容不记录）",
    "miss": "逾期未评",
    "invite": "发出评分链接",
    "enter_paper": "录入纸质评分表",
    "record_results": "录入结果",
    "confirm": "认定",
    "reject": "不予认定",
    "publish": "开始公示",
    "post": "公布",
    "close": "结束公示",
    "close_opinions": "会商结束",
    "serve": "送达",
    "execute": "执行",
    "evaluate": "评价办结",
    "measure": "重新核验",
    "merge": "并入后一次审批",
    "renew": "改用最新结果",
    "revoke": "撤销",
}


def words_of(event: Event, flow: type[MatterFlow]) -> tuple[str, str]:
    """Title and detail of an event of a process, of its matter or of one of its files."""
    facts = event.facts
    verb = event.type.partition(".")[2]
    title = _TITLES.get(event.type) or _VERBS.get(verb) or event.type
    if event.type == "task.completed":
        title = _button(facts, flow)
    return title, _detail(event.type, facts)


def _button(facts: dict[str, Any], flow: type[MatterFlow]) -> str:
    node = flow.instance._nodes_by_name.get(facts.get("step"))
    choice = node.choices.get(facts.get("outcome")) if node else None
    return f"{node.task_title}：{choice.title}" if choice else "办理"


def _detail(type_: str, facts: dict[str, Any]) -> str:
    if type_.startswith("evidence."):
        was_set = facts.get("set", {})
        return str(was_set.get("name", ""))
    if type_ == "process.cancel":
        return str(facts.get("why", ""))
    state = (facts.get("set") or {}).get("state")
    served = facts.get("served") or []
    parts = [str(facts.get("why") or "")]
    if served:
        parts.append(
            f"送达 {len(served)} 个机构"
            if len(served) > 1
            else "送达下一环节"
            if type_ == "task.completed"
            else ""
        )
    if facts.get("on_paper"):
        parts.append("按纸质评分表录入")
    return "；".join(part for part in parts if part) or (f"状态改为“{_state(type_, state)}”" if state else "")


def _state(type_: str, state: str) -> str:
    kind = KINDS.get(type_.partition(".")[0])
    return kind.STATES.get(state, state) if kind else state
