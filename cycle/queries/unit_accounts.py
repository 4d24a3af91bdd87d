"""One unit's result line by line: components, indicators by round, adjustments, vetoes, each with its reason.

Values are the text of the explanation, so that they add up to the total exactly as it does.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from policies.exact import plain
from policies.explain import Node
from policies.scoring import Result, UnitResult
from policies.scoring.records import AdjustmentResult

Line = dict[str, Any]


def account_lines(root: Node) -> list[Line]:
    """Return what the total is the sum of: components, adjustments, vetoes, rounding."""
    return [
        {"title": child.label, "value": child.value, "reason": child.formula, "cite": child.cite or ""}
        for child in root.children
    ]


def components(result: Result, found: UnitResult, root: Node) -> list[Line]:
    """Return every component (a part after its whole) with its rounds or its indicators."""
    return [_component(result, found, node) for node in _about(root, "component")]


def indicators(result: Result, found: UnitResult, root: Node) -> list[Line]:
    """Return the unit's indicators over all components, in their order."""
    return [line for each in components(result, found, root) for line in each["indicators"]]


def _component(result: Result, found: UnitResult, node: Node) -> Line:
    key = _name(node)
    heading = ""
    inside: list[Line] = []
    for child in node.children:
        if child.key.startswith("indicator:"):
            inside.append(_indicator(result, found, key, heading, child))
        elif not child.key and any(one.key.startswith("indicator:") for one in child.children):
            inside += [_indicator(result, found, key, child.label, one) for one in child.children]
    plain_rounds = [child for child in node.children if child.key.startswith("round:")]
    others = [child for child in node.children if not child.key and not child.children]
    return {
        "key": key,
        "title": node.label,
        "points": node.full,
        "value": node.value,
        "lost": lost(node.full, node.value),
        "cite": node.cite or "",
        "indicators": inside,
        "rounds": [_round(found, key, "", child, "") for child in plain_rounds],
        "others": [{"title": each.label, "value": each.value, "reason": each.formula} for each in others],
    }


def _indicator(result: Result, found: UnitResult, component: str, heading: str, node: Node) -> Line:
    key = _name(node)
    rounds = [
        _round(found, component, key, child, _note(result, found, key, _name(child)))
        for child in node.children
        if child.key.startswith("round:")
    ]
    return {
        "key": key,
        "title": node.label,
        "heading": heading,
        "points": node.full,
        "value": node.value,
        "lost": lost(node.full, node.value),
        "cite": node.cite or "",
        "rounds": rounds,
    }


def _round(found: UnitResult, component: str, indicator: str, node: Node, note: str) -> Line:
    """A round: `score` is what it brought by itself, `value` what of it counts in the year."""
    round_id = _name(node)
    held = found.flat()[component].rounds[round_id]
    score = held.indicators.get(indicator) if indicator else held.value
    return {
        "round": round_id,
        "title": node.label,
        "score": plain(score) if score is not None else "",
        "points": node.full,
        "value": node.value,
        "lost": lost(node.full, node.value),
        "reason": node.formula,
        "numbers": node.numbers,
        "note": note,
        "cite": node.cite or "",
    }


def _note(result: Result, found: UnitResult, indicator: str, round_id: str) -> str:
    """What the collector wrote with the reading (督查通报扣分 and the like)."""
    reading = result.run.index.reading(found.unit.unit, indicator, round_id)
    return reading.note.strip() if reading else ""


def adjustments(found: UnitResult) -> Line:
    """Return bonus and deduction: every fact with what it counts, and what caps cut off."""
    return {"bonus": _adjustment(found.bonus), "deduction": _adjustment(found.deduction)}


def _adjustment(result: AdjustmentResult) -> Line:
    return {
        "value": plain(result.value),
        "lines": [
            {
                "title": line.label,
                "points": plain(line.value),
                "counted": plain(line.counted),
                "reason": line.text,
                "source": line.row.source if line.row else "",
                "cite": line.cite or "",
            }
            for line in result.lines
        ],
        "cuts": [
            {"title": text, "points": plain(value), "cite": cite or ""} for text, value, cite in result.cuts
        ],
    }


def vetoes(result: Result, found: UnitResult) -> list[Line]:
    """Return the vetoes that hold against the unit, each with what it means and its article."""
    return [
        {
            "item": each.item,
            "title": each.title,
            "effect": _effect(result, found.group, each.item),
            "cite": each.cite or "",
        }
        for each in found.vetoes
    ]


def _effect(result: Result, group: str, item: str) -> str:
    effect = result.pack.content[group].vetoes[item].effect
    scheme = result.pack.grades.get(group)
    levels = scheme.levels if scheme else {}
    words = []
    if effect.bar:
        words.append(f"取消评为“{levels[effect.bar].title}”的资格")
    if effect.set:
        words.append(f"定为“{levels[effect.set].title}”")
    if effect.lower:
        words.append(f"降低 {effect.lower} 个等次")
    if effect.deduct:
        words.append(f"扣减 {plain(effect.deduct)} 分")
    return "，".join(words)


def lost(full: str, value: str) -> str:
    """Return what is missing to the full points; nothing where the full points were reached or passed."""
    if not full:
        return ""
    missing = Fraction(full) - Fraction(value)
    return plain(missing) if missing > 0 else "0"


def _about(node: Node, what: str) -> Iterator[Node]:
    for child in node.children:
        if child.key.startswith(f"{what}:"):
            yield child
            yield from _about(child, what)


def _name(node: Node) -> str:
    return node.key.partition(":")[2]
