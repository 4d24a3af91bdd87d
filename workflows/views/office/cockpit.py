"""The cockpit: where the year stands, what is stuck, whom to urge."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from audit import clock
from audit.access import OVERSEERS, PERFORMANCE_OFFICE, SeatedRequest, seated
from cycle.models import Cycle, Stage
from cycle.queries.calendar import current_calendar
from cycle.views.shown import shown_cycle, year_chips
from workflows.queries.cockpit import Figures, figures, stage_strip
from workflows.queries.deadlines import moment_text
from workflows.queries.diagram import flow_title
from workflows.queries.flow_chart import bottleneck, busiest, flow_chart, flows_of
from workflows.queries.heat import heat
from workflows.queries.overdue import Wanted, chased, open_items

LONGEST = 8


@require_GET
@seated(*OVERSEERS)
def cockpit(request: SeatedRequest) -> HttpResponse:
    """GET /office/: the whole page, or its figures alone when htmx asks again every minute."""
    cycle, cycles = shown_cycle(request)
    if cycle is None:
        return redirect("office-cycles")
    found = figures(cycle, clock.now())
    context = {
        "cycle": cycle,
        "figures": found,
        "chips": year_chips(cycles, cycle),
        "demo_banner": cycle.is_demo,
        "stages": stage_strip(found, cycle.year),
        "lead": _lead(cycle, found),
        "may_urge": request.seat.office.capacity == PERFORMANCE_OFFICE,
    }
    context |= _flow(cycle, found, request.GET.get("flow", "")) | _late(cycle, found)
    return render(
        request,
        "office/_figures.html" if request.headers.get("HX-Request") else "office/cockpit.html",
        context,
    )


def _lead(cycle: Cycle, found: Figures) -> str:
    day = clock.local_date(found.now)
    kind = "工作日" if current_calendar().is_working(day) else "休息日"
    units = cycle.subjects.count()
    return f"{units} 家考核对象 · 数据截至 {moment_text(found.now)}（{kind}），每 60 秒更新"


def _flow(cycle: Cycle, found: Figures, key: str) -> dict[str, Any]:
    """The chart of the chosen flow; without a choice the busiest of the present stage."""
    stage = cycle.state if cycle.state in Stage.values else Stage.USES.value
    flows = flows_of(found, stage)
    flow = next((each for each in flows if each.key == key), None) or busiest(found, flows)
    if flow is None:
        return {"diagram": None}
    chips = [
        {
            "label": f"{flow_title(each)} {sum(step.open for step in found.steps[each.key].values())}",
            "url": f"?year={cycle.year}&flow={each.key}",
            "active": each is flow,
        }
        for each in flows
    ]
    return {
        "diagram": flow_chart(cycle, found, flow),
        "flow_chips": chips,
        "insight": bottleneck(found, flow),
    }


def _late(cycle: Cycle, found: Figures) -> dict[str, Any]:
    table, left_out = heat(cycle, found)
    rows = open_items(cycle, Wanted(), found.now).select_related("matter", "office__organisation", "subject")[
        :LONGEST
    ]
    return {"heat": table, "heat_left_out": left_out, "longest": chased(rows, found.now)}
