"""Taking a rectification off the list together with what is on somebody's desk because of it."""

from uuid import UUID

from audit import clock, ledger
from cycle.services import rectifications
from workflows.models import Process
from workflows.services.cancelling import cancel_all


@ledger.service
def revoke_rectification(matter_id: UUID, *, user_id: UUID, why: str) -> None:
    """Revoke a rectification (see `rectifications.revoke`) and end its process; nothing is deleted.

    The process is held first, as whoever is at work on the task holds it.
    """
    running = Process.objects.select_for_update(no_key=True).filter(matter=matter_id, status="NEW")
    processes = list(running.order_by("id"))
    by = rectifications.revoke(matter_id, user_id=user_id, why=why)
    cancel_all(processes, by=by, at=clock.now(), why=why.strip())
