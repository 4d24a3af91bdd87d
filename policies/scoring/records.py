"""What a scoring run records for a unit: every number exact, from the readings to the consequences."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from policies.exact import fixed
from policies.facts import AdjustmentRow, UnitRow
from policies.packs.content import Component
from policies.scoring.plans import Planned


@dataclass(slots=True)
class RoundResult:
    """One component in one round. `value` is None where the round was left out for want of data.

    `origin` says where the value comes from: `computed`, `given` (components.csv), or how a missing one was
    filled (`zero`, `full`, `peers_mean`). For indicators: points of each, and what scales their sum.
    """

    value: Fraction | None
    origin: str = "computed"
    indicators: dict[str, Fraction | None] = field(default_factory=dict)
    filled: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ComponentResult:
    """One component of one unit: its points over all rounds; None where it was left out."""

    component: Component
    points: Fraction
    value: Fraction | None
    rounds: dict[str, RoundResult] = field(default_factory=dict)
    weights: dict[str, Fraction] = field(default_factory=dict)
    parts: dict[str, "ComponentResult"] = field(default_factory=dict)
    origin: str = "computed"


@dataclass(slots=True)
class AdjustmentLine:
    """One bonus or deduction fact; `counted` is 0 where a higher row of the same fact counts instead."""

    label: str
    item: str
    value: Fraction
    counted: Fraction
    text: str
    cite: str | None
    row: AdjustmentRow | None = None


@dataclass(slots=True)
class AdjustmentResult:
    """加分 or 减分: the lines, what the caps cut off (positive), and what is left."""

    value: Fraction = Fraction(0)
    lines: list[AdjustmentLine] = field(default_factory=list)
    cuts: list[tuple[str, Fraction, str | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VetoRaised:
    """A veto that holds against a unit, by a recorded fact or by its own condition."""

    item: str
    title: str
    evidence: str
    cite: str | None


@dataclass(frozen=True, slots=True)
class UseFired:
    """A consequence that befalls the unit; `amount` where the pack computes one."""

    id: str
    title: str
    office: str | None
    amount: Fraction | None = None
    amount_places: int = 2
    amount_unit: str = ""
    amount_text: str = ""

    def to_json(self) -> dict[str, Any]:
        """As in the public output."""
        data: dict[str, Any] = {"id": self.id, "title": self.title, "office": self.office}
        if self.amount is not None:
            value = fixed(self.amount, self.amount_places)
            data["amount"] = {"value": value, "unit": self.amount_unit, "text": self.amount_text}
        return data


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """Something the office should look at; it does not stop the run."""

    code: str
    group: str
    unit: str
    subject: str
    message: str

    def to_json(self) -> dict[str, str]:
        """As in the public output."""
        return {
            "code": self.code,
            "group": self.group,
            "unit": self.unit,
            "subject": self.subject,
            "message": self.message,
        }


@dataclass(slots=True, eq=False)
class UnitResult:
    """Everything that came out for one unit; compared by identity."""

    unit: UnitRow
    group: str
    class_name: str
    plan: dict[str, dict[str, tuple[Planned, ...]]]
    components: dict[str, ComponentResult] = field(default_factory=dict)
    left_out: Fraction = Fraction(0)
    base: Fraction = Fraction(0)
    bonus: AdjustmentResult = field(default_factory=AdjustmentResult)
    deduction: AdjustmentResult = field(default_factory=AdjustmentResult)
    veto_deduction: Fraction = Fraction(0)
    vetoes: list[VetoRaised] = field(default_factory=list)
    exact_total: Fraction = Fraction(0)
    total: Fraction = Fraction(0)
    rank: int | None = None
    rank_from_end: int | None = None
    ranked: int = 0
    grade: str | None = None
    grade_title: str | None = None
    grade_reason: str = ""
    barred: list[str] = field(default_factory=list)
    uses: list[UseFired] = field(default_factory=list)

    def flat(self) -> dict[str, ComponentResult]:
        """Components and their parts by id."""
        found: dict[str, ComponentResult] = {}

        def collect(components: dict[str, ComponentResult]) -> None:
            for key, component in components.items():
                found[key] = component
                collect(component.parts)

        collect(self.components)
        return found
