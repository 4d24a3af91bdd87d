"""manage.py services: the embedded PostgreSQL and Redis."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.embedded import EmbeddedError, Home, Postgres, Redis
from config.startup import start_services, stop_services, stop_unused_services


class Command(BaseCommand):
    """Starts, stops or describes the embedded servers."""

    help = "启动、停止或查看内置的 PostgreSQL 和 Redis"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One word says what to do."""
        parser.add_argument("action", choices=["start", "stop", "status"], help="启动、停止或查看")
        parser.add_argument("--if-unused", action="store_true", help="停止时，仅当没有其他程序在使用")

    def handle(self, *args: Any, action: str, if_unused: bool, **options: Any) -> None:
        """Do it, then say how things stand."""
        try:
            if action == "start":
                start_services()
            elif action == "stop":
                stop_unused_services() if if_unused else stop_services()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        home = Home(settings.DATA_DIR)
        self._tell("PostgreSQL", settings.EMBEDDED_DATABASE, Postgres(home).pid())
        self._tell("Redis", settings.EMBEDDED_REDIS, Redis(home).pid())

    def _tell(self, title: str, embedded: bool, pid: int | None) -> None:
        if not embedded:
            where = "使用外部服务器" if title == "PostgreSQL" or settings.REDIS_URL else "本机没有，不使用"
        else:
            where = f"内置，运行中（进程 {pid}）" if pid else "内置，没有运行"
        self.stdout.write(f"{title}：{where}")
