"""Chance with a memory: every draw is named, so that the order of the work never changes what happens."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws that depend on the seed and the draw's name only."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, *name: object) -> random.Random:
        """Return the generator of one named draw."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, name))}")  # noqa: S311  (a rehearsal, not a secret)

    def happens(self, percent: float, *name: object) -> bool:
        """Return whether something that happens so often happens now."""
        return self.of(*name).random() * 100 < percent

    def pick(self, options: Sequence[T], *name: object) -> T:
        """Return one of the options."""
        return self.of(*name).choice(options)

    def between(self, low: int, high: int, *name: object) -> int:
        """Return a whole number between two bounds, both included."""
        return self.of(*name).randint(low, high)

    def share(self, low: int, high: int, *name: object) -> Decimal:
        """Return a percentage between two bounds as an exact factor, e.g. 0.973."""
        return Decimal(self.of(*name).randint(low * 10, high * 10)) / 1000
