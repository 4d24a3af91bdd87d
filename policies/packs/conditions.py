"""Conditions as data: parsed once with the pack, evaluated by `policies.scoring.conditions`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import PlainValidator

from policies.packs.errors import did_you_mean, fail
from policies.packs.values import (
    Compare,
    compare,
    count,
    identifier,
    identifiers,
    not_negative,
    text,
    within,
)


@dataclass(frozen=True)
class Test:
    """One key of a condition with its parsed argument, e.g. `("total", Compare(below=60))`."""

    key: str
    argument: Any


@dataclass(frozen=True)
class Condition:
    """All tests must hold; no test at all always holds."""

    tests: tuple[Test, ...]

    def walk(self) -> Iterator[Test]:
        """Every test, also those inside `any` and `not`."""
        for test in self.tests:
            yield test
            inner = test.argument if test.key in {"any", "not"} else ()
            for condition in inner:
                yield from condition.walk()


@dataclass(frozen=True)
class RankTest:
    """Among the first or the last n, in the own class or over several groups; ties all count in."""

    place: int
    from_end: bool
    within: tuple[str, ...]


@dataclass(frozen=True)
class HistoryTest:
    """The same grade in so many years running, this year included."""

    grades: tuple[str, ...]
    running: int


@dataclass(frozen=True)
class ImprovedTest:
    """Among the first n by improvement on last year's total or rank."""

    by: str
    first: int


@dataclass(frozen=True)
class ApartTest:
    """Two components lie at least so many percentage points apart."""

    by: Any
    of: tuple[str, str]


def parse_condition(raw: object) -> Condition:
    """Read a condition map; defects point at the key they concern."""
    if not isinstance(raw, dict):
        fail("条件应当写成一组键值，例如 {grade: advanced} 或 {total: {below: 60}}。")
    tests = []
    for key, argument in raw.items():
        if key not in _PARSERS:
            fail(f"条件里不认识“{key}”。", key, suggestion=did_you_mean(key, _PARSERS))
        tests.append(Test(key, within(key, _PARSERS[key], argument)))
    return Condition(tuple(tests))


def _attributes(raw: object) -> dict[str, tuple[str, ...]]:
    entries = _map(raw, "attribute 应当写成 {列名: 值}。")
    return {
        key: tuple(text(item) for item in value) if isinstance(value, list) else (within(key, text, value),)
        for key, value in entries.items()
    }


def _comparisons(raw: object) -> dict[str, Compare]:
    entries = _map(raw, "这里应当写成 {标识: {min: 60}}。")
    return {within(key, identifier, key): within(key, compare, value) for key, value in entries.items()}


def _rank(raw: object) -> RankTest:
    entries = _map(raw, "rank 应当写成 {first: 3} 或 {last: 3}。", {"first", "last", "within"})
    if ("first" in entries) == ("last" in entries):
        fail("rank 要么写 first（前几名），要么写 last（后几名）。")
    side = "first" if "first" in entries else "last"
    groups = within("within", identifiers, entries["within"]) if "within" in entries else ()
    return RankTest(within(side, _at_least_one, entries[side]), side == "last", groups)


def _history(raw: object) -> HistoryTest:
    entries = _map(raw, "history 应当写成 {grade: 等次, running: 2}。", {"grade", "running"})
    if set(entries) != {"grade", "running"}:
        fail("history 要同时写 grade（等次）和 running（连续年数）。")
    grades = within("grade", identifiers, entries["grade"])
    return HistoryTest(grades, within("running", _at_least_one, entries["running"]))


def _improved(raw: object) -> ImprovedTest:
    entries = _map(raw, "improved 应当写成 {by: total, first: 1}。", {"by", "first"})
    if entries.get("by") not in ("total", "rank"):
        fail("improved 的 by 只能写 total（得分）或 rank（名次）。")
    return ImprovedTest(entries["by"], within("first", _at_least_one, entries.get("first", "1")))


def _apart(raw: object) -> ApartTest:
    entries = _map(raw, "apart 应当写成 {by: 20, of: [甲, 乙]}。", {"by", "of"})
    pair = within("of", identifiers, entries.get("of", []))
    if len(pair) != 2 or "by" not in entries:
        fail("apart 要写 by（相差多少个百分点）和 of（两个构成部分的标识）。")
    return ApartTest(within("by", not_negative, entries["by"]), (pair[0], pair[1]))


def _any(raw: object) -> tuple[Condition, ...]:
    if not isinstance(raw, list) or not raw:
        fail("any 应当是条件的列表，满足其中一条即可。")
    return tuple(within(index, parse_condition, item) for index, item in enumerate(raw))


def _not(raw: object) -> tuple[Condition, ...]:
    return (parse_condition(raw),)


def _at_least_one(raw: object) -> int:
    value = count(raw)
    if value < 1:
        fail("这里至少是 1。")
    return value


def _map(raw: object, message: str, allowed: set[str] | None = None) -> dict[str, Any]:
    if not isinstance(raw, dict) or not raw:
        fail(message)
    for key in raw:
        if allowed is not None and key not in allowed:
            fail(f"不认识“{key}”。", key, suggestion=did_you_mean(key, allowed))
    return raw


_PARSERS: Final[dict[str, Callable[[object], Any]]] = {
    "group": identifiers,
    "attribute": _attributes,
    "grade": identifiers,
    "grade_or_worse": identifier,
    "grade_or_better": identifier,
    "total": compare,
    "percent": _comparisons,
    "satisfaction": compare,
    "indicator": _comparisons,
    "rank": _rank,
    "veto": identifiers,
    "bonus": identifiers,
    "deduction": identifiers,
    "history": _history,
    "improved": _improved,
    "apart": _apart,
    "any": _any,
    "not": _not,
}

NEEDS_RESULT: Final = frozenset(
    {"total", "rank", "grade", "grade_or_worse", "grade_or_better", "history", "improved"}
)
"""Keys that read the total, rank or grade: a veto raised by `when` may not use them."""

When = Annotated[Condition, PlainValidator(parse_condition)]
