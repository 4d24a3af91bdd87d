"""Who sits in an office, as what, from when to when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from audit.ids import uuid7
from offices.models.organisation import Office
from offices.models.user import User


class Posting(models.Model):
    """A person's dated seat in an office. `until` is the last day in office; empty means open-ended.

    Several postings at once are lawful (兼任); two that overlap in one office and role are not.
    """

    class Role(models.TextChoices):
        HANDLER = "handler", "经办"
        HEAD = "head", "负责人"

    id = models.UUIDField(primary_key=True, default=uuid7)
    user = models.ForeignKey(User, models.PROTECT, related_name="postings")
    office = models.ForeignKey(Office, models.PROTECT, related_name="postings")
    role = models.CharField("职责", max_length=8, choices=Role)
    since = models.DateField("任职起")
    until = models.DateField("任职止", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="offices_posting_dates"
            ),
            models.CheckConstraint(condition=Q(role__in=["handler", "head"]), name="offices_posting_role"),
            ExclusionConstraint(
                name="offices_posting_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("office", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (
                        Func(
                            F("since"),
                            Coalesce("until", Value("infinity"), output_field=models.DateField()),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["office", "role"], name="offices_posting_office")]

    def __str__(self) -> str:
        return f"{self.user} · {self.office}"
