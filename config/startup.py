"""What a long-running process does before it takes work: start services, refuse a dangerous set-up."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core import checks
from django.db import connections

from config.embedded import Home, Postgres, Redis


def start_services() -> None:
    """Start the embedded servers that the settings call for; those that already run are reused."""
    home = Home(settings.DATA_DIR)
    if settings.EMBEDDED_DATABASE:
        Postgres(home).start()
    if settings.EMBEDDED_REDIS:
        Redis(home).start()


def stop_services() -> None:
    """Stop the embedded servers cleanly, whoever uses them."""
    home = Home(settings.DATA_DIR)
    if settings.EMBEDDED_REDIS:
        Redis(home).stop()
    if settings.EMBEDDED_DATABASE:
        Postgres(home).stop()


def stop_unused_services() -> None:
    """Stop the embedded servers unless another process works with them."""
    if not settings.EMBEDDED_DATABASE:
        return
    connections.close_all()
    postgres = Postgres(Home(settings.DATA_DIR))
    if postgres.answers() and postgres.other_clients() == 0:
        stop_services()


def refuse_dangerous_production() -> None:
    """End the process with one sentence a problem when it is to serve production and must not."""
    if not settings.PRODUCTION:
        return
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    serious = [problem for problem in found if problem.is_serious() and not problem.is_silenced()]
    if serious:
        sentences = [f"{problem.id} {problem.msg} {problem.hint or ''}".rstrip() for problem in serious]
        sys.exit("\n".join(["生产环境配置不安全，程序没有启动：", *sentences]))
