"""Who owes what by when: the narrow table behind inboxes, overdue lists and counts."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.ids import uuid7
from cycle.models import Cycle, Matter, Stage, Subject
from offices.models import Office
from workflows.models.process import Process, Task


class WorkItem(models.Model):
    """One office's part in a human task. A task with several open items is a joint step.

    `basis` keeps the derivation of the deadline (rule, days counted and skipped, article); `next_rung_at`
    is when the sweep has to look at it again. `draft` holds what was typed and not yet submitted.

    Keys without an index of their own begin one of the indexes below, or are never searched by: this is the
    table that every completed task writes to.
    """

    class State(models.TextChoices):
        OPEN = "open", "在办"
        DONE = "done", "已办"
        SUPERSEDED = "superseded", "因退回而终止"
        WITHDRAWN = "withdrawn", "已撤回"
        REMOVED = "removed", "已减签"
        CANCELLED = "cancelled", "已取消"

    id = models.UUIDField(primary_key=True, default=uuid7)
    task = models.ForeignKey(Task, models.PROTECT, related_name="items")
    process = models.ForeignKey(Process, models.PROTECT, related_name="items", db_index=False)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", db_index=False)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="items")
    stage = models.CharField(max_length=24, choices=Stage)
    flow = models.SlugField(max_length=40, db_index=False)
    step = models.SlugField(max_length=40, db_index=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="items", db_index=False)
    role = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    served_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    basis = models.JSONField(default=dict)
    next_rung_at = models.DateTimeField(null=True)
    rungs_fired = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=40, blank=True)
    comment = models.TextField(blank=True)
    draft = models.JSONField(null=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    drafted_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        office_id: object
        matter_id: object

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "office"], condition=Q(state="open"), name="workflows_item_once_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="workflows_item_open_closed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "done", "superseded", "withdrawn", "removed", "cancelled"]),
                name="workflows_item_state",
            ),
            models.CheckConstraint(condition=Q(role__in=["", "handler", "head"]), name="workflows_item_role"),
        ]
        indexes = [
            models.Index(fields=["office", "due_at"], name="workflows_item_inbox", condition=Q(state="open")),
            models.Index(
                fields=["cycle", "due_at"], name="workflows_item_overdue", condition=Q(state="open")
            ),
            models.Index(
                fields=["next_rung_at"],
                name="workflows_item_rung",
                condition=Q(state="open", next_rung_at__isnull=False),
            ),
            models.Index(fields=["process", "served_at"], name="workflows_item_process"),
            models.Index(fields=["office", "closed_at"], name="workflows_item_done"),
        ]

    def __str__(self) -> str:
        return f"{self.flow}.{self.step} → {self.office_id}"
