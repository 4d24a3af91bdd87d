"""Every table is well-formed text that a spreadsheet and a diff can both read."""

import csv
import re
from pathlib import Path

import pytest

from tests.rehearsal_data.county import FOLDER, TABLES, rows

NAMES = {"organisations", "offices", "postings", "leaders", "indicators", "profile", "claims", "phrases"}
KEYS = {
    "organisations": ["code"],
    "offices": ["organisation", "capacity"],
    "postings": ["username", "organisation", "capacity"],
    "leaders": ["leader", "unit"],
    "indicators": ["unit", "indicator"],
    "profile": ["unit"],
    "claims": ["kind", "item", "source"],
    "phrases": ["kind", "text"],
}
OPTIONAL = {
    "organisations": {"parent"},
    "indicators": {"params", "last_year", "midyear_target", "midyear_last_year", "is_key"},
    "claims": {"points", "group"},
}


def test_the_folder_holds_exactly_the_described_tables() -> None:
    assert {path.stem for path in TABLES} == NAMES
    described = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in described for path in TABLES)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_text_is_utf8_with_unix_lines_and_full_rows(path: Path) -> None:
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    table = list(csv.reader(raw.decode("utf-8").splitlines(), strict=True))
    assert {len(row) for row in table} == {len(table[0])}
    assert all(cell == cell.strip() for row in table for cell in row)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_row_twice_and_nothing_missing(name: str) -> None:
    table = rows(name)
    keys = [tuple(row[column] for column in KEYS[name]) for row in table]
    assert len(set(keys)) == len(keys)
    needed = set(table[0]) - OPTIONAL.get(name, set())
    assert [(row, column) for row in table for column in needed if not row[column]] == []


def test_codes_are_short_ascii_slugs() -> None:
    codes = [row["code"] for row in rows("organisations")]
    codes += [row["indicator"] for row in rows("indicators")] + [row["fact"] for row in rows("claims")]
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z0-9_]{1,24}", code)] == []
