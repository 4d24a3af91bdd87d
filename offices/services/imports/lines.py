"""Rows under canonical column names, and every defect of a table with its line."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.refusals import NotPossible

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with a table: the line as a spreadsheet counts it, the column, what to do."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        place = f"第 {self.line} 行" + (f"“{self.column}”" if self.column else "")
        return f"{place}：{self.sentence}"


class BadTable(NotPossible):
    """A table with defects; nothing of it was taken over. `defects` are all of them, by line."""

    def __init__(self, defects: list[Defect]) -> None:
        self.defects = sorted(defects, key=lambda each: (each.line, each.column))
        more = f"……共 {len(defects)} 处" if len(defects) > SHOWN else ""
        listed = "".join(str(each) for each in self.defects[:SHOWN])
        super().__init__(f"表格有错误，一行也没有导入。{listed}{more}", field="file")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, the other names it goes by, whether a cell may be empty."""

    title: str
    aliases: tuple[str, ...] = ()
    is_needed: bool = True
    max_length: int = 120


@dataclass(frozen=True, slots=True)
class Line:
    """One row under canonical names, and where it stood."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(slots=True)
class Table:
    """A table while it is being read: its lines and what was found wrong so far."""

    columns: dict[str, Column]
    lines: list[Line] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    def fault(self, line: Line, column: str, sentence: str) -> None:
        """Note a defect of one cell."""
        self.defects.append(Defect(line.number, self.columns[column].title, sentence))

    def refuse_if_faulty(self) -> None:
        """Raise BadTable with every defect, if there is one."""
        if self.defects:
            raise BadTable(self.defects)


def lines_of(rows: Sequence[dict[str, str]], columns: dict[str, Column]) -> Table:
    """Return the rows under canonical names; columns and needed cells are checked.

    Raises BadTable at once for wrong columns or an empty table: no cell can be judged then.
    """
    table = Table(columns)
    if not rows:
        raise BadTable([Defect(1, "", "表格里没有数据行，请在表头下面填写后再导入。")])
    names = {alias: name for name, each in columns.items() for alias in (name, each.title, *each.aliases)}
    table.defects += _column_defects(rows[0], names, columns)
    table.refuse_if_faulty()
    for index, row in enumerate(rows):
        number = getattr(row, "line", index + 2)
        line = Line(number, {names[key.strip()]: value.strip() for key, value in row.items()})
        _check_cells(table, line)
        table.lines.append(line)
    return table


def _column_defects(row: dict[str, str], names: dict[str, str], columns: dict[str, Column]) -> list[Defect]:
    given = [key.strip() for key in row]
    expected = "、".join(each.title for each in columns.values())
    defects = [
        Defect(1, key, f"不认识这一列，可用的列是：{expected}。请改正列名或者删除这一列。")
        for key in given
        if key not in names
    ]
    present = [names[key] for key in given if key in names]
    defects += [
        Defect(1, columns[name].title, "这一列出现了两次，请只保留一列。")
        for name in sorted({name for name in present if present.count(name) > 1})
    ]
    defects += [
        Defect(1, each.title, "缺少这一列，请补上后再导入。")
        for name, each in columns.items()
        if each.is_needed and name not in present
    ]
    return defects


def _check_cells(table: Table, line: Line) -> None:
    for name, column in table.columns.items():
        value = line[name]
        if column.is_needed and not value:
            table.fault(line, name, "没有填写，请补上。")
        elif len(value) > column.max_length:
            table.fault(line, name, f"超过 {column.max_length} 个字，请缩短。")
        elif any(ord(sign) < 32 for sign in value):
            table.fault(line, name, "含有换行或不可见字符，请删去。")
