"""Every route through the flows of repair is walked: appeals, rectification, adjustments, what follows them.

The table of paths is generated from the flows' own ways out, so a way that is added is walked as well. A path
goes from the start to the end, takes every way other than the way on at most once and goes back at most
twice; a step that a matter may do without is walked through in some paths and passed over in others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.models import Event
from cycle.models import KINDS
from tests.county import County
from tests.workflows.walking import BEGUN, PASS, Path, Way, go
from workflows.flows import BY_KEY
from workflows.models import Process, WorkItem
from workflows.nodes import Step

RETURNS = 2


def ways(node: Step) -> Iterator[tuple[Way, Any]]:
    """Each way out of a step, and past it, with the node it leads to."""
    for name, choice in node.choices.items():
        yield Way(node.name, name), choice.target
    if node.when is not None:
        yield Way(node.name, PASS), node.choices["next"].target


def may_follow(way: Way, gone: Path) -> bool:
    """Whether a path may go on this way: a matter that needs a step needs it on the second round too."""
    if any(way.step == each.step and (way.choice == PASS) != (each.choice == PASS) for each in gone):
        return False
    returns = sum(each.choice.startswith("back_") for each in (*gone, way))
    return returns <= RETURNS and (way.choice in ("next", PASS) or way not in gone)


def paths(node: Any, gone: Path = ()) -> Iterator[Path]:
    """Every path from a node to the end."""
    if not isinstance(node, Step):
        yield gone
        return
    for way, target in ways(node):
        if may_follow(way, gone):
            yield from paths(target, (*gone, way))


PATHS = [(key, path) for key in BEGUN for path in paths(BY_KEY[key].instance.node("start")._next)]


def test_every_way_out_is_in_some_path() -> None:
    for key in BEGUN:
        steps = [node for node in BY_KEY[key].instance.nodes() if isinstance(node, Step)]
        walked = {way for flow, path in PATHS if flow == key for way in path}
        assert walked == {way for node in steps for way, _ in ways(node)}, key


@pytest.mark.parametrize(
    ("flow", "path"), PATHS, ids=[f"{key}: {' '.join(map('.'.join, path))}" for key, path in PATHS]
)
def test_every_path_ends(request: pytest.FixtureRequest, flow: str, path: Path) -> None:
    moment, begin = BEGUN[flow]
    county: County = request.getfixturevalue(moment)
    matter = begin(county, path)
    for way in path:
        go(county, matter, flow, way)
    county.relay()
    process = Process.objects.get(matter=matter.pk)
    assert process.status == "DONE"
    assert not WorkItem.objects.filter(matter=matter.pk, state="open").exists()
    assert KINDS[matter.kind]._default_manager.get(pk=matter.pk).is_final
    for stream in (matter.stream, process.stream):
        numbers = Event.objects.filter(stream=stream).values_list("seq", flat=True)
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
