"""加分 and 减分: occurrences and multipliers, the same fact once, then the caps from item to total.

Bonus and deduction are never netted against each other.
"""

from collections.abc import Iterable
from fractions import Fraction

from policies.exact import exact_sum, plain
from policies.facts import AdjustmentRow
from policies.packs.content import AdjustmentItem, Adjustments
from policies.scoring.measures import exact
from policies.scoring.records import AdjustmentLine, AdjustmentResult, UnitResult
from policies.scoring.run import Run

_ZERO = Fraction(0)


def adjusted(run: Run, unit: UnitResult, kind: str, section: Adjustments | None) -> AdjustmentResult:
    """All bonus (or deduction) of a unit, capped; `kind` is `bonus` or `deduction`."""
    if section is None:
        return AdjustmentResult()
    rows = [row for row in run.index.adjustments.get(unit.unit.unit, []) if row.kind == kind]
    lines = _row_lines(section, rows)
    if section.same_fact == "highest":
        _count_each_fact_once(section, lines)
    lines += _indicator_lines(run, unit, kind, section)
    result = AdjustmentResult(lines=lines)
    result.value = _capped(run.pack.scale, section, result)
    return result


def _row_lines(section: Adjustments, rows: Iterable[AdjustmentRow]) -> list[AdjustmentLine]:
    """One line per row, in the order of occurrence; occurrences beyond the limit bring nothing."""
    occurred: dict[str, int] = {}
    lines = []
    for row in rows:
        item = section.items[row.item]
        first = occurred.get(row.item, 0)
        occurred[row.item] = first + row.count
        left = row.count if item.limit is None else max(0, min(row.count, item.limit - first))
        each = exact(row.points) if item.points.is_given and row.points is not None else None
        points = each * bool(left) if each is not None else item.points.total(first, left) if left else _ZERO
        factor = _multiplier(item, row)
        value = points * factor
        text = _line_text(row, left, points, factor)
        lines.append(AdjustmentLine(item.title, row.item, value, value, text, item.cite, row))
    return lines


def _multiplier(item: AdjustmentItem, row: AdjustmentRow) -> Fraction:
    """Of several multipliers the greatest."""
    return max((item.multipliers[name] for name in row.multiplier.split()), default=Fraction(1))


def _line_text(row: AdjustmentRow, left: int, points: Fraction, factor: Fraction) -> str:
    times = f"{row.count} 次" if row.count > 1 else ""
    beyond = f"（超过次数上限，只计 {left} 次）" if left < row.count else ""
    factor_text = f" × {plain(factor)}" if factor != 1 else ""
    return f"{row.evidence or row.source}{times}{beyond}：{plain(points)}{factor_text}"


def _count_each_fact_once(section: Adjustments, lines: list[AdjustmentLine]) -> None:
    """Of the rows about the same fact only the highest counts; among equals the first item of the text."""
    order = {key: place for place, key in enumerate(section.items)}
    best: dict[str, AdjustmentLine] = {}
    for line in lines:
        fact = line.row.fact if line.row else ""
        if not fact:
            continue
        other = best.get(fact)
        if other is None or (line.value, -order[line.item]) > (other.value, -order[other.item]):
            best[fact] = line
    for line in lines:
        fact = line.row.fact if line.row else ""
        if fact and best[fact] is not line:
            line.counted = _ZERO
            line.text += f"；与“{best[fact].label}”是同一事项，按最高的计，这一项不再计"


def _indicator_lines(run: Run, unit: UnitResult, kind: str, section: Adjustments) -> list[AdjustmentLine]:
    """Indicators placed here: in `deduction` what they lost counts, in `bonus` what they scored."""
    lines: dict[str, AdjustmentLine] = {}
    weights = run.due_rounds(section.rounds)
    for round_id, ones in unit.plan.get(kind, {}).items():
        for one in ones:
            weight = weights.get(round_id)
            score = run.score_indicator(unit, one, round_id) if weight else None
            if score is None or weight is None:
                continue
            value = weight * (one.points - score if kind == "deduction" else score)
            line = lines.setdefault(one.id, AdjustmentLine(one.title, one.id, _ZERO, _ZERO, "", one.cite))
            line.value += value
            line.counted += value
            line.text = "指标失分计入减分" if kind == "deduction" else "指标得分计入加分"
    return list(lines.values())


def _capped(scale: Fraction, section: Adjustments, result: AdjustmentResult) -> Fraction:
    """Item caps, then part caps, then the total cap; what each cuts off is remembered."""
    by_part: dict[str, Fraction] = {}
    for key, item in section.items.items():
        totals = _item_totals(key, item, result)
        whole = exact_sum(totals.values())
        excess = whole - _cut(
            result, f"“{item.title}”", whole, item.cap.of(scale) if item.cap else None, item.cite
        )
        for part in sorted(totals):
            kept = max(totals[part] - excess, min(totals[part], _ZERO))
            excess -= totals[part] - kept
            by_part[part] = by_part.get(part, _ZERO) + kept
    by_part[""] = by_part.get("", _ZERO) + exact_sum(line.counted for line in result.lines if not line.row)
    total = _ZERO
    for part, value in by_part.items():
        rule = section.parts.get(part)
        cap = rule.cap.of(scale) if rule else None
        title = (rule.title if rule else None) or part
        total += _cut(result, f"分项“{title}”", value, cap, rule.cite if rule else None)
    return _cut(result, "累计", total, section.cap.of(scale) if section.cap else None, section.cite)


def _item_totals(key: str, item: AdjustmentItem, result: AdjustmentResult) -> dict[str, Fraction]:
    """The item's points by part; with `part: source` each row names its own."""
    totals: dict[str, Fraction] = {}
    for line in result.lines:
        if line.row and line.item == key:
            part = line.row.source if item.part == "source" else item.part or ""
            totals[part] = totals.get(part, _ZERO) + line.counted
    return totals


def _cut(
    result: AdjustmentResult, label: str, value: Fraction, cap: Fraction | None, cite: str | None
) -> Fraction:
    if cap is None or value <= cap:
        return value
    result.cuts.append((f"{label}封顶 {plain(cap)} 分，超出部分不计", value - cap, cite))
    return cap
