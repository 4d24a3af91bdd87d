"""The tables of the public case format: columns, kinds of cells, what makes a row unique."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any, Final

from policies import facts
from policies.exact import NotANumber, halfwidth, parse_decimal, shortest


@dataclass(frozen=True)
class Kind:
    """How a cell is read (raising ValueError with a Chinese sentence) and written."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """One column; `is_optional`: the whole column may be absent; `is_needed`: the cell may not be empty."""

    name: str
    attribute: str
    kind: Kind
    is_optional: bool = False
    is_needed: bool = False


@dataclass(frozen=True)
class Table:
    """One CSV file of a case."""

    name: str
    row: type
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    is_open: bool = False  # further columns become the row's attributes
    in_order: bool = False  # rows with the same key keep their order (order of occurrence)

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.csv"

    @cached_property
    def key_of(self) -> Callable[[Any], Any]:
        """Reads the key off a row."""
        attributes = {column.name: column.attribute for column in self.columns}
        return attrgetter(*(attributes[name] for name in self.key))


def _number(text: str) -> Decimal | None:
    return parse_decimal(text) if text else None


def _integer(text: str) -> int | None:
    if not text:
        return None
    value = parse_decimal(text)
    if value != value.to_integral_value() or abs(value) > 10**9:
        raise NotANumber(f"“{text}”应当是整数。")
    return int(value)


def _count(text: str) -> int:
    value = _integer(text)
    if value is not None and value < 1:
        raise NotANumber(f"“{text}”不是次数，次数至少是 1。")
    return 1 if value is None else value


def _score(text: str) -> Decimal | None:
    value = _number(text)
    if value is not None and not 0 <= value <= 100:
        raise NotANumber(f"“{text}”超出范围，应当在 0 到 100 之间。")
    return value


def _actual(text: str) -> Decimal | str | None:
    """A number, or a level's id beginning with a letter."""
    if halfwidth(text)[:1].isalpha() and halfwidth(text).isascii():
        return halfwidth(text)
    return _number(text)


def _id(text: str) -> str:
    return halfwidth(text)


def _params(text: str) -> str:
    if not text:
        return ""
    try:
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ValueError(f'“{text[:40]}”不是 JSON 对象，应当写成 {{"direction": "down"}} 这样的一组键值。')
    return canonical_params(value)


def canonical_params(value: dict[str, Any]) -> str:
    """Parameters as canonical JSON; every scalar is text, as in a pack."""
    return json.dumps(_texts(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None else str(value)


def _written(value: Any) -> str:
    if value is None:
        return ""
    return format(shortest(value), "f") if isinstance(value, Decimal) else str(value)


TEXT: Final = Kind(str.strip, str)
ID: Final = Kind(_id, str)
NUMBER: Final = Kind(_number, _written)
INTEGER: Final = Kind(_integer, _written)
COUNT: Final = Kind(_count, _written)
SCORE: Final = Kind(_score, _written)
ACTUAL: Final = Kind(_actual, _written)
PARAMS: Final = Kind(_params, str)
ROUNDS: Final = Kind(lambda text: tuple(halfwidth(text).split()), " ".join)


def _column(name: str, kind: Kind = TEXT, flags: str = "", attribute: str = "") -> Column:
    """Flags: `?` the column may be absent, `!` the cell may not be empty."""
    return Column(name, attribute or name, kind, "?" in flags, "!" in flags)


_UNIT: Final = _column("unit", ID, "!")
_COMPONENT: Final = _column("component", ID, "!")
_ROUND: Final = _column("round", ID, "!")
_OPEN_ROUND: Final = _column("round", ID)

TABLES: Final[tuple[Table, ...]] = (
    Table(
        "units",
        facts.UnitRow,
        (_UNIT, _column("title", TEXT, "!"), _column("group", ID, "!"), _column("standing", ID, "?")),
        ("unit",),
        is_open=True,
    ),
    Table(
        "indicators",
        facts.IndicatorRow,
        (
            _column("unit", ID),
            _column("indicator", ID, "!"),
            _column("component", ID, "!"),
            _column("title"),
            _column("points", ID),
            _column("method", ID),
            _column("target", ID),
            _column("params", PARAMS),
            _column("collector"),
            _column("group", ID, "?"),
            _column("round", ROUNDS, "?", "rounds"),
            _column("heading", ID, "?"),
        ),
        ("unit", "group", "indicator", "round"),
    ),
    Table(
        "readings",
        facts.ReadingRow,
        (
            _UNIT,
            _column("indicator", ID, "!"),
            _OPEN_ROUND,
            _column("actual", ACTUAL),
            _column("last_year", NUMBER),
            _column("score", NUMBER),
            _column("note"),
        ),
        ("unit", "indicator", "round"),
    ),
    Table(
        "surveys",
        facts.SurveyRow,
        (_UNIT, _COMPONENT, _ROUND, _column("satisfaction", SCORE, "!"), _column("turnout", SCORE)),
        ("unit", "component", "round"),
    ),
    Table(
        "ballots",
        facts.BallotRow,
        (
            _UNIT,
            _COMPONENT,
            _ROUND,
            _column("voter_kind", ID, "!"),
            _column("voter", TEXT, "!"),
            _column("score", SCORE, "!"),
        ),
        ("unit", "component", "round", "voter_kind", "voter"),
    ),
    Table(
        "voters",
        facts.VoterRow,
        (_UNIT, _COMPONENT, _ROUND, _column("voter_kind", ID, "!"), _column("invited", INTEGER, "!")),
        ("unit", "component", "round", "voter_kind"),
    ),
    Table(
        "adjustments",
        facts.AdjustmentRow,
        (
            _UNIT,
            _column("kind", ID, "!"),
            _column("item", ID, "!"),
            _column("source"),
            _column("count", COUNT),
            _column("points", NUMBER),
            _column("evidence"),
            _column("fact", TEXT, "?"),
            _column("multiplier", ID, "?"),
        ),
        ("unit", "kind", "item"),
        in_order=True,
    ),
    Table(
        "vetoes",
        facts.VetoRow,
        (_UNIT, _column("item", ID, "!"), _column("evidence")),
        ("unit", "item", "evidence"),
    ),
    Table(
        "components",
        facts.ComponentRow,
        (_UNIT, _COMPONENT, _OPEN_ROUND, _column("score", NUMBER, "!")),
        ("unit", "component", "round"),
    ),
    Table(
        "history",
        facts.HistoryRow,
        (
            _UNIT,
            _column("year", INTEGER, "!"),
            _column("total", NUMBER),
            _column("rank", INTEGER),
            _column("grade", ID),
        ),
        ("unit", "year"),
    ),
    Table(
        "results",
        facts.ResultRow,
        (
            _UNIT,
            _COMPONENT,
            _column("subject", TEXT, "!"),
            _column("total", NUMBER),
            _column("grade", ID),
            _column("weight", NUMBER),
        ),
        ("unit", "component", "subject"),
    ),
    Table(
        "decisions",
        facts.DecisionRow,
        (
            _column("group", ID, "!"),
            _column("unit", ID),
            _column("item", TEXT, "!"),
            _column("value", NUMBER, "!"),
            _column("evidence"),
        ),
        ("group", "unit", "item"),
    ),
)
TABLE: Final = {table.name: table for table in TABLES}


def row_key(table: Table, row: Any) -> tuple[Any, ...]:
    """What makes the row unique, and its place in canonical order."""
    found = table.key_of(row)
    return found if len(table.key) > 1 else (found,)
