"""The demo county's tables and its pack, read as plain text: what the checks in this folder compare."""

import csv
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "workflows" / "rehearsal" / "zhengding"
TABLES = sorted(FOLDER.glob("*.csv"))
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """Every row of a table, by column."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source, strict=True))


def pack() -> Any:
    """The reference pack; scalars stay text, as the policy language reads them."""
    text = (ROOT / "policies" / "library" / "zhengding.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  BaseLoader builds only text, lists and maps


def unit_groups() -> dict[str, str]:
    """Unit code → group id, in the pack's order."""
    code = {row["short_title"]: row["code"] for row in rows("organisations") if row["kind"] != "post"}
    groups = pack()["subjects"]["groups"]
    return {code[member]: group for group, entry in groups.items() for member in entry["members"]}
