"""Who listens to what: one topic, one function of its key and payload.

Lower apps `tell()` a topic; nothing below knows who reacts. A handler may run twice and returns True to be
called again. A test holds this table equal to the topics that are told.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from audit.actor import SYSTEM
from cycle.services import agenda, ballots, publicity, reports
from workflows.services import cancelling, starting

Handler = Callable[[str, dict[str, Any]], bool]


def _matters_opened(key: str, payload: dict[str, Any]) -> bool:
    """New matters of a kind: start their processes, two thousand at a time."""
    return starting.start_waiting(UUID(key), payload["kind"])


def _stage_opened(key: str, payload: dict[str, Any]) -> bool:
    """A stage has opened: open what the calendar already asks for in it."""
    agenda.open_due(UUID(key))
    return False


def _report_verified(key: str, payload: dict[str, Any]) -> bool:
    """The last report of a period may have been verified: then the office can compile it."""
    reports.open_compilation_if_complete(UUID(key), payload["period"])
    return False


def _ballots_cast(key: str, payload: dict[str, Any]) -> bool:
    """The last vote of a round may be in: then its ballots are shuffled."""
    ballots.seal_round(UUID(key), payload["round"], by=SYSTEM)
    return False


def _results_reapproved(key: str, payload: dict[str, Any]) -> bool:
    """Changed results were approved: the groups that they concern are to be shown them."""
    publicity.announce_changed_results(UUID(key))
    return False


def _cycle_cancelled(key: str, payload: dict[str, Any]) -> bool:
    """A cancelled cycle leaves nothing in anybody's inbox."""
    return cancelling.cancel_processes(UUID(key))


def _matter_ended(key: str, payload: dict[str, Any]) -> bool:
    """A matter has ended without its steps being done: nobody is to work on it any more."""
    cancelling.cancel_of(UUID(key), why=payload["why"], by=SYSTEM)
    return False


SUBSCRIPTIONS: dict[str, Handler] = {
    "matters.opened": _matters_opened,
    "cycle.stage_opened": _stage_opened,
    "cycle.cancelled": _cycle_cancelled,
    "matter.ended": _matter_ended,
    "report.verified": _report_verified,
    "ballots.cast": _ballots_cast,
    "results.reapproved": _results_reapproved,
}
