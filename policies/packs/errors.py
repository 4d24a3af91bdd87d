"""What is wrong with a pack: every defect with its file, line, key, a Chinese sentence and a suggestion."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from pydantic_core import PydanticCustomError

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class PackError:
    """One defect. `line` is 0 when the pack does not come from a file with lines."""

    file: str
    line: int
    path: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.file} 第 {self.line} 行" if self.line else self.file
        key = f"（{self.path}）" if self.path else ""
        return f"{where}{key}：{self.message}{self.suggestion}"


class PackErrors(Exception):
    """All defects of a pack together, in the order of the file."""

    def __init__(self, errors: Iterable[PackError]) -> None:
        self.errors = sorted(
            set(errors), key=lambda error: (error.file, error.line, error.path, error.message)
        )
        super().__init__("\n".join(str(error) for error in self.errors))


def dotted(path: Path) -> str:
    """`("grades", 0, "levels")` → `grades[0].levels`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def fail(message: str, *at: str | int, suggestion: str = "") -> NoReturn:
    """Refuse a value from inside a validator; `at` points to the offending key below it."""
    raise PydanticCustomError("pack", "{text}", {"text": message, "at": at, "suggestion": suggestion})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence naming the nearest known word, or listing the choices; empty when there are none."""
    choices = sorted(set(known))
    near = get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f"是不是想写“{near[0]}”？"
    listed = "、".join(choices[:12]) + ("等" if len(choices) > 12 else "")
    return f"可以写：{listed}。" if choices else ""
