"""Which tasks, matters, processes and files an acting office may see; whatever else answers 404.

A unit sees its own matters; collectors, reviewers and users of results what was ever served on them; the
overseers (`audit.access.OVERSEERS`) everything of their government's cycles; without an office, nothing.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from cycle.models import Appeal, Evidence, Matter
from cycle.queries.scopes import cycles_of, sees_all
from offices.queries.seats import Seat
from workflows.models import Process, WorkItem


def items_seen(seat: Seat) -> QuerySet[WorkItem]:
    """The tasks that the office may open: those served on it, all for overseers."""
    rows = WorkItem.objects.all()
    if sees_all(seat):
        return rows.filter(Q(office=seat.office) | Q(cycle__in=cycles_of(seat)))
    return rows.filter(office=seat.office)


def matters_seen(seat: Seat) -> QuerySet[Matter]:
    """The matters that the office may read."""
    rows = Matter.objects.all()
    if sees_all(seat):
        return rows.filter(cycle__in=cycles_of(seat))
    served = Exists(WorkItem.objects.filter(matter=OuterRef("pk"), office=seat.office))
    if seat.capacity == "unit":
        return rows.filter(Q(subject__office=seat.office) | Q(served))
    return rows.filter(served)


def processes_seen(seat: Seat) -> QuerySet[Process]:
    """The processes whose history the office may read: those of the matters that it sees."""
    return Process.objects.filter(matter__in=matters_seen(seat))


def evidence_seen(seat: Seat) -> QuerySet[Evidence]:
    """The files that the office may read: those of the matters that it sees, withdrawn ones included.

    Who reviews an appeal also reads on what the contested indicator or fact was recorded.
    """
    rows = Evidence.objects.filter(matter__in=matters_seen(seat))
    if sees_all(seat):
        return rows
    reviewed = Appeal.objects.filter(office=seat.office).exclude(state__in=["draft", "lapsed"])
    contested = Evidence.objects.filter(
        Q(matter__in=reviewed.values("claim")) | Q(indicator__in=reviewed.values("indicator"))
    )
    return Evidence.objects.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=contested.values("pk")))
