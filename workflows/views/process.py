"""The history of a process, for everybody who may see its matter, and the same for auditors."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from audit.access import AUDITOR, SYSADMIN, SeatedRequest, actor_of, seated
from audit.exports import Table, answer
from workflows.models import Process
from workflows.queries.diagram import flow_title
from workflows.queries.discretion import WITHHELD, reads_deliberation
from workflows.queries.history import History, facts_of, history_of
from workflows.queries.visibility import processes_seen


@require_GET
@seated(but=(SYSADMIN,))
def process(request: SeatedRequest, process_id: UUID) -> HttpResponse:
    """GET /p/<id>/ and /audit/p/<id>/: steps, returns, receipts, files, versions, hashed events."""
    history, now = _history(request, process_id, with_files="files" in request.GET), clock.now()
    shown = history.process
    return render(
        request,
        "process/history.html",
        {
            "history": history,
            "process": shown,
            "matter": shown.matter,
            "flow_title": flow_title(shown.flow_class),
            "facts": facts_of(history, now),
            "now": now,
            "demo_banner": shown.cycle.is_demo,
            "audited": request.seat.office.capacity == AUDITOR,
            "diagram": history.diagram,
            "bars": history.bars,
            "scale": history.scale,
            "checked_at": now,
        },
    )


@require_POST
@seated(but=(SYSADMIN,))
def export(request: SeatedRequest, process_id: UUID) -> HttpResponse:
    """POST /p/<id>/export/: the events with canonical body and full hash, as CSV."""
    history = _history(request, process_id)
    columns = ("流", "序号", "类型", "业务时间", "经办人", "机构", "摘要算法", "叶摘要", "规范内容")
    rows = [
        (
            line.event.stream,
            line.event.seq,
            line.event.type,
            clock.local(line.event.at).isoformat(),
            line.event.actor_name,
            line.event.office_title,
            line.event.leaf_alg,
            bytes(line.event.leaf_hash).hex(),
            WITHHELD if line.withheld else line.event.body,
        )
        for line in reversed(history.lines)
    ]
    table = Table(f"流程履历 {history.process.matter.title}", columns, rows, history.process.cycle.is_demo)
    return answer(table, "csv", by=actor_of(request), process=process_id)


def _history(request: SeatedRequest, process_id: UUID, *, with_files: bool = False) -> History:
    rows = processes_seen(request.seat).select_related("matter__cycle", "matter__subject", "cycle", "subject")
    found: Process | None = rows.filter(pk=process_id).first()
    if found is None:
        raise Http404("没有找到这个流程，或者它不属于你目前的岗位。")
    withheld = not reads_deliberation(request.seat, found.matter)
    return history_of(found, clock.now(), with_files=with_files, withheld=withheld)
