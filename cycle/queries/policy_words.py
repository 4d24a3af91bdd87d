"""The values of a policy pack in the words of an official document."""

from collections.abc import Mapping
from typing import Any, Final

from cycle.queries.periods import period_title
from policies.clocks import ORIGINS, Clock, parse_clock
from policies.packs import Pack

Raw = dict[str, Any]

STAGE_TITLES: Final = {
    "indicator_setting": "指标设置",
    "monitoring": "日常监测",
    "assessment": "年终考核",
    "feedback": "绩效反馈",
    "uses": "结果运用",
}
ADJUSTMENTS: Final = {"bonus": "加分", "deduction": "减分"}
SCORED_BY: Final = {
    "indicators": "按指标完成情况计分",
    "survey": "按公众满意度计分",
    "ballots": "按评估人打分计分",
    "special": "按专项等次计分",
    "portfolio": "按分管单位得分计分",
    "given": "由评定给分",
}
_BUILT_IN: Final = {
    "unit": "责任单位",
    "unit_head": "责任单位负责人",
    "collector": "数据采集单位",
    "superior": "上级机关",
    "office": "承办机构",
    "head": "承办机构负责人",
}
_FLOWS: Final = {
    "ex_ante": "事前评估",
    "indicator_setting": "指标申报与下达",
    "adjustment": "指标调整",
    "report": "完成情况报告",
    "supervision": "督办",
    "inspection": "查访核验",
    "self_assessment": "年度自评",
    "data_verification": "数据采集核验",
    "ballot": "领导评估",
    "survey": "公众评估",
    "claim": "加减分认定",
    "publicity": "公示公布",
    "approval": "结果审批",
    "feedback": "绩效反馈",
    "interview": "绩效面谈",
    "appeal": "申诉复核",
    "recusal": "回避",
    "recheck": "重新核验",
    "rectification": "整改",
    "extension": "延期",
    "consequence": "结果运用",
    "internal_assessment": "内部考核",
}
_STEPS: Final = {
    "declare": "申报",
    "approve": "负责人审批",
    "first_review": "初审",
    "joint_review": "会审",
    "decide": "审定",
    "issue": "下达",
    "sign": "签收",
    "request": "申请",
    "review": "审核",
    "approve_key": "批准（重点工作目标）",
    "fill": "填报",
    "verify": "核验",
    "compile": "汇总上报",
    "raise": "立项",
    "notify": "通知",
    "answer": "办理反馈",
    "recheck": "复核",
    "close": "办结",
    "draw": "抽取",
    "record": "记录",
    "explain": "说明",
    "find": "认定",
    "write": "自评",
    "collect": "采集",
    "check": "抽查复核",
    "vote": "评分",
    "run": "组织实施",
    "submit": "申报",
    "confirm": "审定",
    "targets": "年度目标公布",
    "notice": "考核预告",
    "show": "考核结果公示",
    "final": "考核结果公布",
    "opinions": "会商",
    "serve": "送达",
    "file": "提出申诉",
    "appoint": "指定复核人员",
    "accept": "受理",
    "supplement": "补正材料",
    "investigate": "调查核实",
    "resubmit": "变更结果汇总报批",
    "reapprove": "变更结果审批",
    "second": "复议",
    "measure": "重新核验",
    "plan": "整改方案",
    "result": "整改结果",
    "execute": "执行",
    "evaluate": "运用评价",
}
_TOP: Final = {
    ("approval", "approve"): "批准",
    ("adjustment", "approve"): "批准",
    ("rectification", "approve"): "审核",
    ("rectification", "check"): "核查销号",
    ("claim", "answer"): "单位说明",
    ("interview", "record"): "面谈记录",
    ("interview", "confirm"): "单位确认",
    ("appeal", "answer"): "书面答复",
    ("appeal", "decide"): "拟定决定",
    ("appeal", "approve"): "批准决定",
    ("appeal", "sign"): "签收决定书",
    ("appeal", "notify"): "变更告知签收",
    ("recusal", "decide"): "决定",
    ("recheck", "confirm"): "负责人审签",
    ("extension", "decide"): "决定",
}
_AUDIENCES: Final = {
    "publicity": {
        "inside": "向本组单位公开",
        "units": "向全体被考核单位公开",
        "public": "向社会公开，不登录也可以查阅",
    },
    "rectification": {
        "inside": "进展供单位和绩效办查阅",
        "units": "重点事项的进展向全体被考核单位公开",
        "public": "重点事项的进展向社会公开，不登录也可以查阅",
    },
}


def step_title(step: str, flow: str = "") -> str:
    """A flow (alone) or a step of a flow in Chinese."""
    return _TOP.get((flow, step)) or (_STEPS if flow else _FLOWS).get(step, step)


def offices_text(raw: object, pack: Pack) -> str:
    """One office id or several as titles."""
    ids = [] if raw is None else [str(each) for each in raw] if isinstance(raw, list) else [str(raw)]
    offices, voters = pack.assessors.offices, pack.assessors.voters
    titles = []
    for each in ids:
        known = offices.get(each) or voters.get(each)
        titles.append(_BUILT_IN.get(each) or (known.title if known else each))
    return "、".join(titles)


def clock_text(raw: object) -> str:
    """A deadline rule as the pack writes it, in words."""
    return rule_text(parse_clock(raw)) if isinstance(raw, Mapping) else ""


def rule_text(rule: Clock | None) -> str:
    """A deadline rule: 7 个工作日内（自印发起算）."""
    if rule is None:
        return ""
    if rule.month_day or rule.after:
        return rule.text
    return f"{rule.text}内（自{ORIGINS[rule.origin]}起算）"


def window_text(raw: object) -> str:
    """How long something is shown, where a step's clock is its duration."""
    return f"公示期 {parse_clock(raw).text}" if isinstance(raw, Mapping) else ""


def audience_text(flow: str, audience: str | None) -> str:
    """Who may read what a step makes public; empty for one that publishes nothing."""
    return _AUDIENCES.get(flow, {}).get(audience or "", "")


def component_text(raw: Raw, pack: Pack) -> str:
    """Points, how they are earned, rounds, and what the method needs."""
    parts = [
        f"{raw['points']} 分",
        SCORED_BY.get(raw.get("scored_by", ""), "由各部分组成"),
        _rounds(raw.get("rounds")),
    ]
    if raw.get("headings"):
        parts.append("一级指标：" + "、".join(raw["headings"].values()))
    if raw.get("bands"):
        parts.append("档次：" + "，".join(_band(band) for band in raw["bands"]))
    if raw.get("voters"):
        parts.append("评估人：" + offices_text(list(raw["voters"]), pack))
    if raw.get("min_votes"):
        parts.append(f"每轮至少 {raw['min_votes']} 人打分")
    if raw.get("anonymous") == "true":
        parts.append("匿名")
    return "；".join(part for part in parts if part)


def _band(band: Raw) -> str:
    return f"{band['min']} 以上得 {band['score']} 分" if "min" in band else f"其余得 {band['score']} 分"


def _rounds(raw: object) -> str:
    if raw == "monthly":
        return "每月一次，权重相等"
    if raw == "quarterly":
        return "每季度一次，权重相等"
    if isinstance(raw, Mapping):
        return "、".join(f"{period_title(key)}占 {weight}" for key, weight in raw.items())
    if isinstance(raw, list):
        return "、".join(period_title(str(key)) for key in raw) + "，权重相等"
    return "年终一次"


def adjustment_text(raw: Raw, offices: Mapping[str, Any]) -> str:
    """Points of a bonus or deduction item, and who decides."""
    points = raw["points"]
    if points == "given":
        low, high = raw.get("range", ["", ""])
        text = f"{low} 至 {high} 分，由决定给分" if raw.get("range") else "由决定给分"
    else:
        text = (
            "、".join(map(str, points)) + " 分（按次）" if isinstance(points, list) else f"每次 {points} 分"
        )
    decider = raw.get("decided_by")
    known = offices.get(decider) if isinstance(decider, str) else None
    return f"{text}，由{known.title}决定" if known else text


def veto_text(raw: Raw, pack: Pack) -> str:
    """What a veto does to the grade or the total."""
    effect = raw.get("effect") or {}
    parts = []
    if "bar" in effect:
        parts.append(f"取消评“{_grade(effect['bar'], pack)}”资格")
    if "set" in effect:
        parts.append(f"定为“{_grade(effect['set'], pack)}”")
    if "lower" in effect:
        parts.append(f"降 {effect['lower']} 个等次")
    if "deduct" in effect:
        parts.append(f"减 {effect['deduct']} 分")
    if raw.get("decided_by"):
        parts.append(f"由{offices_text(raw['decided_by'], pack)}认定")
    return "，".join(parts) or "供结果运用使用"


def _grade(key: str, pack: Pack) -> str:
    """A grade's title, from the first scheme that has it."""
    titles = [scheme.levels[key].title for scheme in pack.grades.values() if key in scheme.levels]
    return titles[0] if titles else key


def grade_text(raw: Raw, pack: Pack) -> str:
    """From which total, how many places, how ties are settled."""
    parts = [f"{raw['min']} 分及以上" if raw.get("min") else "其余单位"]
    quota = raw.get("quota") or {}
    if "share" in quota:
        modes = {"half_up": "四舍五入", "floor": "舍去", "ceil": "进一", "half_even": "四舍六入"}
        parts.append(f"名额 {quota['share']}（{modes.get(quota.get('round', ''), '')}）")
    if "count" in quota:
        count = quota["count"]
        parts.append("名额 " + (f"{count[0]} 至 {count[1]} 个" if isinstance(count, list) else f"{count} 个"))
    by = (raw.get("ties") or {}).get("by", [])
    if by:
        parts.append("末位并列时依次比" + "、".join(_tie(each, pack) for each in by))
    return "；".join(parts)


def _tie(key: str, pack: Pack) -> str:
    if key == "fewer:deduction":
        return "减分少者"
    found = next((one for group in pack.groups if (one := pack.component(group, key))), None)
    return f"{found.title}得分" if found else {"exact_total": "未取整的总分"}.get(key, key)


def use_text(raw: Raw, pack: Pack) -> str:
    """Who carries a use out, when it applies, how its amount is computed."""
    parts = [
        _condition(raw.get("when") or {}, pack),
        f"由{offices_text(raw.get('office'), pack)}执行" if raw.get("office") else "",
    ]
    amount = raw.get("amount")
    if amount:
        bases = {"monthly_payroll": "在编人员月工资总额"}
        base = amount.get("of")
        parts.append(
            f"金额 = {amount['times']} × {bases.get(base, base)}"
            if base
            else f"金额 {amount['times']} {amount.get('unit', '元')}"
        )
    if raw.get("report") == "true":
        parts.append("须报告执行情况")
    return "；".join(part for part in parts if part)


def _condition(when: Raw, pack: Pack) -> str:
    if not when:
        return "适用于全部单位"
    parts = []
    for key, value in when.items():
        if key in ("grade", "grade_or_worse", "grade_or_better"):
            suffix = {"grade": "", "grade_or_worse": "及以下", "grade_or_better": "及以上"}[key]
            values = value if isinstance(value, list) else [value]
            parts.append("评为" + "、".join(_grade(each, pack) for each in values) + suffix)
        elif key == "total":
            parts.append(f"综合得分{_compare(value)}")
        elif key == "rank":
            parts.append(f"本组前 {value['first']} 名" if "first" in value else f"本组后 {value['last']} 名")
        elif key == "veto":
            parts.append(f"发生“{_veto(value, pack)}”")
        else:
            parts.append(f"{key}：{value}")
    return "适用于" + "且".join(parts) + "的单位"


def _compare(value: object) -> str:
    words = {"min": "不低于", "above": "高于", "max": "不高于", "below": "低于"}
    if isinstance(value, Mapping):
        return "且".join(f"{words[key]} {each} 分" for key, each in value.items())
    return f"等于 {value} 分"


def _veto(key: object, pack: Pack) -> str:
    titles = [
        content.vetoes[str(key)].title for content in pack.content.values() if str(key) in content.vetoes
    ]
    return titles[0] if titles else str(key)
