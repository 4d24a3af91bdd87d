"""Results: rankings by group, one unit explained, letters and public notices, uses."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from audit.access import SYSADMIN, SeatedRequest, actor_of, seated
from audit.exports import Table, answer
from audit.marks import DEMO_MARK
from cycle.models import Cycle
from cycle.queries.appeal_links import appeals_url, indicator_urls, own_window
from cycle.queries.letter_pages import letters_seen
from cycle.queries.result_pages import (
    Explained,
    GroupTable,
    explained,
    runs_seen,
    tables,
    tree_of,
    units_explained,
)
from cycle.queries.results import is_reproduced, locked_run
from cycle.queries.windows import Window
from cycle.views.shown import needed_cycle, shown_cycle, year_chips

PLAIN = "text/plain; charset=utf-8"


@require_GET
@seated(but=(SYSADMIN,))
def results(request: SeatedRequest, year: int) -> HttpResponse:
    """GET /results/<year>/: the rankings that the office may see; before the publicity it says so."""
    cycle, cycles = shown_cycle(request, year)
    if cycle is None:
        raise Http404("没有这个年度的考核周期。")
    chips = year_chips(cycles, cycle)
    for chip, each in zip(chips, cycles, strict=False):
        chip["url"] = reverse("results", args=[each.year])
    return render(
        request,
        "results/tables.html",
        {
            "cycle": cycle,
            "chips": chips,
            "tables": tables(request.seat, cycle),
            "locked": locked_run(cycle),
            "demo_banner": cycle.is_demo,
        },
    )


@require_POST
@seated(but=(SYSADMIN,))
def export(request: SeatedRequest, year: int, kind: str) -> HttpResponse:
    """POST /results/<year>/export/<csv|xlsx>/: the same rankings as a file."""
    cycle = needed_cycle(request, year)
    found = tables(request.seat, cycle)
    titles = list(dict.fromkeys(title for table in found for _, title in table.components))
    columns = ("组别", "名次", "单位", "综合得分", *titles, "加分", "减分", "等次", "公布状态")
    rows = [row for table in found for row in _export_rows(table, titles)]
    table = Table(f"{year} 年度考核结果", columns, rows, cycle.is_demo)
    return answer(table, kind, by=actor_of(request), cycle=cycle.pk)


def _export_rows(table: GroupTable, titles: list[str]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for line in table.rows:
        values = {title: value for (_, title), value in zip(table.components, line.scores, strict=True)}
        grade = line.grade
        rows.append(
            (
                table.title,
                grade.rank or "",
                grade.subject.title,
                grade.total,
                *(values.get(title, "") for title in titles),
                grade.bonus,
                grade.deduction,
                grade.grade_title or "待定",
                table.state,
            )
        )
    return rows


@require_GET
@seated(but=(SYSADMIN,))
def unit_result(request: SeatedRequest, year: int, code: str) -> HttpResponse:
    """GET /results/<year>/<code>/ (?format=json|txt): one unit's result, every number explained."""
    cycle = needed_cycle(request, year)
    found = _explained(request, cycle, code)
    kind = request.GET.get("format")
    if kind == "json":
        body = {
            "demo": cycle.is_demo,
            "year": year,
            "unit": code,
            "run": found.run.result_digest,
            "explanation": found.node.to_json(),
        }
        return JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 1})
    if kind == "txt":
        mark = f"{DEMO_MARK}\n" if cycle.is_demo else ""
        head = f"{found.grade.subject.title} {year} 年度考核结果（{found.run}）\n\n"
        return HttpResponse(mark + head + found.node.to_text() + "\n", content_type=PLAIN)
    window = own_window(request.seat, found.grade.subject)
    is_open = window is not None and window.is_open(request.seat.at)
    return render(
        request,
        "results/unit.html",
        {
            "cycle": cycle,
            "found": found,
            "tree": _tree(found, window if is_open else None),
            "grade": found.grade,
            "run": found.run,
            "window": window,
            "window_is_open": is_open,
            "appeals_url": appeals_url(request.seat, found.grade.subject),
            "letter": letters_seen(request.seat).filter(cycle=cycle, subject__code=code).first(),
            "reproduced": is_reproduced(found.run.pk),
            "demo_banner": cycle.is_demo,
        },
    )


def _tree(found: Explained, window: Window | None) -> dict[str, Any]:
    """The explanation; while the unit's window is open, with the way to an appeal on each indicator."""
    if window is None or window.only_grade:
        return found.tree
    return tree_of(found.node, indicator_urls(found.grade.subject, found.run))


def _explained(request: SeatedRequest, cycle: Cycle, code: str) -> Explained:
    subject = cycle.subjects.filter(code=code).first()
    run = runs_seen(request.seat, cycle).get(subject.group) if subject else None
    if subject is None or run is None or code not in units_explained(request.seat, cycle):
        raise Http404("没有找到这个单位的结果：结果还没有公示，或者它不属于你目前的岗位。")
    return explained(run, subject)
