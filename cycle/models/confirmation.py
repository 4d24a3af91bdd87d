"""That the office has confirmed a value on which the text of the policy is silent."""

from django.db import models

from audit.ids import uuid7
from cycle.models.cycle import AdoptedPolicy
from offices.models import User


class PolicyConfirmation(models.Model):
    """One provisional value (`path` in the adopted pack) that the head of the performance office confirmed.

    Until then the product shows the value as 暂定; nothing is computed differently.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    policy = models.ForeignKey(AdoptedPolicy, models.PROTECT, related_name="confirmations")
    path = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    office_title = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "path"], name="cycle_confirmed_once")]

    def __str__(self) -> str:
        return self.path
