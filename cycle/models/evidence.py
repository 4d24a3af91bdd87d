"""Evidence: a stored file tied to the point that it proves."""

from django.db import models

from audit.ids import uuid7
from audit.models import Blob
from cycle.models.matter import Matter
from cycle.models.sheets import Indicator
from offices.models import Office, User


class Evidence(models.Model):
    """A file (佐证材料) tied to a matter and to the indicator that it proves; never replaced in place."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="evidence")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="evidence")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["matter"], name="cycle_evidence_matter")]

    def __str__(self) -> str:
        return self.name
