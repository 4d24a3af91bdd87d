"""CSV (UTF-8 or GBK) and XLSX files as rows of text."""

import csv
import datetime as dt
import io
import zipfile

from python_calamine import CalamineError, CalamineWorkbook

from audit.refusals import NotPossible

MAX_ROWS = 20_000
MAX_UNPACKED = 200 * 1024 * 1024


class Row(dict[str, str]):
    """A row by column title that remembers its line in the file."""

    def __init__(self, cells: dict[str, str], line: int) -> None:
        super().__init__(cells)
        self.line = line


def read_table(name: str, content: bytes) -> list[Row]:
    """Return the rows below the header; `name` (the file's name) tells the format. Empty rows are left out.

    Raises NotPossible with a sentence when the file cannot be read as a table.
    """
    if not content:
        raise NotPossible("这个文件是空的，请重新选择。", field="file")
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix == "csv":
        grid = _csv_grid(content)
    elif suffix == "xlsx":
        grid = _xlsx_grid(content)
    else:
        raise NotPossible("只能导入 CSV 或 XLSX 表格。旧版 XLS 文件请先另存为 XLSX。", field="file")
    return _rows(grid)


def _csv_grid(content: bytes) -> list[tuple[int, list[str]]]:
    text = _decoded(content)
    if "\x00" in text:
        raise NotPossible("这个文件不是文本表格，请用电子表格软件另存为 CSV 后再导入。", field="file")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    grid, line = [], 1
    try:
        for cells in reader:
            grid.append((line, cells))
            line = reader.line_num + 1
    except csv.Error:
        raise NotPossible(f"第 {line} 行的引号不成对，请检查这一行后再导入。", field="file") from None
    return grid


def _decoded(content: bytes) -> str:
    marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotPossible("无法识别文件的编码，请另存为 UTF-8 或 GBK 编码的 CSV 后再导入。", field="file")


def _xlsx_grid(content: bytes) -> list[tuple[int, list[str]]]:
    broken = NotPossible("这个 XLSX 文件打不开，可能已损坏或设有密码，请另存一份后再导入。", field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise NotPossible("这个 XLSX 文件展开后过大，请拆成几个文件分别导入。", field="file")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, IndexError):
        raise broken from None
    return [(number, [_text(cell) for cell in row]) for number, row in enumerate(cells, start=1)]


def _text(cell: object) -> str:
    """A cell as it reads on the screen: whole numbers without a point, dates as 2026-01-31."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def _rows(grid: list[tuple[int, list[str]]]) -> list[Row]:
    filled = [(line, cells) for line, cells in grid if any(cell.strip() for cell in cells)]
    if not filled:
        raise NotPossible("这个文件里没有内容，请重新选择。", field="file")
    if len(filled) > MAX_ROWS + 1:
        raise NotPossible(f"一次最多导入 {MAX_ROWS} 行，请拆成几个文件分别导入。", field="file")
    header = [cell.strip() for cell in filled[0][1]]
    while header and not header[-1]:
        header.pop()
    if "" in header or len(set(header)) < len(header):
        raise NotPossible("表头有空白或重复的列名，请在第一行写全各列的名称，每列一个。", field="file")
    return [Row(_under(header, cells, line), line) for line, cells in filled[1:]]


def _under(header: list[str], cells: list[str], line: int) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(header) :]):
        raise NotPossible(f"第 {line} 行的单元格比表头多，请检查内容里的逗号有没有加引号。", field="file")
    padded = cells + [""] * (len(header) - len(cells))
    return dict(zip(header, padded, strict=False))
