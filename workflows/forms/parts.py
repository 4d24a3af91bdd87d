"""The parts of a task's page: sections of facts, tables to read or fill in, single fields."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Pair = dict[str, Any]


def pair(label: str, value: object, *, note: str = "", url: str = "", long: bool = False) -> Pair:
    """Return one fact for `components/key_values.html`; an empty value shows as a dash."""
    text = "" if value is None else str(value)
    return {"label": label, "value": text or "—", "note": note, "url": url, "long": long}


def cleaned(text: str) -> str:
    """Return typed text with one kind of line end and without invisible control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) != "Cc")


@dataclass(slots=True)
class Control:
    """Something to fill in. `key` is the line that it belongs to, empty for a field of its own.

    `kind`: text, decimal, date, area, select, password, hidden. A `hint` stands below the label.
    """

    column: str
    label: str
    value: str = ""
    key: str = ""
    kind: str = "text"
    unit: str = ""
    hint: str = ""
    error: str = ""
    is_needed: bool = False
    max_length: int = 60
    options: Sequence[tuple[str, str]] = ()
    returned: str = ""

    @property
    def name(self) -> str:
        """The name in the form, as services name it in a refusal."""
        return f"{self.key}-{self.column}" if self.key else self.column

    @property
    def id(self) -> str:
        """The id in the page."""
        return f"id_{self.name}"

    @property
    def is_secret(self) -> bool:
        """Whether what is typed may not be kept in a draft."""
        return self.kind in ("password", "hidden")


@dataclass(slots=True)
class Cell:
    """One cell of a line: words, or a control."""

    label: str
    text: str = ""
    note: str = ""
    is_number: bool = False
    control: Control | None = None


@dataclass(slots=True)
class Line:
    """One line of a table; `details` fold away, `returned` is the reason of a return that names this line."""

    key: str
    title: str
    notes: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    details: list[Pair] = field(default_factory=list)
    returned: str = ""
    group: str = ""


@dataclass(slots=True)
class Grid:
    """A table. `can_pick`: a return may name single lines; `blocks`: long texts, not one row each."""

    caption: str
    lines: list[Line]
    first: str = "指标"
    can_pick: bool = False
    blocks: bool = False

    @property
    def columns(self) -> list[Cell]:
        """The cells of the first line, for the head of the table."""
        return self.lines[0].cells if self.lines else []


@dataclass(slots=True)
class Section:
    """One card of the page: facts, text, fields, a table, in this order; whatever there is."""

    heading: str
    note: str = ""
    pairs: list[Pair] = field(default_factory=list)
    text: str = ""
    fields: list[Control] = field(default_factory=list)
    grid: Grid | None = None
    empty: str = ""

    def controls(self) -> Iterator[Control]:
        """Yield every control of the section."""
        yield from self.fields
        for line in self.grid.lines if self.grid else []:
            yield from (cell.control for cell in line.cells if cell.control)
