"""An adjustment in the words of the office: what each line changes, and which rounds it reaches."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from cycle.models import AdjustmentLine, Indicator, Subject
from cycle.queries.method_words import METHOD_TITLES
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.versions import round_end
from cycle.services.adjusted_values import rounds_of, texts_of, version_of
from offices.models import Office

LABELS: Final = {
    "title": "指标名称",
    "component": "评估内容",
    "heading": "一级指标",
    "points": "分值",
    "target": "全年目标值",
    "unit": "计量单位",
    "method": "计分方法",
    "params": "方法参数",
    "standard": "验收标准",
    "rule": "计分规则",
    "source": "数据来源",
    "collector": "数据采集责任单位",
    "is_key": "重点工作目标",
    "measures": "工作措施",
    "milestones": "进度安排",
    "sections": "责任科室",
}
LONG: Final = ("standard", "rule", "params", "measures", "milestones")


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a line: what it is called, what it was, what it becomes."""

    name: str
    label: str
    before: str
    after: str

    @property
    def is_long(self) -> bool:
        """Whether the texts want a whole row."""
        return self.name in LONG


def label_of(name: str) -> str:
    """Return a value's name in Chinese; `target_midyear` is the mid-year's target."""
    round = name.removeprefix("target_")
    return LABELS.get(name) or f"{period_title(round)}目标值"


def changes_of(line: AdjustmentLine, unit: Subject) -> list[Change]:
    """Return what a line changes, in the order of the form; of an added indicator everything it states."""
    after = texts_of(line, unit)
    if line.indicator is None:
        names = [name for name in _ordered(unit, after["component"]) if after.get(name)]
        return [_change(name, "", after, unit) for name in names]
    before = texts_of(AdjustmentLine(indicator=line.indicator, action=line.action), unit)
    return [
        _change(name, before.get(name, ""), after, unit)
        for name in _ordered(unit, after["component"])
        if after.get(name, "") != before.get(name, "")
    ]


def _change(name: str, before: str, after: dict[str, str], unit: Subject) -> Change:
    measure = after["unit"] if name.startswith("target") else ""
    was, is_now = (
        f"{said} {measure}".strip() if (said := words_of(name, text, unit)) else ""
        for text in (before, after[name])
    )
    return Change(name, label_of(name), was, is_now)


def _ordered(unit: Subject, component: str) -> list[str]:
    names = list(LABELS)
    place = names.index("target") + 1
    return names[:place] + [f"target_{round}" for round in rounds_of(unit, component)] + names[place:]


def words_of(name: str, text: str, unit: Subject) -> str:
    """Return a value as people read it: titles for ids, 分 behind points."""
    if not text:
        return "否" if name == "is_key" else ""
    if name == "method":
        return METHOD_TITLES.get(text, text)
    if name == "collector":
        return Office.objects.filter(pk=text).values_list("title", flat=True).first() or ""
    if name == "is_key":
        return "是"
    if name == "points":
        return f"{text} 分"
    if name in ("component", "heading"):
        return _rule_words(name, text, unit)
    return text


def _rule_words(name: str, text: str, unit: Subject) -> str:
    pack = rules_of(unit.cycle)
    if name == "component":
        rule = pack.component(unit.group, text)
        return rule.title if rule else text
    content = pack.content[unit.group].components.values()
    return next((one.headings[text] for one in content if text in one.headings), text)


def reach(unit: Subject, lines: list[AdjustmentLine], day: dt.date) -> str:
    """Return as a sentence which rounds are scored under the adjusted indicators, and which as before."""
    pack = rules_of(unit.cycle)
    old: list[str] = []
    new: list[str] = []
    for component in dict.fromkeys(version_of(line, unit).component for line in lines):
        rule = pack.component(unit.group, component)
        for round in rule.rounds if rule else ():
            (new if round_end(pack, round, unit.cycle.year) >= day else old).append(period_title(round))
    parts = [
        f"{'、'.join(dict.fromkeys(new))}按调整后的指标采集和计分" if new else "",
        f"{'、'.join(dict.fromkeys(old))}仍按原指标计分" if old else "",
    ]
    said = "；".join(part for part in parts if part)
    return f"自 {day.year} 年 {day.month} 月 {day.day} 日起生效" + (f"：{said}。" if said else "。")


def title_of(line: AdjustmentLine) -> str:
    """Return a line's heading: what is done, to which indicator."""
    named: Indicator | None = line.indicator
    title = named.title if named else str(line.values.get("title") or "（名称待填）")
    return f"{line.get_action_display()}：{title}"
