"""The files that the house rules speak about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("audit", "config", "cycle", "offices", "policies", "workflows")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".html",
    ".css",
    ".js",
    ".svg",
    ".csv",
    ".txt",
    ".lock",
    ".sql",
    "",
}


@cache
def text(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(text(path), filename=str(path))


def name(path: Path) -> str:
    """A file's path inside the project, for messages."""
    return str(path.relative_to(ROOT))


def modules(*folders: str) -> list[Path]:
    """The Python modules of the product, or of some folders, without generated migrations."""
    found = (path for folder in folders or APPS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def texts() -> list[Path]:
    """Every text file that belongs to the project."""

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                local = path.name.startswith((".", "__pycache__")) and path.name != ".ci"
                if not local:
                    yield from walk(path)
            elif path.suffix in TEXT:
                yield path

    return list(walk(ROOT))
