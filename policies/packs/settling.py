"""From what is written to what holds: inheritance, values set locally, dated values, open values."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from policies.packs.errors import PackError, PackErrors, Path, did_you_mean, dotted
from policies.packs.source import Source

OPEN: Final = "open"
_DATED_KEYS: Final = {"value", "from", "cite", "basis", "note"}


def merged(parent: Any, child: Any) -> Any:
    """A child pack over its parent: maps merge by key, the rest replaces; a null stays, to be dropped."""
    if not isinstance(parent, dict) or not isinstance(child, dict):
        return child
    result = dict(parent)
    for key, value in child.items():
        result[key] = merged(parent.get(key), value)
    return result


def without_nulls(data: Any) -> Any:
    """A null removes what it stands over; over nothing it is as if it were not written."""
    if isinstance(data, dict):
        return {key: without_nulls(value) for key, value in data.items() if value is not None}
    return [without_nulls(value) for value in data] if isinstance(data, list) else data


def inherited(source: Source, read_parent: Callable[[str, Source], Source]) -> Source:
    """The source merged over the packs it extends; inherited keys keep their file and line."""
    chain = [source]
    while "extends" in chain[-1].data:
        parent_id = chain[-1].data["extends"]
        if not isinstance(parent_id, str):
            raise PackErrors(
                [chain[-1].error(("extends",), "extends 应当写上级方案的标识，例如 extends: qitai。")]
            )
        parent = read_parent(parent_id, chain[-1])
        if parent.file in {one.file for one in chain}:
            loop = " → ".join(str(one.data.get("policy", one.file)) for one in [*chain, parent])
            raise PackErrors(
                [chain[-1].error(("extends",), f"extends 绕成了一个圈：{loop}，请改掉其中一处。")]
            )
        chain.append(parent)
    data: Any = {}
    lines: dict[Path, tuple[str, int]] = {}
    for one in reversed(chain):
        data = merged(data, one.data)
        lines.update(one.lines)
    return Source(source.file, without_nulls(data), lines)


def open_paths(data: Any, path: Path = ()) -> Iterator[Path]:
    """Every value that still has to be set locally."""
    if data == OPEN:
        yield path
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from open_paths(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from open_paths(value, (*path, index))


def with_settings(source: Source, settings: Mapping[str, Any]) -> Source:
    """Set values locally (`set:` in case.yaml). Only what is `open` or ours (`basis: default`) may be set."""
    if not settings:
        return source
    data, errors = source.data, []
    for key, value in settings.items():
        path = parse_path(key)
        problem = _cannot_set(source.data, path)
        if problem:
            suggestion = did_you_mean(key, (dotted(one) for one in open_paths(source.data)))
            errors.append(PackError("case.yaml", 0, f"set.{key}", problem, suggestion))
        else:
            data = _replaced(data, path, value)
    if errors:
        raise PackErrors(errors)
    return Source(source.file, data, source.lines)


def parse_path(text: str) -> Path:
    """`grades[0].levels.good.min` → ("grades", 0, "levels", "good", "min")."""
    parts = re.findall(r"[^.\[\]]+|\[\d+\]", text)
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts)


def _cannot_set(data: Any, path: Path) -> str:
    is_ours = False
    for part in path:
        is_ours = is_ours or (isinstance(data, dict) and data.get("basis") == "default")
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return "方案里没有这一项，请核对路径。"
    if data == OPEN or is_ours:
        return ""
    return "这一项由方案原文规定，不能在本地改；确需修改，请另立一份方案（extends）并注明依据。"


def _replaced(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    if isinstance(data, dict):
        return {**data, path[0]: _replaced(data[path[0]], path[1:], value)}
    copy = list(data)
    copy[int(path[0])] = _replaced(copy[int(path[0])], path[1:], value)
    return copy


def dated(source: Source, on: date | None) -> Source:
    """Replace dated values by the one in force on a day (the latest one without a day).

    Raises PackErrors naming the key and the day when none is in force, or when a date is not one.
    """
    errors: list[PackError] = []

    def settle(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {key: settle(item, (*path, key)) for key, item in value.items()}
        if not isinstance(value, list):
            return value
        if not _is_dated(value):
            return [settle(item, (*path, index)) for index, item in enumerate(value)]
        in_force = _in_force(source, value, path, on, errors)
        return settle(in_force, path) if in_force is not None else OPEN

    data = settle(source.data, ())
    if errors:
        raise PackErrors(errors)
    return Source(source.file, data, source.lines)


def _is_dated(items: list[Any]) -> bool:
    return bool(items) and all(
        isinstance(item, dict) and {"value", "from"} <= set(item) <= _DATED_KEYS for item in items
    )


def _in_force(
    source: Source, items: list[dict[str, Any]], path: Path, on: date | None, errors: list[PackError]
) -> Any:
    starts: list[tuple[date, Any]] = []
    for index, item in enumerate(items):
        try:
            starts.append((_start_date(str(item["from"])), item["value"]))
        except ValueError as error:
            errors.append(source.error((*path, index, "from"), str(error)))
    if len(starts) < len(items):
        return None
    reached = [entry for entry in starts if on is None or entry[0] <= on]
    if not reached:
        first = min(start for start, _ in starts)
        message = f"{on}（周期第一天）还没有生效的值，最早的一个从 {first} 起算，请补上更早的值或核对周期。"
        errors.append(source.error(path, message))
        return None
    return max(reached, key=lambda entry: entry[0])[1]


def _start_date(text: str) -> date:
    """`2005`, or a whole day `2012-07-01`."""
    try:
        return date(int(text), 1, 1) if len(text) == 4 else date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}”不是日期，from 应当写年份 2005 或日期 2012-07-01。") from None
