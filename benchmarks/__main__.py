"""Every benchmark at modest size, one table.

Run: python -m benchmarks (the same as `make bench`); each module alone takes its full size.
"""

from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import bulk_start, completion, county, scoring, sweep
from benchmarks.report import Figure, table

MODEST: tuple[Callable[[], list[Figure]], ...] = (
    partial(bulk_start.measure, units=2000, rounds=3),
    partial(completion.measure, processes=50),
    partial(sweep.measure, items=1000, rounds=3),
    partial(scoring.figures, units=1000),
)


def figures() -> Iterator[Figure]:
    """Each starts from an empty scratch database; about a minute on two idle cores."""
    for measure in MODEST:
        with county.scratch_database():
            yield from measure()


def main() -> None:
    """Run all and print."""
    print(table(list(figures())))


if __name__ == "__main__":
    main()
