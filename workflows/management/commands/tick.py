"""`manage.py tick`: all background work once, without Celery (for cron, or where no Redis can be had)."""

from typing import Any

from django.core.management.base import BaseCommand

from workflows.services.ticking import tick_and_relay


class Command(BaseCommand):
    """Open due periods and rounds, fire deadlines, deliver the outbox."""

    help = "Do everything that is due: periods, rounds, deadlines, outbox."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = tick_and_relay()
        self.stdout.write(
            "新开 {opened} 个期次，触发 {fired} 项时限提醒，处理 {delivered} 条后台消息。".format(**counts)
        )
