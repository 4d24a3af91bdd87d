"""Every benchmark runs at tiny size and prints a ratio. How long anything takes is nobody's promise here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from benchmarks import bulk_start, completion, scoring, sweep
from benchmarks.report import Figure, table

TINY: dict[str, Callable[[], list[Figure]]] = {
    "bulk_start": partial(bulk_start.measure, units=10, rounds=1),
    "completion": partial(completion.measure, processes=2),
    "sweep": partial(sweep.measure, items=10, rounds=1),
    "scoring": partial(scoring.figures, units=10),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", TINY)
def test_it_runs_and_prints_a_ratio(name: str) -> None:
    figures = TINY[name]()
    printed = table(figures)
    assert len(printed.splitlines()) == len(figures) + 1
    for figure in figures:
        assert figure.ratio is not None
        assert figure.ratio > 0
        assert f"{figure.ratio:.3f}" in printed


def test_a_table_names_what_it_cannot_compare() -> None:
    printed = table([Figure("alone", "ms", 1.5), Figure("both", "ms", 1.0, 4.0, "≤ 1")])
    assert [line.split() for line in printed.splitlines()[1:]] == [
        ["alone", "1.500", "ms"],
        ["both", "1.000", "4.000", "0.250", "ms", "≤", "1"],
    ]
