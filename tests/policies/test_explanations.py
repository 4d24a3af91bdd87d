"""Every number explains itself: leaves add up, formulas compute to their results, articles are named."""

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from policies.cases import read_case
from policies.explain import Node, explain
from policies.packs import load_pack
from policies.scoring import Result, score
from tests.policies.building import case_dir, one_indicator

CASES = ["zhengding-townships", "zhengding-departments", "zhengding-heritage"]


def result_of(name: str) -> Result:
    return score(load_pack("zhengding"), read_case(case_dir(name)).facts)


def computed(expression: str) -> Fraction:
    """A formula's numbers worked out by a reader of their own: + - × ÷, brackets and per cent."""
    text = re.sub(r"(\d+(?:\.\d+)?)%", r"(\1/100)", expression.replace("×", "*").replace("÷", "/"))
    text = re.sub(r"\d+(?:\.\d+)?", lambda number: f"F('{number[0]}')", text)
    return Fraction(eval(text, {"__builtins__": {}, "F": Fraction}))  # noqa: S307 (our own digits)  # noqa: S307 our own output, digits only


def nodes(node: Node) -> list[Node]:
    return [node, *(below for child in node.children for below in nodes(child))]


@pytest.mark.parametrize("name", CASES)
def test_the_leaves_add_up_to_the_total_to_the_last_digit(name: str) -> None:
    result = result_of(name)
    for unit in result.units:
        root = explain(result, unit.unit.unit)
        assert root.value == result.total_text(unit)
        for node in nodes(root):
            if node.children:
                assert sum(Decimal(leaf.value) for leaf in node.leaves()) == Decimal(node.value), node.label


@pytest.mark.parametrize(("name", "formulas"), list(zip(CASES, (42, 4, 24), strict=True)))
def test_the_numbers_of_every_formula_compute_to_its_result(name: str, formulas: int) -> None:
    result = result_of(name)
    checked = 0
    for unit in result.units:
        for node in nodes(explain(result, unit.unit.unit)):
            if node.numbers and node.label != "综合得分":
                assert abs(computed(node.numbers) - Fraction(node.value)) < Fraction(1, 10**11), node.text
                checked += 1
    assert checked == formulas


def test_the_text_reads_as_an_official_would_work_it_out() -> None:
    text = explain(result_of("zhengding-townships"), "nanniu").to_text()
    assert text.splitlines()[0] == "综合得分：指标评估 + 领导评估 + 加分 - 减分 = 85.5 + 8.8 + 4 - 1 = 97.30"
    assert "年终评估：分值 × 完成值 ÷ 目标值 × 轮次权重 = 50 × 90 ÷ 100 × 50% = 22.5〔五（一）1〕" in text
    assert "封顶：累计封顶 4 分，超出部分不计 = -3" in text
    assert "经济发展：各指标之和 = 47.5" in text


def test_what_rounding_leaves_is_a_leaf_of_its_own() -> None:
    root = explain(result_of("zhengding-townships"), "xipingle")
    assert [(leaf.label, leaf.value) for leaf in root.leaves() if leaf.label == "舍入"] == [("舍入", "0.005")]


def test_a_third_leaves_a_rest_at_the_twelfth_decimal() -> None:
    root = explain(one_indicator("ratio", target="3", a=2), "a")
    assert root.value == "6.666666666667"
    heritage = explain(result_of("zhengding-heritage"), "h1")
    # six months of 3.888888888889 and six of 5.833333333333; twelve of 2.491666666667; 88.2333… → 88.23
    rests = ["0.000000000001", "-0.000000000004", "-0.003333333333"]
    assert [leaf.value for leaf in heritage.leaves() if leaf.label == "舍入"] == rests


def test_the_same_fact_counts_once_and_says_which() -> None:
    text = explain(result_of("zhengding-townships"), "beizaoxian").to_text()
    assert "与“受党中央、国务院表彰或作为典型推广”是同一事项，按最高的计，这一项不再计 = 0" in text


def test_json_has_formula_numbers_article_and_children(tmp_path: Path) -> None:
    data = explain(result_of("zhengding-townships"), "nanniu").to_json()
    assert set(data) == {"label", "value", "text", "formula", "numbers", "cite", "children"}
    assert data["children"][0]["cite"] == "五（一）1"


METHODS = [
    ("ratio", {"max": "120%"}, "100", {"a": 130}),
    ("ratio", {"direction": "down"}, "5", {"a": 8}),
    ("step", {"down": {"every": "1", "take": "0.3"}, "partial": "exact"}, "100", {"a": "97.5"}),
    ("step", {"up": {"every": "1%", "add": "0.5", "max": "2"}, "partial": "floor"}, "100", {"a": "102.9"}),
    ("bands", {"bands": [{"min": "90", "score": "100%"}, {"score": "0"}]}, "", {"a": 95}),
    ("efficacy", {"low": "0", "high": "7"}, "", {"a": 3}),
    ("efficacy", {"low": "0", "high": "7", "direction": "down"}, "", {"a": 3}),
    ("rank", {"table": ["100%", "90%"]}, "", {"a": 1, "b": 2}),
    ("deduct", {"each": ["0.5", "1"]}, "", {"a": 3}),
    ("levels", {"levels": {"best": "95%"}}, "", {"a": {"actual": "best"}}),
    ("given", {}, "", {"a": {"score": "7.5", "note": "材料齐全"}}),
    (
        "growth",
        {
            "increment": {"weight": "60%", "method": "ratio", "target": "20"},
            "rate": {"weight": "40%", "method": "ratio", "target": "11"},
        },
        "",
        {"a": {"actual": 110, "last_year": 100}},
    ),
]


@pytest.mark.parametrize(
    ("method", "params", "target", "readings"),
    METHODS,
    ids=[f"{n}-{one[0]}" for n, one in enumerate(METHODS)],
)
def test_each_methods_formula_computes_to_its_score(
    method: str, params: dict, target: str, readings: dict
) -> None:
    result = one_indicator(method, params, target=target, **readings)
    leaf = next(explain(result, "a").leaves())
    assert abs(computed(leaf.numbers) - result.unit("a").exact_total) < Fraction(1, 10**11)
