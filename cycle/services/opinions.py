"""Opinions of a joint review (会签): one of each office in each round; a return begins a new round."""

import datetime as dt
from typing import Any

from audit import ledger
from audit.actor import Actor
from cycle.models import Matter, Opinion


def round_of(matter: Matter) -> int:
    """Return the round of joint review that the matter is in, from 1."""
    return int(matter.text.get("review_round", 1))


def give(matter: Matter, *, by: Actor, at: dt.datetime, agrees: bool, text: str) -> None:
    """Keep what an office says of a matter that the caller holds, in its present round."""
    round = round_of(matter)
    Opinion.objects.create(
        matter=matter, office_id=by.office, round=round, agrees=agrees, text=text, given_at=at
    )
    ledger.record(
        f"{matter.kind}.opine",
        matter.stream,
        by=by,
        at=at,
        policy=matter.cycle.policy_id,
        why=text,
        agrees=agrees,
        round=round,
    )


def next_round(matter: Matter) -> dict[str, Any]:
    """Return the fields that a return changes: the next round, once an opinion was given in this one."""
    round = round_of(matter)
    if not Opinion.objects.filter(matter=matter, round=round).exists():
        return {}
    return {"text": matter.text | {"review_round": round + 1}}
