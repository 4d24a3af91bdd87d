"""What a publicity says, complete: it is fixed as bytes when it is shown and read from nothing else later."""

import datetime as dt
import json
from typing import Any

from audit import blobs, clock
from cycle.models import Publication
from cycle.queries import notices, target_lists
from cycle.queries.calendar import current_calendar
from cycle.queries.letters import issuer_of
from cycle.queries.objecting import after_approval, in_window
from cycle.queries.packs import rules_of
from cycle.queries.publicity import earlier_than, rule_of, tables_of
from policies.clocks import Deadline, deadline

Content = dict[str, Any]
_WHAT = Publication.What


def content_of(publication: Publication, at: dt.datetime) -> Content:
    """Return what a publicity shows when it is shown at this moment."""
    bodies = {
        _WHAT.TARGETS: _targets,
        _WHAT.NOTICE: notices.content_of,
        _WHAT.SHOW: _provisional,
        _WHAT.FINAL: _approved,
    }
    return _frame(publication, at) | bodies[_WHAT(publication.what)](publication, at)


def window_of(publication: Publication, at: dt.datetime) -> Deadline | None:
    """Return the window for objections of results shown at this moment; None where the policy has no days."""
    rule = rule_of(publication.cycle, _WHAT.SHOW)
    if rule.clock is None:
        return None
    year, start = publication.cycle.year, clock.local_date(at)
    return deadline(rule.clock, start=start, year=year, calendar=current_calendar())


def _frame(publication: Publication, at: dt.datetime) -> Content:
    cycle, earlier = publication.cycle, earlier_than(publication)
    rule = rule_of(cycle, publication.what)
    return {
        "what": publication.what,
        "title": publication.title,
        "year": cycle.year,
        "group": rules_of(cycle).groups[publication.group].title,
        "issuer": issuer_of(cycle.owner_id),
        "shown_on": clock.local_date(at).isoformat(),
        "audience": Publication.Audience(rule.audience or "inside").label,
        "cite": rule.cite or "",
        "policy": cycle.policy_id,
        "policy_title": rules_of(cycle).title,
        "demo": cycle.is_demo,
        "earlier": None
        if earlier is None or earlier.published_at is None
        else {"id": str(earlier.pk), "shown_on": clock.local_date(earlier.published_at).isoformat()},
    }


def _targets(publication: Publication, at: dt.datetime) -> Content:
    return {"units": target_lists.units_of(publication)}


def _provisional(publication: Publication, at: dt.datetime) -> Content:
    window = window_of(publication, at)
    return _results(publication) | {
        "window": in_window(publication.cycle, window) if window else [],
        "closes_on": window.due_on.isoformat() if window else "",
    }


def _approved(publication: Publication, at: dt.datetime) -> Content:
    return _results(publication) | {"window": after_approval(publication.cycle)}


def _results(publication: Publication) -> Content:
    """The group's table; the columns are the policy's components."""
    run, pack = publication.run, rules_of(publication.cycle)
    if run is None:
        raise RuntimeError("a publicity of results rests on a run")
    components = {key: one.title for key, one in pack.content[publication.group].components.items()}
    return {
        "run": run.number,
        "result": run.result_digest,
        "columns": list(components.values()),
        "units": [
            row | {"components": [row["components"].get(key, "") for key in components]}
            for row in tables_of(run).get(publication.group, [])
        ],
    }


def stored_content(publication: Publication) -> Content:
    """Return what was shown, from its bytes and nothing else."""
    content: Content = json.loads(blobs.read(publication.content_digest))
    if "what" in content or publication.published_at is None:
        return content
    # Shown by an earlier edition, which kept the table alone.
    return _frame(publication, publication.published_at) | {"window": [], "columns": []} | content
