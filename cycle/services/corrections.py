"""Corrections: a decision puts a value in the place of a recorded one, and the scores follow."""

import datetime as dt
from collections.abc import Sequence

from audit import ledger
from audit.actor import Actor
from cycle.models import Correction, Cycle, Matter, ScoringRun
from cycle.queries.results import latest_run
from cycle.services.scoring import need_unlocked, recalculate


@ledger.service
def apply(
    cause: Matter, corrections: Sequence[Correction], *, cause_words: str, by: Actor, at: dt.datetime
) -> ScoringRun | None:
    """Save what a decision (`cause`) has put in the place of recorded values, and score anew.

    The values were checked by the caller (`cycle.services.measuring`). The cycle is held before anything is
    written, so that two decisions at once are taken one after the other and neither loses the other. Returns
    the new run; None without corrections, or where nothing has been scored yet: then the first run takes
    them up. Raises NotPossible once the results are locked.
    """
    if not corrections:
        return None
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cause.cycle_id)
    scored = latest_run(cycle) is not None
    if scored:
        need_unlocked(cycle)
    for correction in corrections:
        _save(correction, cycle, cause, cause_words, by=by, at=at)
    if not scored:
        return None
    return recalculate(cycle, because_of=cause, cause=cause_words, by=by, at=at)


def _save(
    correction: Correction, cycle: Cycle, cause: Matter, words: str, *, by: Actor, at: dt.datetime
) -> None:
    correction.cycle, correction.because_of_id, correction.made_at = cycle, cause.pk, at
    correction.note = (correction.note or words)[:200]
    correction.save(force_insert=True)
    ledger.record(
        "correction.create",
        f"correction/{correction.pk}",
        by=by,
        at=at,
        policy=cycle.policy_id,
        new_stream=True,
        why=words,
        set={
            "because_of": cause.pk,
            "indicator": correction.indicator_id,
            "round": correction.round,
            "actual": correction.actual,
            "score": correction.score,
            "claim": correction.claim_id,
            "void": correction.void,
            "count": correction.count,
            "points": correction.points,
            "note": correction.note,
        },
    )
