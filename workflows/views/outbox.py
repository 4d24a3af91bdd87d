"""Background messages for the administrator: what waits, what failed for good, when work last ran."""

from uuid import UUID

from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from audit.access import SYSADMIN, SeatedRequest, seated
from audit.answers import performed
from audit.heartbeat import last_beat
from audit.models import Outbox
from workflows.services.replaying import replay as replay_message
from workflows.services.ticking import TICK

SHOWN = 100


@require_GET
@seated(SYSADMIN)
def outbox(request: SeatedRequest) -> HttpResponse:
    """GET /system/outbox/: dead and pending messages, the last tick."""
    rows = Outbox.objects.filter(done_at=None)
    pending = rows.filter(dead_at=None)
    return render(
        request,
        "system/outbox.html",
        {
            "dead": rows.exclude(dead_at=None).order_by("-dead_at")[:SHOWN],
            "pending": pending.order_by("available_at").annotate(now=Now())[:SHOWN],
            "counts": {"dead": rows.exclude(dead_at=None).count(), "pending": pending.count()},
            "last_tick": last_beat(TICK),
        },
    )


@require_POST
@seated(SYSADMIN)
def replay(request: SeatedRequest, message_id: UUID) -> HttpResponse:
    """POST /system/outbox/<id>/replay/: try a dead message again."""
    seat = request.seat
    return performed(
        request,
        lambda: replay_message(message_id, user_id=seat.user.pk, office_id=seat.office.pk),
        done="已重新投递，几秒后刷新本页查看结果。",
        to="outbox",
    )
