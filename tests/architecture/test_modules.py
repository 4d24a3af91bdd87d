"""How the code is cut: who imports whom, how long things are, what they are called, what they may not use."""

from __future__ import annotations

import ast
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

from importlinter.cli import lint_imports

from config import settings
from tests.architecture.sources import APPS, ROOT, modules, name, text, tree

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
MEDIAN_MODULE = 150
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}
LIBRARY_NAMES = {"viewflow", "django_fsm", "fsm", "psycopg2"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def test_imports_go_downwards_only() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_every_application_is_under_the_import_rule() -> None:
    contracts = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]
    assert set(contracts["root_packages"]) == set(APPS)
    assert set(APPS) - {"policies"} <= set(settings.INSTALLED_APPS)


def test_modules_are_short() -> None:
    lengths = {name(path): len(text(path).splitlines()) for path in modules()}
    assert [(path, length) for path, length in lengths.items() if length > LONGEST_MODULE] == []
    assert statistics.median(length for length in lengths.values() if length > 3) < MEDIAN_MODULE


def test_functions_are_short() -> None:
    long = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in modules()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_has_a_vague_name_or_a_librarys() -> None:
    named = {name(path) for path in modules() if path.stem in VAGUE_NAMES | LIBRARY_NAMES}
    assert named == set()


def test_imports_stand_at_the_top() -> None:
    """An import inside a function hides an upward dependency; only `ready` must wait for the models."""
    hidden = [
        f"{name(path)}:{inner.lineno}"
        for path in modules()
        for function in functions(path)
        if function.name != "ready"
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_scores_money_and_dates_are_never_floats() -> None:
    inexact = [
        f"{name(path)}:{node.lineno}"
        for path in modules("policies", "cycle", "offices")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
        or (isinstance(node, ast.Attribute) and node.attr == "FloatField")
    ]
    assert inexact == []


def test_public_names_are_documented() -> None:
    """A public class, a public function: one sentence each at least."""
    bare = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in modules()
        for node in tree(path).body
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]
    assert bare == []
