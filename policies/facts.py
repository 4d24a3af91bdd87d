"""The facts of a case as plain rows, one class per CSV table, and the whole case as `Facts`.

Numbers are `Decimal` or None; texts are never None. `line` is where a row stood in its file (0: no file) and
takes no part in comparison or in the digest of the facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

Line: TypeAlias = int


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One assessed unit; `standing` is empty or `unranked`; further columns are attributes."""

    unit: str
    title: str
    group: str
    standing: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator of a unit, or with an empty `unit` of the whole `group`; empty cells are inherited.

    `points` may be a percentage, `target` a number or a word such as `last_year`, `params` a JSON object.
    """

    unit: str
    indicator: str
    component: str
    title: str = ""
    points: str = ""
    method: str = ""
    target: str = ""
    params: str = ""
    collector: str = ""
    group: str = ""
    rounds: tuple[str, ...] = ()
    heading: str = ""
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """What was achieved; an empty `round`: every round without a row; `actual` may be a level's id."""

    unit: str
    indicator: str
    round: str = ""
    actual: Decimal | str | None = None
    last_year: Decimal | None = None
    score: Decimal | None = None
    note: str = ""
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One survey: satisfaction and turnout from 0 to 100."""

    unit: str
    component: str
    round: str
    satisfaction: Decimal
    turnout: Decimal | None = None
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class BallotRow:
    """One ballot from 0 to 100; `voter` only tells ballots apart (anonymous ones name nobody)."""

    unit: str
    component: str
    round: str
    voter_kind: str
    voter: str
    score: Decimal
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class VoterRow:
    """How many voters of a kind were invited."""

    unit: str
    component: str
    round: str
    voter_kind: str
    invited: int
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """A bonus or deduction fact; the order of a unit's rows for one item is the order of occurrence."""

    unit: str
    kind: str
    item: str
    source: str = ""
    count: int = 1
    points: Decimal | None = None
    evidence: str = ""
    fact: str = ""
    multiplier: str = ""
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class VetoRow:
    """A veto raised against a unit."""

    unit: str
    item: str
    evidence: str = ""
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """Points of a whole component in a round (empty: the year), in place of its computation."""

    unit: str
    component: str
    round: str
    score: Decimal
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A unit's result of an earlier year."""

    unit: str
    year: int
    total: Decimal | None = None
    rank: int | None = None
    grade: str = ""
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A result of another cycle that counts for the unit's component."""

    unit: str
    component: str
    subject: str
    total: Decimal | None = None
    grade: str = ""
    weight: Decimal | None = None
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A recorded decision: `quota:<grade>`, `tie:<grade>` (place), `points:<component>[/<subject>]`."""

    group: str
    unit: str
    item: str
    value: Decimal
    evidence: str = ""
    line: Line = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a scoring run reads beside the pack: `policy` is the pack's id or path."""

    policy: str
    year: int
    title: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    to_date: str = ""
    units: tuple[UnitRow, ...] = ()
    indicators: tuple[IndicatorRow, ...] = ()
    readings: tuple[ReadingRow, ...] = ()
    surveys: tuple[SurveyRow, ...] = ()
    ballots: tuple[BallotRow, ...] = ()
    voters: tuple[VoterRow, ...] = ()
    adjustments: tuple[AdjustmentRow, ...] = ()
    vetoes: tuple[VetoRow, ...] = ()
    components: tuple[ComponentRow, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    results: tuple[ResultRow, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class CaseError:
    """One defect of a case: file, line (0: the whole file), column (its name), a Chinese sentence."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = (
            self.file
            + (f" 第 {self.line} 行" if self.line else "")
            + (f" {self.column} 列" if self.column else "")
        )
        return f"{where}：{self.message}"


class CaseErrors(Exception):
    """All defects of a case together, sorted by file and line."""

    def __init__(self, errors: list[CaseError]) -> None:
        self.errors = sorted(set(errors))
        super().__init__("\n".join(str(error) for error in self.errors))
