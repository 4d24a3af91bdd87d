"""Putting what is not finished yet on the newest run, when scores were computed again meanwhile."""

import datetime as dt

from audit import ledger
from audit.actor import Actor
from cycle.models import Approval, Feedback, Publication, ScoringRun


def renew(
    matter: Publication | Approval | Feedback, run: ScoringRun, *, key: str, by: Actor, at: dt.datetime
) -> None:
    """Rest a publicity, an approval or a letter that the caller holds on another run.

    The ledger keeps the one before.
    """
    was = {"run": matter.run_id, "key": matter.key}
    matter.run, matter.key = run, key
    matter.save(update_fields=["run", "key"])
    ledger.record(
        f"{matter.kind}.renew",
        matter.stream,
        by=by,
        at=at,
        policy=matter.cycle.policy_id,
        was=was,
        set={"run": run.pk, "key": key},
    )
