"""Tables as files: CSV with a byte-order mark, XLSX; safe from formulas, marked when a demonstration."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import HttpResponse

from audit import ledger
from audit.actor import Actor
from audit.ids import uuid7
from audit.marks import DEMO_MARK

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Table:
    """What is exported: a title (the file's name), the columns' heads, the rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    is_demo: bool = False


def safe(value: object) -> str:
    """A cell's text that no spreadsheet takes for a formula; plain negative numbers stay numbers."""
    text = "" if value is None else str(value)
    if text.startswith(_RISKY) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    return text[:1] in "+-" and text[1:].replace(".", "", 1).isdecimal() and text.isascii()


def answer(table: Table, kind: str, *, by: Actor, **facts: Any) -> HttpResponse:
    """The table as a download of `kind` (csv or xlsx); that it was taken, by whom and what goes on record."""
    content = _xlsx(table) if kind == "xlsx" else _csv(table)
    ledger.note(
        "export.made",
        f"export/{uuid7()}",
        by=by,
        what=table.title,
        rows=len(table.rows),
        format=kind,
        **facts,
    )
    response = HttpResponse(content, content_type=XLSX_TYPE if kind == "xlsx" else CSV_TYPE)
    name = quote(f"{table.title}.{kind}")
    response["Content-Disposition"] = f"attachment; filename=\"export.{kind}\"; filename*=UTF-8''{name}"
    return response


def _csv(table: Table) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    if table.is_demo:
        writer.writerow([DEMO_MARK])
    writer.writerow([safe(column) for column in table.columns])
    writer.writerows([safe(cell) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _xlsx(table: Table) -> bytes:
    """Everything is written as text, so that a number reads exactly as it is stored."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet("".join(each for each in table.title if each not in "[]:*?/\\")[:31])
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F5"})
        mark = book.add_format({"bold": True, "font_color": "#B42318"})
        top = 1 if table.is_demo else 0
        if table.is_demo:
            sheet.write_string(0, 0, DEMO_MARK, mark)
        for place, column in enumerate(table.columns):
            sheet.write_string(top, place, column, head)
            sheet.set_column(place, place, _width(column, (row[place] for row in table.rows)))
        for number, row in enumerate(table.rows, start=top + 1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, "" if cell is None else str(cell))
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(0, top)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C第 &P 页，共 &N 页")
    return file.getvalue()


def _width(column: str, cells: Iterable[object]) -> int:
    longest = max((len("" if cell is None else str(cell)) for cell in cells), default=0)
    return min(max(len(column) * 2, longest * 2) + 2, 48)
