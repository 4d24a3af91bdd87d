"""What tests of publicity share: another audience or none in the policy, publishing, scores that change."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from audit import blobs
from cycle.models import AdoptedPolicy, Ballot, Cycle, Publication, ScoringRun
from cycle.services import publicity, scoring
from policies.packs import load_pack
from tests.county import County
from tests.small_county import MEMBERS, SCHEME, edition, make_public

AFTER = dt.date(2027, 2, 10)
"""A day when every window of the small county is over."""


def adopt(county: County, *flow: str, **steps: dict[str, Any]) -> None:
    """Let the county live under rules in which these steps of the publicity (or a flow) read differently."""
    stage, name = flow or ("assessment", "publicity")
    process = json.loads(load_pack(SCHEME).canonical)["process"]
    for step, changed in steps.items():
        process[stage][name][step] |= changed
    pack = edition(MEMBERS, process=process)
    kept = {"pack": pack.id, "title": pack.title, "content": pack.canonical, "adopted_at": county.now}
    AdoptedPolicy.objects.get_or_create(digest=pack.digest, defaults=kept)
    Cycle.objects.update(policy=pack.digest)


def publication(what: str, group: str = "township") -> Publication:
    """The newest publicity of a group."""
    rows = Publication.objects.filter(what=what).select_related("cycle", "run").order_by("created_at", "pk")
    return [each for each in rows if each.group == group][-1]


def content(shown: Publication) -> dict[str, Any]:
    """What was shown, from its bytes."""
    found: dict[str, Any] = json.loads(blobs.read(shown.content_digest))
    return found


def press(county: County, step: str) -> None:
    """The office publishes, posts or closes whatever waits for it."""
    make_public(county.cycle, step)


def rescored(county: County, score: int = 100) -> ScoringRun:
    """Score again after a correction: other results for one group only."""
    Ballot.objects.filter(subject__code="zhujian").update(score=score)
    run_id = scoring.score_cycle(
        county.cycle.pk, cause="更正评分后重新计分", user_id=county.user("jxb-clerk")
    )
    return ScoringRun.objects.get(pk=run_id)


def prepare(county: County) -> list[Publication]:
    """The office prepares the lists that have to be shown; return them."""
    made = publicity.prepare(county.cycle.pk, user_id=county.user("jxb-clerk"))
    county.relay()
    return [Publication.objects.select_related("run").get(pk=each) for each in made]
