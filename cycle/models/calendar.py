"""The working-day calendar."""

from django.db import models


class CalendarDay(models.Model):
    """A date on which the calendar departs from Monday-to-Friday: a holiday or a 调休 working day."""

    day = models.DateField(primary_key=True)
    working = models.BooleanField("上班")
    name = models.CharField("说明", max_length=40, blank=True)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.working else '休息'}"


class CalendarYear(models.Model):
    """A year that the calendar covers; provisional until its holidays are officially published."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    provisional = models.BooleanField(default=False)

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year} 年{'（暂定）' if self.provisional else ''}"
