"""Signs of life: background work leaves the time of its last run, the administrator's page reads it."""

import datetime as dt

from django.db import connection

from audit.models import Heartbeat

_BEAT = (
    "INSERT INTO audit_heartbeat (name, at) VALUES (%s, clock_timestamp())"
    " ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at"
)


def beat(name: str) -> None:
    """Note that this kind of background work has just run (real time, not business time)."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [name])


def last_beat(name: str) -> dt.datetime | None:
    """When it last ran; None when it never has."""
    return Heartbeat.objects.filter(pk=name).values_list("at", flat=True).first()
