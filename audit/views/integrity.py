"""Verifying the whole ledger."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from audit.access import AUDITOR, SeatedRequest, actor_of, seated
from audit.models import Event
from audit.queries.verifications import extent, latest
from audit.services import verifications


@require_GET
@seated(AUDITOR)
def integrity(request: SeatedRequest) -> HttpResponse:
    """GET /audit/integrity/: how large the ledger is and what the last verifications found."""
    runs = [_run(each) for each in latest()]
    return render(
        request,
        "audit/integrity.html",
        {
            "extent": extent(),
            "runs": runs,
            "last": runs[0] if runs else None,
        },
    )


@require_POST
@seated(AUDITOR)
def verify(request: SeatedRequest) -> HttpResponse:
    """POST /audit/integrity/run/: verify now; a long ledger is gone on with by the next press."""
    found = verifications.run(by=actor_of(request))
    if not found.sound:
        messages.error(request, "校验发现不符，请看下面的清单，并立即报告绩效办和系统管理员。")
    elif found.complete:
        messages.success(request, f"校验完成：本次重新计算 {found.checked} 条，摘要全部一致，序号没有缺漏。")
    else:
        messages.info(request, f"本次校验了 {found.checked} 条，还没有到末尾，请继续校验。")
    return redirect("audit-integrity")


def _run(event: Event) -> dict[str, Any]:
    facts = event.facts
    return {
        "event": event,
        "checked": facts["checked_in_all"],
        "altered": facts["altered"],
        "gaps": facts["gaps"],
        "complete": facts["complete"],
        "sound": not (facts["altered"] or facts["gaps"]),
    }
