"""Background work: the Celery application that `celery -A config` runs."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

from config.startup import refuse_dangerous_production, start_services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("jixiao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["workflows"])


@worker_init.connect
@beat_init.connect
def prepare(**_: Any) -> None:
    """Before the first message: services run, and production is safe."""
    start_services()
    refuse_dangerous_production()
