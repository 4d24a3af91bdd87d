"""The stored offset of business time."""

from django.db import models


class Clock(models.Model):
    """One row: how far business time is moved for a rehearsal (zero, or no row, in production)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_clock_one_row")]

    def __str__(self) -> str:
        return str(self.offset)
