"""Verifying the whole ledger, with what was found put on record."""

from audit import ledger
from audit.actor import Actor
from audit.ids import uuid7
from audit.queries.verifications import TYPE, latest
from audit.queries.verifying import SHOWN, Findings, verify_ledger


def run(*, by: Actor) -> Findings:
    """Verify from where an unfinished verification stopped, else from the beginning; record the findings."""
    last = latest(1)
    facts = last[0].facts if last else {}
    unfinished = bool(facts) and not facts["complete"]
    place = (facts["last"][0], facts["last"][1]) if unfinished else ("", 0)
    found = verify_ledger(place)
    before = facts["checked_in_all"] if unfinished else 0
    ledger.note(
        TYPE,
        f"integrity/{uuid7()}",
        by=by,
        checked=found.checked,
        checked_in_all=before + found.checked,
        altered=found.altered[:SHOWN],
        gaps=found.gaps[:SHOWN],
        complete=found.complete,
        last=list(found.last),
    )
    return found
