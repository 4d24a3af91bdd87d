"""Who sits in an office, as what, from when to when."""

from django.db import models
from django.db.models import F, Q

from audit.ids import uuid7
from offices.models.organisation import Office
from offices.models.user import User


class Posting(models.Model):
    """A person's dated seat in an office. `until` is the last day in office; empty means open-ended.

    `in_place_of` names who is acted for by a delegate (请假委托): the ledger names both.

    Several postings at once are lawful (兼任); two that overlap in one office and role are not: an exclusion
    constraint of the database (migration 0002) refuses them.
    """

    class Role(models.TextChoices):
        HANDLER = "handler", "经办"
        HEAD = "head", "负责人"

    id = models.UUIDField(primary_key=True, default=uuid7)
    user = models.ForeignKey(User, models.PROTECT, related_name="postings")
    office = models.ForeignKey(Office, models.PROTECT, related_name="postings")
    in_place_of = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="delegations")
    role = models.CharField("职责", max_length=8, choices=Role)
    since = models.DateField("任职起")
    until = models.DateField("任职止", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="offices_posting_dates"
            ),
            models.CheckConstraint(condition=Q(role__in=["handler", "head"]), name="offices_posting_role"),
            models.CheckConstraint(
                condition=Q(in_place_of__isnull=True) | ~Q(in_place_of=F("user")),
                name="offices_posting_not_own",
            ),
        ]
        indexes = [models.Index(fields=["office", "role"], name="offices_posting_office")]

    def __str__(self) -> str:
        return f"{self.user} · {self.office}"
