"""A flow as a swimlane drawing: one lane an office, one column a step, in the order of the graph.

Geometry only, in SVG units; templates/process/_diagram.html writes it down. Steps that the policy leaves
out are not drawn.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cycle.models import Matter
from policies.clocks import Clock
from policies.packs import Pack
from workflows.flows import MatterFlow
from workflows.nodes import Step

LANE_TITLE, LANE = 108, 82
WIDTH, COLUMN = 1180, 158
NODE_WIDTH, NODE_HEIGHT = 124, 50
TITLE_LINE = 7
LEVEL = 18
_BUILT_IN = {"unit": "责任单位", "unit_head": "责任单位", "collector": "数据采集单位", "superior": "上级机关"}


@dataclass(frozen=True, slots=True)
class Mark:
    """What is written on a node: how many are in hand and late, its state, the page behind it."""

    count: int = 0
    late: int = 0
    state: str = ""
    url: str = ""

    @property
    def words(self) -> str:
        """The state in words, for the list that stands in for the drawing on a phone."""
        return {"done": "已办", "active": "在办", "late": "超期", "off": "未到"}.get(self.state, "")


@dataclass(frozen=True, slots=True)
class Lane:
    """One office's lane."""

    title: str
    y: int
    alternate: bool
    height: int = LANE

    @property
    def lines(self) -> list[tuple[int, str]]:
        """Its title on one line or two, each with its place."""
        parts = [self.title[:TITLE_LINE], self.title[TITLE_LINE : 2 * TITLE_LINE]]
        shown, middle = [part for part in parts if part], self.y + self.height // 2 + 4
        return [(middle + 16 * place - 8 * (len(shown) - 1), part) for place, part in enumerate(shown)]


@dataclass(frozen=True, slots=True)
class Box:
    """One step."""

    name: str
    title: str
    note: str
    lane: str
    x: int
    y: int
    mark: Mark
    width: int = NODE_WIDTH
    height: int = NODE_HEIGHT

    @property
    def right(self) -> int:
        """The right edge, where its badges stand."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> int:
        """Half its height."""
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Line:
    """A way on or, with a label, a way back."""

    path: str
    label: str = ""
    label_x: int = 0
    label_y: int = 0

    @property
    def label_width(self) -> int:
        """Room for the label on the dashed line."""
        return 12 * len(self.label) + 2

    @property
    def gap_x(self) -> int:
        """Where that room begins."""
        return self.label_x - self.label_width // 2


@dataclass(slots=True)
class Diagram:
    """The whole drawing."""

    title: str
    width: int
    height: int
    lanes: list[Lane]
    boxes: list[Box]
    lines: list[Line] = field(default_factory=list)
    returns: list[Line] = field(default_factory=list)


def steps_of(
    flow: type[MatterFlow],
    pack: Pack,
    matter: Matter | None = None,
    without: Collection[str] = (),
) -> list[Step]:
    """The steps of a flow in order, without those that the policy or this matter leaves out."""
    node: Any = flow.instance.node("start")._next
    steps: list[Step] = []
    while isinstance(node, Step):
        if node.name not in without and not rule_of(node, pack, matter).skip:
            steps.append(node)
        node = node.choices["next"].target
    return steps


def flow_title(flow: type[MatterFlow]) -> str:
    """A flow's name in Chinese: the first line of its docstring."""
    return (flow.__doc__ or flow.key).strip().splitlines()[0]


def rule_of(node: Step, pack: Pack, matter: Matter | None = None) -> Any:
    """The policy's rule for a step."""
    flow = node.flow_class
    return pack.step(flow.stage.value, *node.rule_for(matter))


def lane_of(node: Step, pack: Pack, matter: Matter | None = None) -> str:
    """The title of the office that does a step, as a lane or a list names it."""
    offices = rule_of(node, pack, matter).offices
    if not offices:
        return "执行机构"
    known = pack.assessors.offices.get(offices[0]) or pack.assessors.voters.get(offices[0])
    if node.joint and len(offices) > 1:
        return "会办部门"
    if offices[0] in pack.assessors.voters:
        return "县领导"
    return _BUILT_IN.get(offices[0]) or (known.title if known else offices[0])


def draw(
    flow: type[MatterFlow],
    pack: Pack,
    marks: Mapping[str, Mark],
    returns: Mapping[tuple[str, str], int],
    matter: Matter | None = None,
    without: Collection[str] = (),
) -> Diagram:
    """Draw a flow under a policy; `returns` counts the ways back that were taken, by (from, to).

    `matter` is drawn by its own rules, `without` the steps that it does not need.
    """
    steps = steps_of(flow, pack, matter, without)
    taken = [(pair, count) for pair, count in returns.items() if count]
    top = LEVEL * len(taken) + (8 if taken else 1)
    lanes, column = _lanes(steps, pack, matter, top), _column(len(steps))
    boxes = {
        step.name: _box(step, pack, matter, lanes, place * column, marks.get(step.name, Mark()))
        for place, step in enumerate(steps)
    }
    drawing = Diagram(
        title=flow_title(flow),
        width=max(WIDTH, LANE_TITLE + COLUMN * len(steps) + 8),
        height=top + LANE * len(lanes) + 1,
        lanes=list(lanes.values()),
        boxes=list(boxes.values()),
    )
    drawing.lines = [
        _way_on(here, there) for here, there in zip(drawing.boxes, drawing.boxes[1:], strict=False)
    ]
    drawing.returns = [
        _way_back(boxes[start], boxes[end], count, level)
        for level, ((start, end), count) in enumerate(taken)
        if start in boxes and end in boxes
    ]
    return drawing


def _column(steps: int) -> int:
    """How wide a column is: few steps spread over the width, many keep their least."""
    return max(COLUMN, min(240, (WIDTH - LANE_TITLE) // max(steps, 1)))


def _lanes(steps: Sequence[Step], pack: Pack, matter: Matter | None, top: int) -> dict[str, Lane]:
    titles = list(dict.fromkeys(lane_of(step, pack, matter) for step in steps))
    return {title: Lane(title, top + LANE * place, place % 2 == 1) for place, title in enumerate(titles)}


def _box(
    step: Step, pack: Pack, matter: Matter | None, lanes: Mapping[str, Lane], offset: int, mark: Mark
) -> Box:
    lane, clock = lanes[lane_of(step, pack, matter)], rule_of(step, pack, matter).clock
    return Box(
        name=step.name,
        title=step.task_title,
        note=_note(clock),
        lane=lane.title,
        x=LANE_TITLE + offset + 20,
        y=lane.y + (LANE - NODE_HEIGHT) // 2,
        mark=mark,
    )


def _note(clock: Clock | None) -> str:
    if clock is None:
        return "不设时限"
    return f"期末后 {clock.span.text}" if clock.after else f"时限 {clock.text}"


def _way_on(here: Box, there: Box) -> Line:
    if here.y == there.y:
        return Line(f"M{here.right} {here.middle}H{there.x - 3}")
    bend = (here.right + there.x) // 2
    return Line(f"M{here.right} {here.middle}H{bend}V{there.middle}H{there.x - 3}")


def _way_back(here: Box, there: Box, count: int, level: int) -> Line:
    """Up from the step, along above the lanes, down to the earlier step; each on a level of its own."""
    y, start, end = (
        10 + LEVEL * level,
        here.x + NODE_WIDTH // 2 + 6 * level,
        there.x + NODE_WIDTH // 2 - 6 * level,
    )
    path = (
        f"M{start} {here.y}V{y + 8}Q{start} {y} {start - 8} {y}"
        f"H{end + 8}Q{end} {y} {end} {y + 8}V{there.y - 4}"
    )
    return Line(path, f"退回 {count} 次", (start + end) // 2, y + 4)
