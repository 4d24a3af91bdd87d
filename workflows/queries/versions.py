"""What was submitted, version by version: each differs from the one before in the changed values only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audit.models import Event
from cycle.models import Indicator, Matter, Subject

FIELD_TITLES = {
    "value": "完成数",
    "reason": "理由和依据",
    "effective_on": "生效日期",
    "note": "说明",
    "target": "目标值",
    "measures": "工作措施",
    "milestones": "进度安排",
    "sections": "责任科室",
    "verified": "核验数",
    "remark": "核验说明",
    "satisfaction": "满意度",
    "turnout": "回收率",
    "summary": "完成情况",
    "problems": "存在问题",
    "plans": "改进措施",
    "advice": "意见建议",
    "result": "执行情况",
    "paid": "执行金额",
    "source": "来源文件",
    "points": "分值",
    "amount": "金额",
    "missing": "未报单位",
    "count": "已汇总单位数",
    "supplement": "补正说明",
    "asked": "要求补正",
    "answer": "原认定机构答复",
    "text": "内容",
    "office": "机构",
    "at": "时间",
    "findings": "调查核实的情况",
    "finding": "核验情况和结论",
    "overtaken": "结果变更",
    "refusal": "不予受理的理由",
    "plan": "整改措施",
    "person": "责任人的岗位",
    "finish_on": "计划完成日期",
    "outcome": "整改结果",
    **{f"step_{place}": f"节点 {place}" for place in range(1, 7)},
}
_PLACES = ("values", "lines")
_KEPT = ("text", "source", "points")
_INTERNAL = {
    "anchors", "due", "measured_on", "pauses", "resumed", "signed_on", "deemed_on", "review_round", "digest",
    "years", "not_carried", "what",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One submission: the event, which number it is, what it changed."""

    event: Event
    number: int
    changes: list[dict[str, str]]


def versions(events: Iterable[Event], labels: Mapping[str, str]) -> list[Version]:
    """The submissions among a matter's events (in their order), oldest first."""
    known: dict[tuple[str, ...], str] = {}
    found: list[Version] = []
    for event in events:
        submitted = dict(_flat(_submitted(event.facts)))
        if not submitted or event.type.endswith(".create"):
            continue
        changed = {path: value for path, value in submitted.items() if known.get(path, "") != value}
        changes = [
            {"label": _label(path, labels), "before": known.get(path, ""), "after": value or "（空）"}
            for path, value in changed.items()
        ]
        known |= submitted
        found.append(Version(event, len(found) + 1, changes))
    return found


def _submitted(facts: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for place in _PLACES:
        content |= facts.get(place) or {}
    for name, value in (facts.get("set") or {}).items():
        if name == "text" and isinstance(value, dict):
            content |= {key: each for key, each in value.items() if key not in _INTERNAL}
        elif name in _KEPT:
            content[name] = value
    return content


def _flat(content: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    flat: list[tuple[tuple[str, ...], str]] = []
    for key, value in content.items():
        if isinstance(value, dict):
            flat += _flat(value, (*path, key))
        else:
            text = (
                "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
            )
            flat.append(((*path, key), text))
    return flat


def _label(path: tuple[str, ...], labels: Mapping[str, str]) -> str:
    return " · ".join(labels.get(each) or FIELD_TITLES.get(each, each) for each in path)


def labels_of(matter: Matter) -> dict[str, str]:
    """Titles for the keys that a matter's submissions use: indicators, units, or both."""
    rows = Indicator.objects.filter(cycle=matter.cycle_id).exclude(state=Indicator.State.SUPERSEDED)
    if matter.subject_id:
        return dict(rows.filter(subject=matter.subject_id).values_list("key", "title"))
    units = dict(Subject.objects.filter(cycle=matter.cycle_id).values_list("code", "title"))
    if matter.kind != "collection":
        return units
    collected = rows.filter(collector=matter.office_id).values_list("subject__code", "key", "title")
    return units | {f"{code}/{key}": f"{units[code]} {title}" for code, key, title in collected}
