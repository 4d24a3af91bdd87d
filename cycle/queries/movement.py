"""What differs between two computations: totals, ranks, grades, places of a quota, uses of the result."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.compare import diff
from policies.scoring import Result, UnitResult


@dataclass(frozen=True, slots=True)
class UseMoved:
    """A use of the result that befalls a unit in one computation and not, or otherwise, in the other.

    `before` and `after`: None where it is not ordered, else its amount (empty without one).
    """

    id: str
    title: str
    before: str | None
    after: str | None

    @property
    def words(self) -> str:
        """In Chinese."""
        if self.before is None:
            return f"新增“{self.title}”{_amount(self.after)}"
        if self.after is None:
            return f"不再适用“{self.title}”"
        return f"“{self.title}”由 {self.before} 改为 {self.after}"


@dataclass(frozen=True, slots=True)
class Moved:
    """How one unit's outcome moved; a pair is (before, after), exactly as published. Grades by title."""

    code: str
    title: str
    group: str
    total: tuple[str, str]
    rank: tuple[int | None, int | None]
    grade: tuple[str, str]
    uses: tuple[UseMoved, ...]

    @property
    def grade_moved(self) -> bool:
        """Whether the grade is another one."""
        return self.grade[0] != self.grade[1]


@dataclass(frozen=True, slots=True)
class PlacesMoved:
    """Places of a level with a quota that went from some units to others."""

    group: str
    level: str
    title: str
    taken: tuple[str, ...]
    lost: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For storing."""
        return {
            "group": self.group,
            "level": self.level,
            "title": self.title,
            "taken": list(self.taken),
            "lost": list(self.lost),
        }


def moved(before: Result, after: Result) -> tuple[Moved, ...]:
    """Return the units whose total, rank, grade or uses differ, in the order in which they are published."""
    return tuple(_moved(before, after))


def _moved(before: Result, after: Result) -> Iterator[Moved]:
    known = {unit.unit.unit: unit for unit in before.units}
    for new in after.units:
        old = known.get(new.unit.unit)
        if old is None:
            continue
        one = Moved(
            code=new.unit.unit,
            title=new.unit.title,
            group=new.group,
            total=(before.total_text(old), after.total_text(new)),
            rank=(old.rank, new.rank),
            grade=(old.grade_title or "待定", new.grade_title or "待定"),
            uses=tuple(_uses(old, new)),
        )
        if one.uses or one.grade_moved or one.total[0] != one.total[1] or one.rank[0] != one.rank[1]:
            yield one


def _uses(old: UnitResult, new: UnitResult) -> Iterator[UseMoved]:
    left, right = uses_by_id(old), uses_by_id(new)
    for key in {**left, **right}:
        was, now = _text(left.get(key)), _text(right.get(key))
        if was != now:
            found = right.get(key) or left[key]
            yield UseMoved(key, found["title"], was, now)


def uses_by_id(unit: UnitResult) -> dict[str, dict[str, Any]]:
    """Return the uses that befall a unit, by id, as the public output writes them."""
    return {use.id: use.to_json() for use in unit.uses}


def _text(use: dict[str, Any] | None) -> str | None:
    if use is None:
        return None
    amount = use.get("amount")
    return f"{amount['value']} {amount['unit']}".strip() if amount else ""


def _amount(text: str | None) -> str:
    return f"（{text}）" if text else ""


def places_moved(before: Result, after: Result) -> tuple[PlacesMoved, ...]:
    """Return, for every level with a quota, which units came in and which went out."""
    return tuple(_places(before, after))


def _places(before: Result, after: Result) -> Iterator[PlacesMoved]:
    for group, scheme in after.pack.grades.items():
        for level, definition in scheme.levels.items():
            if definition.quota is None:
                continue
            had, have = _holders(before, group, level), _holders(after, group, level)
            taken = tuple(title for code, title in have.items() if code not in had)
            lost = tuple(title for code, title in had.items() if code not in have)
            if taken or lost:
                yield PlacesMoved(group, level, definition.title, taken, lost)


def _holders(result: Result, group: str, level: str) -> dict[str, str]:
    return {
        unit.unit.unit: unit.unit.title
        for unit in result.units
        if unit.group == group and unit.grade == level
    }


def changes(before: Result, after: Result) -> dict[str, Any]:
    """Return everything that differs as a run keeps it: facts, units, places of quotas."""
    places = [one.to_json() for one in places_moved(before, after)]
    return diff(before, after).to_json() | {"quotas": places}
