"""Why a unit got its score: a tree in Chinese whose leaves add up to the total, to the last digit.

Every node says label, value, 公式 (formula), 代入值 (numbers), 结果 and 依据 (cite). Values are shown with at
most twelve decimals; wherever that, or a rounding of the pack, leaves a rest, a leaf 舍入 carries it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from policies.exact import PLACES, exact_sum, plain, round_to
from policies.scoring.accounts import account
from policies.scoring.items import Item

if TYPE_CHECKING:
    from policies.scoring.result import Result


@dataclass(frozen=True, slots=True)
class Node:
    """One number of the explanation; `value` is a decimal string, the children add up to it exactly.

    `key` (`component:…`, `indicator:…`, `round:…`) and `full`, what it can bring, are for readers that look
    for one number; the public output does without them.
    """

    label: str
    value: str
    text: str
    cite: str | None = None
    children: tuple["Node", ...] = ()
    formula: str = ""
    numbers: str = ""
    key: str = ""
    full: str = ""

    def leaves(self) -> Iterator["Node"]:
        """The nodes without children, in order; their values add up to this node's value."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def to_json(self) -> dict[str, Any]:
        """As in the public output."""
        return {
            "label": self.label,
            "value": self.value,
            "text": self.text,
            "formula": self.formula,
            "numbers": self.numbers,
            "cite": self.cite,
            "children": [child.to_json() for child in self.children],
        }

    def to_text(self, indent: int = 0) -> str:
        """As indented lines, for a terminal or a letter."""
        cite = f"〔{self.cite}〕" if self.cite else ""
        lines = [f"{'  ' * indent}{self.text}{cite}"]
        lines += [child.to_text(indent + 1) for child in self.children]
        return "\n".join(lines)


def explain(result: "Result", unit_id: str) -> Node:
    """The explanation of one unit's total; KeyError for an unknown unit. Made anew at every call."""
    unit = result.unit(unit_id)
    root = _node(account(result.run, unit))
    published = result.total_text(unit)
    return replace(root, value=published, text=f"{root.label}：{root.formula} = {root.numbers} = {published}")


def _node(item: Item) -> Node:
    """Show an exact item: values cut to the decimals shown, the rest in a leaf of its own."""
    value = round_to(item.value, PLACES)
    children = [_node(child) for child in item.children]
    if children:
        rest = value - exact_sum(Fraction(child.value) for child in children)
        if rest:
            children.append(_rest(rest))
    text = " = ".join(part for part in (item.formula, item.numbers, plain(value)) if part)
    return Node(
        item.label,
        plain(value),
        f"{item.label}：{text}",
        item.cite,
        tuple(children),
        item.formula,
        item.numbers,
        item.key,
        plain(item.full) if item.full is not None else "",
    )


def _rest(rest: Fraction) -> Node:
    value = plain(rest)
    return Node("舍入", value, f"舍入：四舍五入的差额 = {value}", None, (), "四舍五入的差额", "")
