"""留置送达: what a unit does not answer in time takes effect without it, and the record says so."""

import datetime as dt
from typing import Any

from audit import clock
from cycle.models import Matter

UNSIGNED = "逾期未签收，视为送达"
UNCONFIRMED = "逾期未确认，视为无异议"


def deemed(matter: Matter, at: dt.datetime) -> dict[str, Any]:
    """Return the fields that say on what day a matter took effect without the unit's head.

    The day is that on which it is done, not the last day to sign: a clock that was late must not shorten the
    window that begins now. Nobody has signed, so no signature is written.
    """
    return {"text": matter.text | {"deemed_on": clock.local_date(at).isoformat()}}
