"""manage.py serve: the web product with its background work."""

from __future__ import annotations

import socket
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.startup import refuse_dangerous_production, start_services, stop_unused_services
from config.supervisor import Child, Supervisor

READY_SECONDS = 60.0


def children() -> list[Child]:
    """The processes of the product. Without Redis, beat does the background work itself."""
    python = sys.executable
    # A demonstration may run as root; celery's warning of it would greet every start.
    celery = [python, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "-A", "config"]
    web = [python, "-m", "gunicorn", "config.wsgi:application", "--bind", settings.BIND]
    web += ["--workers", str(settings.WEB_PROCESSES), "--threads", str(settings.WEB_THREADS)]
    web += ["--timeout", "90", "--graceful-timeout", "20", "--log-level", "warning"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    worker = [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2", "--without-mingle"]
    listed = [Child("网页服务", web), Child("定时调度", beat)]
    if settings.REDIS_URL:
        listed.append(Child("后台任务", worker))
    return listed


def require_free_port(bind: str) -> None:
    """Raise CommandError when somebody else listens on the address."""
    host, _, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host or "0.0.0.0", int(port)))  # noqa: S104 -- what gunicorn does with an empty host
        except (OSError, ValueError) as error:
            raise CommandError(
                f"地址 {bind} 不能使用（{error}）："
                "请停止占用它的程序，或用环境变量 BIND 另指定地址，如 127.0.0.1:8001。"
            ) from error


class Command(BaseCommand):
    """Starts web, worker and beat, keeps them running, and ends them on Ctrl-C or SIGTERM."""

    help = "启动网页服务、后台任务和定时调度，按 Ctrl+C 停止"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to end."""
        start_services()
        refuse_dangerous_production()
        require_free_port(settings.BIND)
        if not settings.REDIS_URL:
            self.stdout.write("本机没有 Redis，后台任务由定时调度进程直接办理。")
        Supervisor(children(), watch=start_services, say=self.stderr.write).run(self._announce)
        stop_unused_services()
        self.stdout.write("已停止。")

    def _announce(self) -> None:
        """Say the address once the web process answers."""
        address = f"http://{settings.BIND}/"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{address}health/", timeout=2).close()  # noqa: S310 -- our own address
            except urllib.error.HTTPError:
                break  # an answer, whatever it says
            except OSError:
                time.sleep(0.2)
            else:
                break
        self.stdout.write(f"已启动：{address} （按 Ctrl+C 停止）")
