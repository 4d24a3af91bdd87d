"""What a benchmark says: pairs of medians from the same run, printed as one table."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: ours beside theirs (None where there is nothing to compare with) and the target."""

    what: str
    unit: str
    ours: float
    theirs: float | None = None
    target: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours divided by theirs; below 1 we are cheaper."""
        return self.ours / self.theirs if self.theirs else None


def stopwatch(work: Callable[[], object]) -> float:
    """Seconds on the wall that `work` took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(samples: Sequence[float], scale: float = 1.0) -> float:
    """The median of samples, in another unit."""
    return statistics.median(samples) * scale


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text."""
    lines = [("", "ours", "theirs", "ratio", "unit", "target")]
    for each in figures:
        theirs = "" if each.theirs is None else f"{each.theirs:.3f}"
        ratio = "" if each.ratio is None else f"{each.ratio:.3f}"
        lines.append((each.what, f"{each.ours:.3f}", theirs, ratio, each.unit, each.target))
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 4, 5) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
