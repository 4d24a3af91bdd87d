"""What the data say about a unit's weak points: lines that the office may put into the letter, or not."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from policies.exact import plain

MOST = 5


def suggested_problems(content: dict[str, Any]) -> list[str]:
    """Return one line for each indicator that lost most, then deductions and vetoes; nothing is invented."""
    indicators = [each for component in content["components"] for each in component["indicators"]]
    lost = sorted(indicators, key=lambda each: Fraction(each["lost"] or 0), reverse=True)
    found = [_indicator(each) for each in lost[:MOST] if each["lost"] not in ("", "0")]
    return [*found, *_facts(content)]


def _indicator(each: dict[str, Any]) -> str:
    weakest = max(each["rounds"], key=lambda one: Fraction(one["lost"] or 0))
    note = f"（{weakest['title']}：{weakest['note'].rstrip('。')}）" if weakest["note"] else ""
    return (
        f"{each['title']}：满分 {_short(each['points'])} 分，得 {_short(each['value'])} 分，"
        f"失 {_short(each['lost'])} 分{note}。"
    )


def _facts(content: dict[str, Any]) -> Iterator[str]:
    for line in content["adjustments"]["deduction"]["lines"]:
        source = f"（{line['source']}）" if line["source"] else ""
        yield f"{line['title']}{source}：减 {_short(line['counted'])} 分。"
    for veto in content["vetoes"]:
        yield f"{veto['title']}：{veto['effect']}。"


def _short(value: str) -> str:
    return plain(Fraction(value), 2)
