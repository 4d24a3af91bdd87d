"""The flow that runs now, drawn with its tasks in hand, late and returned, and where matters stay longest."""

import datetime as dt

from django.urls import reverse
from django.utils.http import urlencode

from cycle.models import Cycle
from cycle.queries.packs import rules_of
from workflows.flows import FLOWS, MatterFlow
from workflows.queries.cockpit import Figures, StepFigures
from workflows.queries.diagram import Diagram, Mark, draw, flow_title


def flows_of(found: Figures, stage: str) -> list[type[MatterFlow]]:
    """The flows of a stage that have tasks, in the order of the register."""
    return [flow for flow in FLOWS if flow.stage.value == stage and flow.key in found.steps]


def busiest(found: Figures, flows: list[type[MatterFlow]]) -> type[MatterFlow] | None:
    """The flow with most tasks in hand, late ones first; the first one when nothing is in hand."""

    def weight(flow: type[MatterFlow]) -> tuple[int, int]:
        steps = found.steps[flow.key].values()
        return sum(each.late for each in steps), sum(each.open for each in steps)

    return max(flows, key=weight, default=None)


def flow_chart(cycle: Cycle, found: Figures, flow: type[MatterFlow]) -> Diagram:
    """The flow with the number of tasks in hand and late on each step, and the returns between steps."""
    steps = found.steps[flow.key]
    marks = {
        name: Mark(each.open, each.late, _box_state(each), _list_url(cycle.year, flow, name))
        for name, each in steps.items()
    }
    returns = {(name, back): count for name, each in steps.items() for back, count in each.returns.items()}
    return draw(flow, rules_of(cycle), marks, returns)


def _box_state(step: StepFigures) -> str:
    return "late" if step.late else "active" if step.open else "" if step.closed else "off"


def _list_url(year: int, flow: type[MatterFlow], step: str) -> str:
    query = {"year": str(year), "due": "all", "step": f"{flow.key}.{step}"}
    return f"{reverse('office-overdue')}?{urlencode(query)}"


def bottleneck(found: Figures, flow: type[MatterFlow]) -> str:
    """One sentence on the step where matters stay longest; empty while too little has been closed."""
    means = {
        name: each.stay // each.closed for name, each in found.steps[flow.key].items() if each.closed >= 3
    }
    whole = sum(means.values(), dt.timedelta(0))
    if len(means) < 2 or not whole:
        return ""
    name, longest = max(means.items(), key=lambda pair: pair[1])
    tenths = round(longest / dt.timedelta(days=1) * 10)
    share = longest * 100 // whole
    title = flow.instance.node(name).task_title
    return (
        f"“{flow_title(flow)}”停留最久的是“{title}”：平均 {tenths // 10}.{tenths % 10} 天，占全程 {share}%。"
    )
