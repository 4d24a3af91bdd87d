"""The engine's two tables, ours rather than viewflow's: UUID keys, PROTECT, real foreign keys down."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.status import PROCESS

from audit.ids import uuid7
from cycle.models import Cycle, Matter, Subject


class Process(AbstractProcess):
    """One run of a flow over one matter, under the policy that was frozen at its start."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="processes", db_index=False)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="processes")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="processes")
    policy = models.CharField(max_length=71)
    created = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "flow_class"],
                condition=~Q(status=PROCESS.CANCELED),
                name="workflows_one_active_flow",
            )
        ]
        indexes = [models.Index(fields=["cycle", "flow_class"], name="workflows_process_flow")]

    @property
    def stream(self) -> str:
        """The ledger stream of this process."""
        return f"process/{self.pk}"


class Task(AbstractTask):
    """Where a process stands. Who owes what by when stands in its work items."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    process = models.ForeignKey(Process, models.PROTECT, db_index=False)
    status = models.CharField(max_length=50, default="NEW")
    created = models.DateTimeField()
    scheduled = models.DateTimeField(null=True)
    external_task_id = models.CharField(max_length=50, null=True)  # noqa: DJ001  (the engine's own field)
    owner_permission_content_type = models.ForeignKey(
        "contenttypes.ContentType", models.PROTECT, null=True, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    if TYPE_CHECKING:
        process_id: object

    class Meta:
        indexes = [models.Index(fields=["process", "created"], name="workflows_task_process")]


LIVE = ("NEW", "ASSIGNED", "STARTED")
"""Task statuses in which somebody still has to act."""
