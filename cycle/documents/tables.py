"""Tables of a Word document: ruled tables of the text, and the imprint (版记) at the end."""

from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.table import _Cell, _Row

from cycle.documents import geometry as size
from cycle.documents.markup import element, lay, table_borders, write
from cycle.documents.paper import Paper, Table


def add(document: Document, table: Table) -> None:
    """Add a ruled table as wide as the type area; its head is repeated on every page."""
    widths = _widths(table)
    made = _table(document, len(table.rows) + 1, widths, table_borders(6, 4, sides=True))
    _head_row(made.rows[0])
    for cell, title in zip(made.rows[0].cells, table.columns, strict=True):
        write(lay(cell.paragraphs[0], align="center", line=0), title, face=size.BLACK, size=size.CELL)
    for row, cells in zip(list(made.rows)[1:], table.cells, strict=True):
        _whole(row)
        for cell, (text, is_number) in zip(row.cells, cells, strict=True):
            _fill(cell, text, align="right" if is_number else "")
    lay(document.add_paragraph(), line=240)


def add_imprint(document: Document, paper: Paper) -> None:
    """Add the imprint: copies to, printed by and when, between two rules."""
    lay(document.add_paragraph())
    half = size.TEXT_WIDTH // 2
    lines = [(f"抄送：{paper.copies_to}。", "")] if paper.copies_to else []
    if paper.printed_by:
        lines.append((paper.printed_by, f"{paper.printed_on}印发" if paper.printed_on else ""))
    made = _table(document, len(lines), [half, size.TEXT_WIDTH - half], table_borders(8, 6, sides=False))
    for row, (left, right) in zip(made.rows, lines, strict=True):
        _whole(row)
        cells = row.cells
        if not right:
            cells[0].merge(cells[1])
        write(lay(cells[0].paragraphs[0], line=0, left=1), left, size=size.IMPRINT)
        if right:
            write(lay(cells[1].paragraphs[0], align="right", line=0, right=1), right, size=size.IMPRINT)


def _widths(table: Table) -> list[int]:
    shares = table.widths or (1,) * len(table.columns)
    found = [size.TEXT_WIDTH * share // sum(shares) for share in shares]
    return [*found[:-1], size.TEXT_WIDTH - sum(found[:-1])]


def _table(document: Document, rows: int, widths: list[int], borders: Any) -> WordTable:
    made: WordTable = document.add_table(rows, len(widths))
    properties = made._tbl.tblPr
    for old in list(properties):
        properties.remove(old)
    properties.append(element("w:tblW", w=size.TEXT_WIDTH, type="dxa"))
    properties.append(element("w:jc", val="center"))
    properties.append(borders)
    properties.append(element("w:tblLayout", type="fixed"))
    for column, width in zip(made._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(width))
    for row in made.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            kept = cell._tc.get_or_add_tcPr()
            for old in kept.findall(qn("w:tcW")):
                kept.remove(old)
            kept.insert(0, element("w:tcW", w=width, type="dxa"))
            kept.append(element("w:vAlign", val="center"))
    return made


def _head_row(row: _Row) -> None:
    _whole(row)
    row._tr.get_or_add_trPr().append(element("w:tblHeader"))


def _whole(row: _Row) -> None:
    """No row is torn between two pages."""
    row._tr.get_or_add_trPr().append(element("w:cantSplit"))


def _fill(cell: _Cell, text: str, *, align: str) -> None:
    for place, line in enumerate(text.splitlines() or [""]):
        paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        write(lay(paragraph, align=align, line=0), line, size=size.CELL)
