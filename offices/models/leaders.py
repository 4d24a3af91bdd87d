"""Which county leader answers for which unit."""

from django.db import models
from django.db.models import F, Q

from audit.ids import uuid7
from offices.models.organisation import Office, Organisation


class LeaderAssignment(models.Model):
    """A leader's dated responsibility for a unit: it decides ballots, red cards and portfolios.

    The leader is a post (an office of capacity `county_leader`), so a change of person changes nothing
    here. 主要领导 answer for every unit and have one row per unit as well.
    """

    class Kind(models.TextChoices):
        MAIN = "main", "主要领导"
        CHARGE = "charge", "分管"
        LIAISON = "liaison", "联系"
        TOWNSHIP = "township", "分包"
        PROJECT = "project", "主管"

    id = models.UUIDField(primary_key=True, default=uuid7)
    leader = models.ForeignKey(Office, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="leaders")
    kind = models.CharField(max_length=8, choices=Kind)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["leader", "unit", "kind", "since"], name="offices_leader_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="offices_leader_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader} → {self.unit}"
