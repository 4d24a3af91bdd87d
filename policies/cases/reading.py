"""Read a case directory: every defect of every file is reported together, nothing is guessed."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from policies.cases.tables import TABLES, Column, Table, row_key
from policies.exact import halfwidth
from policies.facts import CaseError, CaseErrors, Facts
from policies.packs.errors import PackErrors, did_you_mean
from policies.packs.source import read_source

LIMIT: Final = 256 * 1024 * 1024
_SETTINGS: Final = frozenset({"policy", "year", "title", "set", "to_date"})
_YEAR = re.compile(r"(19|20|21)\d\d\Z", re.ASCII)
csv.field_size_limit(1024 * 1024)


@dataclass(frozen=True)
class Case:
    """A case as it lies in a directory: its facts, and where it was read from."""

    facts: Facts
    directory: Path

    @property
    def policy(self) -> str:
        """The pack it names: a library id, or a path seen from the case's directory."""
        beside = self.directory / self.facts.policy
        return str(beside) if beside.suffix in {".yaml", ".yml"} else self.facts.policy


def read_case(directory: str | Path) -> Case:
    """Read `case.yaml` and the CSV files; raises CaseErrors with file, line and column of every defect."""
    folder = Path(directory)
    if not folder.is_dir():
        raise CaseErrors([CaseError(str(folder), 0, "", "没有这个文件夹，请核对 --case 的路径。")])
    errors: list[CaseError] = []
    head = _read_head(folder / "case.yaml", errors)
    rows: dict[str, Any] = {}
    for table in TABLES:
        path = folder / table.file
        rows[table.name] = tuple(_read_table(path, table, errors)) if path.is_file() else ()
    errors += _misspelt(folder)
    if not (folder / "units.csv").is_file():
        errors.append(CaseError("units.csv", 0, "", "缺少这个文件，至少要有一个被评估单位。"))
    if errors:
        raise CaseErrors(errors)
    return Case(Facts(**head, **rows), folder)


def _misspelt(folder: Path) -> Iterator[CaseError]:
    """A file whose name is nearly one of ours would be passed over in silence; other files are left alone."""
    known = {table.file for table in TABLES}
    for name in sorted(path.name for path in folder.glob("*.csv") if path.name not in known):
        near = get_close_matches(name, known, n=1, cutoff=0.8)
        if near:
            yield CaseError(name, 0, "", f"案例格式里没有这个文件，是不是应当叫“{near[0]}”？")


def _read_head(path: Path, errors: list[CaseError]) -> dict[str, Any]:
    if not path.is_file():
        errors.append(
            CaseError(path.name, 0, "", "缺少这个文件，至少要写 policy（方案标识）和 year（年份）。")
        )
        return {}
    try:
        source = read_source(path.read_bytes(), path.name)
    except PackErrors as problems:
        errors += [
            CaseError(path.name, one.line, one.path, one.message + one.suggestion) for one in problems.errors
        ]
        return {}
    for key, message in _head_defects(source.data):
        errors.append(CaseError(path.name, source.where((key,))[1], key, message))
    year = halfwidth(str(source.data.get("year", "")))
    return {
        "policy": str(source.data.get("policy", "")),
        "year": int(year) if year.isascii() and year.isdigit() else 0,
        "title": str(source.data.get("title", "")),
        "settings": source.data.get("set", {}),
        "to_date": str(source.data.get("to_date", "")),
    }


def _head_defects(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and message of everything wrong in `case.yaml`."""
    for key in sorted(set(data) - _SETTINGS):
        yield key, f"不认识“{key}”这一项。{did_you_mean(key, _SETTINGS)}"
    for key in sorted({"policy", "year"} - set(data)):
        yield key, f"缺少“{key}”，请补上。"
    for key in sorted(_SETTINGS & set(data)):
        if key == "set":
            if not isinstance(data[key], dict):
                yield key, "set 应当写成 {方案里的路径: 值}。"
        elif not isinstance(data[key], str):
            yield key, "这里应当是一段文字。"
    if isinstance(data.get("year"), str) and not _YEAR.match(halfwidth(data["year"])):
        yield "year", f"“{data['year']}”不是年份，应当写成 2026 这样的四位数。"


def _read_table(path: Path, table: Table, errors: list[CaseError]) -> Iterator[Any]:
    text = _decoded(path, errors)
    if text is None:
        return
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [halfwidth(name) for name in next(lines, [])]
        columns = _columns(header, table, errors)
        if columns is None:
            return
        seen: dict[tuple[Any, ...], int] = {}
        while True:
            line = lines.line_num + 1
            cells = next(lines, None)
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield from _read_row(cells, header, columns, table, line, seen, errors)
    except csv.Error as error:
        is_quoting = '"' in str(error) or "end of data" in str(error)
        quoting = "引号没有闭合或位置不对，含逗号、引号的内容要整个放进双引号。"
        advice = quoting if is_quoting else "请用表格软件另存为 CSV 再试。"
        errors.append(CaseError(table.file, line, "", f"这一行的写法不合 CSV 规定。{advice}"))


def _decoded(path: Path, errors: list[CaseError]) -> str | None:
    if path.stat().st_size > LIMIT:
        errors.append(
            CaseError(path.name, 0, "", f"文件超过 {LIMIT // 1024 // 1024} MB，请检查是不是选错了文件。")
        )
        return None
    content = path.read_bytes()
    if not content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) and b"\0" not in content:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    errors.append(CaseError(path.name, 0, "", "这不是 CSV 文本，请在表格软件里另存为“CSV UTF-8”格式。"))
    return None


def _columns(header: list[str], table: Table, errors: list[CaseError]) -> dict[str, Column] | None:
    """The known columns by name; None when the header cannot be read."""
    known = {column.name: column for column in table.columns}
    problems = []
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            problems.append(CaseError(table.file, 1, name, "这一列出现了两次，请删去一列。"))
        if name not in known and (not table.is_open or not name):
            shown = name or "（空）"
            problems.append(CaseError(table.file, 1, shown, f"没有这一列。{did_you_mean(name, known)}"))
    for column in table.columns:
        if column.name not in header and not column.is_optional:
            problems.append(CaseError(table.file, 1, column.name, "缺少这一列，请补上（没有内容可以留空）。"))
    errors += problems
    return None if problems else known


def _read_row(
    cells: list[str],
    header: list[str],
    columns: dict[str, Column],
    table: Table,
    line: int,
    seen: dict[tuple[Any, ...], int],
    errors: list[CaseError],
) -> Iterator[Any]:
    if len(cells) != len(header):
        message = f"这一行有 {len(cells)} 格，表头有 {len(header)} 列，请检查多余或缺少的逗号。"
        errors.append(CaseError(table.file, line, "", message))
        return
    values: dict[str, Any] = {"line": line}
    if table.is_open:
        extra = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name not in columns}
        values["attributes"] = {name: cell for name, cell in extra.items() if cell}
    before = len(errors)
    for name, cell in zip(header, cells, strict=True):
        if name in columns:
            try:
                values[columns[name].attribute] = _read_cell(columns[name], cell.strip())
            except ValueError as error:
                errors.append(CaseError(table.file, line, name, str(error)))
    if len(errors) > before:
        return
    row = table.row(**values)
    key = row_key(table, row)
    if key in seen and not table.in_order:
        message = f"与第 {seen[key]} 行重复，同一{'、'.join(table.key)}只能有一行。"
        errors.append(CaseError(table.file, line, "", message))
        return
    seen[key] = line
    yield row


def _read_cell(column: Column, cell: str) -> Any:
    if column.is_needed and not cell:
        raise ValueError("这一格不能空。")
    return column.kind.read(cell)
