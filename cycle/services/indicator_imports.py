"""Indicator drafts from a table (CSV, XLSX): every defect with its line, all rows or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import ledger
from audit.refusals import NotPossible
from cycle.models import Cycle, Indicator, Subject
from cycle.queries.packs import rules_of
from cycle.services.definitions import parsed_params
from cycle.services.numbers import decimal
from cycle.services.setup import IndicatorDraft, draft_indicators
from offices.models import Office
from offices.services.imports.lines import Column, Line, Table, lines_of
from policies.packs import Pack
from policies.packs.contents import flat_components
from policies.packs.methods import METHODS, NEEDS_TARGET, TARGET_WORDS

COLUMNS = {
    "unit": Column("单位", ("单位代码", "责任单位", "考核对象")),
    "indicator": Column("编号", ("指标编号",), max_length=60),
    "component": Column("构成部分", ("评估内容",), is_needed=False, max_length=40),
    "heading": Column("一级指标", (), is_needed=False, max_length=40),
    "title": Column("指标", ("指标名称",)),
    "unit_of_measure": Column("计量单位", (), is_needed=False, max_length=20),
    "points": Column("分值", (), max_length=20),
    "method": Column("计分方法", (), max_length=20, is_needed=False),
    "params": Column("方法参数", (), is_needed=False, max_length=2000),
    "target": Column("全年目标", ("目标值", "目标"), is_needed=False, max_length=40),
    "midyear_target": Column("半年目标", ("中期目标",), is_needed=False, max_length=40),
    "last_year": Column("上年实绩", (), is_needed=False, max_length=40),
    "midyear_last_year": Column("上年半年实绩", (), is_needed=False, max_length=40),
    "collector": Column("数据采集单位", ("采集单位", "数据采集责任单位"), is_needed=False),
    "source": Column("数据来源", (), is_needed=False),
    "standard": Column("验收标准", (), is_needed=False, max_length=2000),
    "rule": Column("计分规则", (), is_needed=False, max_length=2000),
    "measures": Column("工作措施", (), is_needed=False, max_length=2000),
    "milestones": Column("进度安排", (), is_needed=False, max_length=2000),
    "sections": Column("责任科室", (), is_needed=False),
    "is_key": Column("重点", ("重点目标", "重点工作目标"), is_needed=False, max_length=4),
}


@ledger.service
def import_indicators(cycle_id: UUID, rows: Sequence[dict[str, str]], *, user_id: UUID) -> int:
    """Draft the indicators of a table before 指标设置 opens; return how many.

    Raises BadTable with every defect; then nothing of the table is taken over.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    return draft_indicators(cycle_id, plan_indicators(cycle, rows), user_id=user_id)


def plan_indicators(cycle: Cycle, rows: Sequence[dict[str, str]]) -> list[IndicatorDraft]:
    """Check a table against the cycle's policy, units and collectors; raises BadTable with every defect."""
    table = lines_of(rows, COLUMNS)
    known = _Known.of(cycle)
    seen = set(Indicator.objects.filter(cycle=cycle).values_list("subject__code", "key"))
    drafts = []
    for line in table.lines:
        draft = _draft(table, line, known)
        if draft is None:
            continue
        if (draft.unit, draft.key) in seen:
            table.fault(line, "indicator", f"{line['unit']}已有编号为“{draft.key}”的指标，请改用别的编号。")
        seen.add((draft.unit, draft.key))
        drafts.append(draft)
    table.refuse_if_faulty()
    return drafts


@dataclass(frozen=True, slots=True)
class _Known:
    """What cells may name: units and collectors by code or title, the policy's components."""

    pack: Pack
    units: dict[str, Subject]
    collectors: dict[str, Office]

    @classmethod
    def of(cls, cycle: Cycle) -> "_Known":
        units = {name: each for each in cycle.subjects.all() for name in (each.code, each.title)}
        offices = Office.objects.filter(capacity="collector").select_related("organisation")
        collectors = {
            name: each
            for each in offices
            for name in (
                each.organisation.code,
                each.organisation.short_title,
                each.organisation.title,
                each.title,
            )
        }
        return cls(rules_of(cycle), units, collectors)


def _draft(table: Table, line: Line, known: _Known) -> IndicatorDraft | None:
    unit = known.units.get(line["unit"])
    if unit is None:
        table.fault(line, "unit", f"“{line['unit']}”不是本年度的考核对象，请核对名称或代码。")
        return None
    component, headings = _component(table, line, known.pack, unit.group)
    method, params = _method(table, line)
    midyear = {name: _number(table, line, f"midyear_{name}", "半年数") for name in ("target", "last_year")}
    return IndicatorDraft(
        unit=unit.code,
        key=_key(table, line),
        component=component,
        heading=_choice(table, line, "heading", headings),
        title=line["title"],
        unit_of_measure=line["unit_of_measure"],
        points=_points(table, line),
        method=method,
        target=_target(table, line, method),
        params=params,
        standard=line["standard"],
        rule=line["rule"],
        source=line["source"],
        collector=_collector(table, line, known, unit),
        last_year=Decimal(text) if (text := _number(table, line, "last_year", "上年实绩")) else None,
        round_values={"midyear": midyear} if midyear["target"] else {},
        plan={name: line[name] for name in ("measures", "milestones", "sections")},
        is_key=_yes(table, line, "is_key"),
    )


def _key(table: Table, line: Line) -> str:
    key = line["indicator"]
    if not key.replace("-", "").replace("_", "").isalnum() or not key.isascii():
        table.fault(line, "indicator", "编号只能用英文字母、数字、下划线和连字符。")
    return key


def _component(table: Table, line: Line, pack: Pack, group: str) -> tuple[str, dict[str, str]]:
    """The component (the group's only one with indicators when the cell is empty) and its headings."""
    found = {
        key: one
        for key, one, _ in flat_components(pack.content[group].components)
        if one.scored_by == "indicators"
    }
    if not line["component"] and len(found) == 1:
        key = next(iter(found))
    else:
        key = _choice(table, line, "component", {key: one.title for key, one in found.items()}, needed=True)
    return key, dict(found[key].headings) if key in found else {}


def _choice(table: Table, line: Line, name: str, titles: dict[str, str], *, needed: bool = False) -> str:
    """The id of a cell that names an id or its title."""
    text = line[name]
    if not text and not needed:
        return ""
    found = next((key for key, title in titles.items() if text in (key, title)), None)
    if found is None:
        listed = "、".join(titles.values()) or "（本组没有）"
        table.fault(line, name, f"没有“{text}”，可以填：{listed}。")
    return found or ""


def _points(table: Table, line: Line) -> Decimal:
    text = _number(table, line, "points", "分值")
    points = Decimal(text) if text else Decimal(0)
    if text and points <= 0:
        table.fault(line, "points", "分值应当大于 0。")
    return points


def _number(table: Table, line: Line, name: str, what: str) -> str:
    """A number as text; empty stays empty, anything else is a defect."""
    if not line[name]:
        return ""
    try:
        return str(decimal(line[name], what=what))
    except NotPossible as refusal:
        table.fault(line, name, refusal.sentence)
        return ""


def _method(table: Table, line: Line) -> tuple[str, dict[str, Any]]:
    method = line["method"] or "ratio"
    if method not in METHODS:
        table.fault(line, "method", f"没有“{method}”这种计分方法，可以填：{'、'.join(METHODS)}。")
        return method, {}
    try:
        return method, parsed_params(method, line["params"])
    except NotPossible as refusal:
        table.fault(line, "params", refusal.sentence)
        return method, {}


def _yes(table: Table, line: Line, name: str) -> bool:
    if line[name] not in ("", "是", "否"):
        table.fault(line, name, f"只能填“是”或者“否”，不能填“{line[name]}”。")
    return line[name] == "是"


def _target(table: Table, line: Line, method: str) -> str:
    if line["target"] in TARGET_WORDS:
        return line["target"]
    if not line["target"] and method in NEEDS_TARGET:
        table.fault(line, "target", "这种计分方法要有目标值，请补上。")
    return _number(table, line, "target", "目标值")


def _collector(table: Table, line: Line, known: _Known, unit: Subject) -> str:
    """The code of the collecting office's organisation; nobody collects its own data (正定 八（三）)."""
    if not line["collector"]:
        return ""
    office = known.collectors.get(line["collector"])
    if office is None:
        table.fault(line, "collector", f"没有设立数据采集单位“{line['collector']}”，请核对或者先导入机构。")
        return ""
    if office.organisation_id == unit.organisation_id:
        table.fault(line, "collector", "不能由被考核单位采集自己的数据，请改由其他单位采集。")
    return office.organisation.code
