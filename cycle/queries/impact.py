"""What a decision would move, computed without writing: for whoever has saved a reasoned proposal."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.refusals import NotPossible
from cycle.models import Correction, Cycle
from cycle.queries.facts import facts_of
from cycle.queries.movement import Moved, PlacesMoved, moved, places_moved
from cycle.queries.packs import rules_of
from cycle.queries.results import latest_run, recomputed
from policies.facts import CaseErrors
from policies.scoring import Result, score


@dataclass(frozen=True, slots=True)
class Impact:
    """Every unit whose total, rank, grade or uses would move, and every place of a quota."""

    units: tuple[Moved, ...]
    places: tuple[PlacesMoved, ...]

    def of(self, code: str) -> Moved | None:
        """Return what would move for one unit; None if nothing would."""
        return next((one for one in self.units if one.code == code), None)


def impact(cycle: Cycle, corrections: Sequence[Correction]) -> Impact:
    """Return what recalculating with these corrections, not saved, would change against the newest run.

    Raises NotPossible before the first run, or where the corrected facts cannot be scored.
    """
    run = latest_run(cycle)
    if run is None:
        raise NotPossible("还没有计分，无法预览影响，请先计分。")
    before, after = recomputed(run.pk), hypothetical(cycle, corrections)
    return Impact(moved(before, after), places_moved(before, after))


def hypothetical(cycle: Cycle, corrections: Sequence[Correction]) -> Result:
    """Score the facts as they would be; raises NotPossible naming what does not fit."""
    try:
        return score(rules_of(cycle), facts_of(cycle, corrections))
    except CaseErrors as errors:
        lines = "；".join(error.message for error in errors.errors[:3])
        raise NotPossible(f"按这些数值不能计分：{lines}。请核对后重新填写。") from errors
