"""When background work was last alive."""

from django.db import models


class Heartbeat(models.Model):
    """One row for each kind of background work, with the database's time of its last run."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
