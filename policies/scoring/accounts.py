"""The account of one unit's total: components, left-out parts, bonus, deduction, vetoes, limits, rounding."""

from fractions import Fraction

from policies.exact import exact_sum, plain
from policies.scoring.component_accounts import component_account
from policies.scoring.items import Item
from policies.scoring.ranking import limited
from policies.scoring.records import AdjustmentResult, UnitResult
from policies.scoring.run import Run


def account(run: Run, unit: UnitResult) -> Item:
    """The total of a unit and all that it is made of."""
    content = run.pack.content[unit.group]
    children = [
        component_account(run, unit, key, component)
        for key, component in unit.components.items()
        if component.value is not None
    ]
    scaled = unit.base - exact_sum(child.value for child in children)
    if scaled:
        scale, rest = plain(run.pack.scale), plain(run.pack.scale - unit.left_out)
        children.append(Item("未评部分折算", scaled, f"其余部分得分按 {scale} ÷ {rest} 折算增加的分"))
    children += _adjustment_accounts(unit)
    within = limited(unit.exact_total, content.limits)
    if within != unit.exact_total:
        cite = content.limits.cite if content.limits else None
        children.append(
            Item("总分上下限", within - unit.exact_total, "总分超出规定上下限的部分不计", "", cite)
        )
    root = Item("综合得分", unit.total, _formula(children), _numbers(children), None, children)
    rest_value = unit.total - exact_sum(child.value for child in children)
    if rest_value:
        root.children.append(_rounding(run, rest_value))
    return root


def _formula(children: list[Item]) -> str:
    text = ""
    for child in children:
        sign = " - " if child.value < 0 else " + "
        text += (sign if text else "- " if child.value < 0 else "") + child.label
    return text


def _numbers(children: list[Item]) -> str:
    text = ""
    for child in children:
        sign = " - " if child.value < 0 else " + "
        text += (sign if text else "-" if child.value < 0 else "") + plain(abs(child.value))
    return text


def _rounding(run: Run, rest: Fraction) -> Item:
    rule = run.pack.rounding.get("total")
    places = f"综合得分保留 {rule.places} 位小数的差额" if rule else "四舍五入的差额"
    return Item("舍入", rest, places, "", rule.cite if rule else None)


def _adjustment_accounts(unit: UnitResult) -> list[Item]:
    children = []
    if unit.bonus.lines:
        children.append(_adjustment("加分", unit.bonus, 1))
    if unit.deduction.lines:
        children.append(_adjustment("减分", unit.deduction, -1))
    if unit.veto_deduction:
        children.append(Item("否决项扣分", -unit.veto_deduction, _veto_titles(unit)))
    return children


def _adjustment(label: str, result: AdjustmentResult, sign: int) -> Item:
    """Every fact with what it counts, then what the caps cut off."""
    lines = [Item(line.label, sign * line.counted, line.text, "", line.cite) for line in result.lines]
    cuts = [Item("封顶", -sign * value, text, "", cite) for text, value, cite in result.cuts]
    formula = "各项之和，封顶后" if cuts else "各项之和"
    return Item(label, sign * result.value, formula, "", None, [*lines, *cuts])


def _veto_titles(unit: UnitResult) -> str:
    return "、".join(f"“{veto.title}”" for veto in unit.vetoes)
