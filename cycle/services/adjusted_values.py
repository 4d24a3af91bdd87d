"""What a line of an adjustment says: typed texts, checked as in a declaration, become values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from audit.refusals import NotPossible
from cycle.models import AdjustmentLine, Indicator, Subject
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.rules import indicator_points
from cycle.services.definitions import parsed_params
from cycle.services.numbers import decimal, plain
from offices.models import Office
from policies.packs.methods import METHODS, NEEDS_TARGET, TARGET_WORDS

WRITTEN = ("title", "unit", "standard", "rule", "source")
PLAN = ("measures", "milestones", "sections")
OF_NEW = ("title", "unit", "component", "heading", "is_key", "plan")
"""What only an added indicator states: an adjusted one stays the same indicator of the same unit."""


def texts_of(line: AdjustmentLine, unit: Subject) -> dict[str, str]:
    """Return what a line says now, by the names of its controls: its own values over the version's."""
    version = version_of(line, unit)
    plan = line.values.get("plan", {})
    return {
        **{name: getattr(version, name) for name in (*WRITTEN, "component", "heading", "method", "target")},
        **{name: plan.get(name, "") for name in PLAN},
        **{
            f"target_{round}": str(version.round_values.get(round, {}).get("target", ""))
            for round in rounds_of(unit, version.component)
        },
        "points": plain(version.points) if version.points else "",
        "params": json.dumps(version.params, ensure_ascii=False) if version.params else "",
        "collector": str(version.collector_id or ""),
        "is_key": "yes" if version.is_key else "",
    }


def rounds_of(unit: Subject, component: str) -> list[str]:
    """Return the rounds that may have a target of their own; none of a component that is scored monthly."""
    pack = rules_of(unit.cycle)
    rule = pack.component(unit.group, component)
    known = [each for each in rule.rounds if each not in ("", "yearend")] if rule else []
    return known if len(known) <= 4 else []


def version_of(line: AdjustmentLine, unit: Subject) -> Indicator:
    """Return the version that a line would make, neither saved nor issued; for a dropped one as it stands."""
    old, values = line.indicator, line.values
    fresh = Indicator(cycle=unit.cycle, subject=unit, points=Decimal(0), method="ratio", position=0)
    if old is not None:
        kept = ("id", "state", "version", "effective_on", "ends_on", "because_of_id")
        for column in Indicator._meta.concrete_fields:
            if column.attname not in kept:
                setattr(fresh, column.attname, getattr(old, column.attname))
        fresh.version = old.version + 1
    for name, value in values.items():
        if name == "collector":
            fresh.collector_id = value or None
        elif name != "plan":
            setattr(fresh, name, Decimal(value) if name == "points" else value)
    return fresh


def checked(line: AdjustmentLine, typed: Mapping[str, str], unit: Subject) -> dict[str, Any]:
    """Return a line's new values: of an adjusted indicator those that differ, of an added one all.

    Raises NotPossible naming the control for what a declaration or the table of indicators would refuse.
    """
    if line.action == AdjustmentLine.Action.DROP:
        return {}
    said = {name: text.strip() for name, text in (texts_of(line, unit) | dict(typed)).items()}
    known = list(indicator_points(rules_of(unit.cycle), unit.group))
    if not said["component"] and len(known) == 1:
        said["component"] = known[0]
    found = _Reading(line, unit, said).values()
    if line.indicator is None:
        return found | {"key": line.values.get("key", "")}
    before = _stored(line.indicator)
    return {name: value for name, value in found.items() if value != before[name]}


def _stored(indicator: Indicator) -> dict[str, Any]:
    names = (*WRITTEN, "method", "params", "target", "round_values")
    return {name: getattr(indicator, name) for name in names} | {
        "points": plain(indicator.points),
        "collector": str(indicator.collector_id or ""),
    }


@dataclass(frozen=True, slots=True)
class _Reading:
    """One line as typed; each method reads one of its values or says what is wrong with it."""

    line: AdjustmentLine
    unit: Subject
    said: Mapping[str, str]

    def values(self) -> dict[str, Any]:
        """Everything that the line may say; what the indicator is, only of an added one."""
        method = self._method()
        rule = method or self._ruled_method()
        return {
            **(self._identity() if self.line.indicator is None else {}),
            **{name: self.said[name] for name in WRITTEN if name not in OF_NEW},
            "points": self._points(),
            "method": method,
            "params": parsed_params(rule, self.said["params"], field=self._at("params")),
            "target": self._target("target", "目标值", is_needed=rule in NEEDS_TARGET),
            "round_values": self._rounds(),
            "standard": self._needed("standard", "验收标准"),
            "rule": self._needed("rule", "计分规则"),
            "collector": self._collector(),
        }

    def _identity(self) -> dict[str, Any]:
        return {
            "title": self._needed("title", "指标名称"),
            "unit": self.said["unit"],
            "component": self._component(),
            "heading": self._heading(),
            "is_key": self.said["is_key"] == "yes",
            "plan": {name: self.said[name] for name in PLAN},
        }

    def _at(self, name: str) -> str:
        return f"{self.line.pk}-{name}"

    @property
    def _called(self) -> str:
        return self.said["title"] or "新增指标"

    def _needed(self, name: str, title: str) -> str:
        if not self.said[name]:
            raise NotPossible(f"请填写“{self._called}”的{title}。", field=self._at(name))
        return self.said[name]

    def _component(self) -> str:
        known = indicator_points(rules_of(self.unit.cycle), self.unit.group)
        if self.said["component"] not in known:
            raise NotPossible(f"请选择“{self._called}”所属的评估内容。", field=self._at("component"))
        return self.said["component"]

    def _heading(self) -> str:
        rule = rules_of(self.unit.cycle).component(self.unit.group, self.said["component"])
        headings = rule.headings if rule else {}
        if headings and self.said["heading"] not in headings:
            raise NotPossible(f"请选择“{self._called}”所属的一级指标。", field=self._at("heading"))
        return self.said["heading"] if headings else ""

    def _points(self) -> str:
        points = decimal(self.said["points"], what=f"“{self._called}”的分值", field=self._at("points"))
        if points <= 0:
            raise NotPossible(f"“{self._called}”的分值应当大于 0。", field=self._at("points"))
        return plain(points)

    def _ruled_method(self) -> str:
        """The method that the policy gives to the whole component, for an indicator that names none."""
        rule = rules_of(self.unit.cycle).component(self.unit.group, self.said["component"])
        return (rule.method if rule else None) or "ratio"

    def _method(self) -> str:
        is_open = self.line.indicator is not None and not self.line.indicator.method
        if self.said["method"] not in METHODS and not (is_open and not self.said["method"]):
            raise NotPossible(f"请选择“{self._called}”的计分方法。", field=self._at("method"))
        return self.said["method"]

    def _target(self, name: str, title: str, *, is_needed: bool = False) -> str:
        text = self.said.get(name, "")
        if not text and is_needed:
            raise NotPossible(f"“{self._called}”的计分方法要有目标值，请填写{title}。", field=self._at(name))
        if not text or text in TARGET_WORDS:
            return text
        return plain(decimal(text, what=f"“{self._called}”的{title}", field=self._at(name)))

    def _rounds(self) -> dict[str, dict[str, Any]]:
        """The rounds' own values with the typed targets, in the place of those that were changed."""
        kept: dict[str, dict[str, Any]] = {}
        before = self.line.indicator.round_values if self.line.indicator else {}
        known = rounds_of(self.unit, self.said["component"])
        for round in dict.fromkeys([*before, *known]):
            values = dict(before.get(round, {}))
            if round in known:
                target = self._target(f"target_{round}", f"{period_title(round)}目标值")
                if target != values.get("target", ""):
                    values["target"] = target
            if round in before or any(values.values()):
                kept[round] = values
        return kept

    def _collector(self) -> str:
        text = self._needed("collector", "数据采集责任单位")
        office = next((each for each in collectors_for(self.unit) if str(each.pk) == text), None)
        if office is None:
            raise NotPossible(
                f"请从列表中选择“{self._called}”的数据采集责任单位，不能由{self.unit}采集自己的数据。",
                field=self._at("collector"),
            )
        return text


def collectors_for(unit: Subject) -> list[Office]:
    """Return the offices that may collect the unit's data: every collector but the unit itself."""
    rows = Office.objects.filter(capacity="collector").exclude(organisation=unit.organisation_id)
    return list(rows.order_by("title"))
