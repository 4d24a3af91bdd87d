"""`manage.py demo`: last year archived, this year alive in September; then the product is served."""

import datetime as dt
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from audit import clock
from audit.marks import DEMO_MARK
from cycle.models import Cycle
from offices.models import User
from workflows.rehearsal import county, demo, outcome


class Command(BaseCommand):
    """Fill an empty database once, print the accounts, serve web, worker and beat."""

    help = "Show a whole year: rehearse the demo county once, then serve it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pack", default="zhengding", choices=sorted(county.ROOT))
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--no-serve", action="store_true", help="fill the database and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不能装入演示数据。")
        password = self._password()
        if demo.is_filled():
            self.stdout.write("演示数据已经就绪，直接启动。")
            self._renew_passwords(password)
        else:
            self._fill(options["pack"], options["seed"], password)
        self._introduce(password)
        if not options["no_serve"]:
            call_command("serve")

    def _fill(self, pack: str, seed: int, password: str) -> None:
        if Cycle.objects.exists():
            raise CommandError(
                "上一次装入演示数据时中断了，或者数据库中另有考核周期。"
                "请执行 make clean 清空后重新执行 make demo，或者用环境变量 DATA_DIR 另指定数据目录。"
            )
        self.stdout.write("正在演练正定县 48 个单位三个年度的绩效管理，需要三五分钟……")
        years = demo.fill(pack, seed=seed, password=password, progress=self._progress)
        last = Cycle.objects.select_related("policy").get(pk=years[0].cycle.pk)
        self.stdout.write("")
        for line in [*outcome.result_lines(last), "", *outcome.summary_lines(last, years[0])]:
            self.stdout.write(line)

    def _renew_passwords(self, password: str) -> None:
        """A visitor may ask for another password the second time."""
        for user in User.objects.filter(username__in=demo.ACCOUNTS, is_demo=True):
            if not user.check_password(password):
                user.set_password(password)
                user.save(update_fields=["password"])

    def _password(self) -> str:
        """The accounts' password: given, else the one of the first demo, else a new one."""
        if settings.DEMO_PASSWORD:
            return str(settings.DEMO_PASSWORD)
        kept = Path(settings.DATA_DIR) / "demo-password"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(9))
        return kept.read_text().strip()

    def _introduce(self, password: str) -> None:
        names = dict(User.objects.filter(username__in=demo.ACCOUNTS).values_list("username", "name"))
        self.stdout.write(f"\n{DEMO_MARK}\n网址：http://{settings.BIND}\n密码：{password}\n账号：")
        for account in demo.ACCOUNTS:
            self.stdout.write(f"  {account:<16}{names.get(account, '')}")
        self.stdout.write(f"业务日期：{clock.local_date(clock.now())}（演示时钟）\n")

    def _progress(self, day: dt.date, stage: str, done: int) -> None:
        line = f"{day:%Y-%m-%d}  {stage}  已办 {done} 项"
        if self.stdout.isatty():
            self.stdout.write(f"\r\033[K{line}", ending="")
            self.stdout.flush()
        elif (day + dt.timedelta(days=1)).day == 1:
            self.stdout.write(line)
