"""`manage.py score --case DIR --out FILE`: score a case of the public format, without a database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from policies.command import run_score


class Command(BaseCommand):
    """Score a case; exit code 2 and no output when the case or the pack has errors."""

    help = "Score a case directory and write results.json."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", type=Path, required=True, help="directory of the case")
        parser.add_argument("--policy", help="id or path of a pack, instead of the case's own")
        parser.add_argument("--out", type=Path, help="file to write (standard output if missing)")

    def handle(self, *args: Any, **options: Any) -> None:
        code = run_score(options["case"], options["policy"], options["out"])
        if code:
            sys.exit(code)
