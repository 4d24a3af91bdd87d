"""Every topic that a service tells has exactly one subscriber, and every subscriber hears of something."""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict

from tests.architecture.sources import modules, name, tree
from workflows.subscriptions import SUBSCRIPTIONS


def told() -> dict[str, list[str]]:
    """Topic → where it is told; a topic that is not written out is named by its expression."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and _is_tell(node.func):
                topic = node.args[0]
                key = topic.value if isinstance(topic, ast.Constant) else ast.unparse(topic)
                found[str(key)].append(f"{name(path)}:{node.lineno}")
    return found


def _is_tell(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr == "tell" and ast.unparse(function.value) == "ledger"
    return isinstance(function, ast.Name) and function.id == "tell"


def test_topics_told_and_subscribed_are_the_same() -> None:
    assert set(told()) == set(SUBSCRIPTIONS)


def test_topics_are_told_by_services_only() -> None:
    places = [place for where in told().values() for place in where]
    assert [place for place in places if "/services/" not in place] == []


def test_handlers_take_a_key_and_a_payload() -> None:
    for topic, handler in SUBSCRIPTIONS.items():
        assert list(inspect.signature(handler).parameters) == ["key", "payload"], topic
        assert handler.__doc__, f"{topic}: say what happens"
