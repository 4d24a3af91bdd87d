"""A unit in a cycle."""

from typing import TYPE_CHECKING

from django.db import models

from audit.ids import uuid7
from cycle.models.cycle import Cycle
from offices.models import Office, Organisation


class Subject(models.Model):
    """An assessed unit (考核对象) in one cycle: its group, its office, the attributes that rules may use."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="subjects")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    group = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField()
    attributes = models.JSONField(default=dict)

    if TYPE_CHECKING:
        office_id: object

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cycle", "organisation"], name="cycle_subject_org"),
            models.UniqueConstraint(fields=["cycle", "code"], name="cycle_subject_code"),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title
