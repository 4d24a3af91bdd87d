"""`manage.py rehearse zhengding`: a county's whole year through the product's own services and flows."""

import datetime as dt
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit import clock
from cycle.models import Cycle
from workflows.rehearsal import county, outcome
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.year import Year, live


class Command(BaseCommand):
    """Set the county up, adopt the policy, live the year, show the result and prove it."""

    help = "Rehearse a whole year: zhengding's 48 units from indicator setting to archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pack", choices=sorted(county.ROOT))
        parser.add_argument("--year", type=int, default=2026)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", type=_date, help="last day to live, YYYY-MM-DD")
        parser.add_argument("--export-case", type=Path, help="directory for the case in the public format")
        parser.add_argument("--password", default="", help="password of the demo accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不能演练：演练会移动业务时钟并写入演示数据。")
        year: int = options["year"]
        if Cycle.objects.filter(year=year).exclude(state="cancelled").exists():
            raise CommandError(
                f"{year} 年度已有考核周期，请换一个年度（--year）或者换一个数据目录（DATA_DIR）。"
            )
        began = time.monotonic()
        lived = self.live(
            options["pack"], year, options["seed"], options["until"], options["password"] or "rehearsal"
        )
        self.conclude(lived, options["export_case"])
        self.stdout.write(f"用时 {time.monotonic() - began:.1f} 秒。")

    def live(self, pack: str, year: int, seed: int, until: dt.date | None, password: str) -> Year:
        """Live one year (or a part of it) and return it."""
        start = dt.date(year, 1, 4)
        clock.move_to(clock.at(start, 8, 30))
        county.people(pack, since=dt.date(year - 1, 1, 1), password=password)
        cycle = county.prepare_cycle(pack, year)
        lived = Year(cycle, Chance(seed), pack, password, progress=self._progress)
        live([lived], start=start, until=until)
        self.stdout.write("")
        return lived

    def conclude(self, lived: Year, directory: Path | None) -> None:
        """Export the case, show results and summary, and check them against the public scorer."""
        cycle = Cycle.objects.select_related("policy").get(pk=lived.cycle.pk)
        with tempfile.TemporaryDirectory() as temporary:
            target = directory or Path(temporary)
            outcome.export_case(cycle, target)
            for line in [*outcome.result_lines(cycle), "", *outcome.summary_lines(cycle, lived)]:
                self.stdout.write(line)
            if cycle.state != Cycle.State.ARCHIVED:
                return
            if not outcome.scores_agree(cycle, target):
                raise CommandError("导出的案例重新计分与系统内的得分不一致，请检查计分数据。")
            self.stdout.write("导出的案例用 manage.py score 重新计分，与系统内的得分、名次、等次完全一致。")

    def _progress(self, day: dt.date, stage: str, done: int) -> None:
        """One line that is rewritten on a terminal, one line a month elsewhere."""
        line = f"{day:%Y-%m-%d}  {stage}  已办 {done} 项"
        if self.stdout.isatty():
            self.stdout.write(f"\r\033[K{line}", ending="")
            self.stdout.flush()
        elif (day + dt.timedelta(days=1)).day == 1:
            self.stdout.write(line)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"日期“{text}”无效，请写成 2026-09-15 这样的形式。") from error
