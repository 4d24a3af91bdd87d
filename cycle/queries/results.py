"""Reading scoring runs: the newest, the approved, and the whole computation again on demand."""

import hashlib
import zlib
from functools import lru_cache
from uuid import UUID

from audit.ledger import canonical
from cycle.models import Cycle, ScoringRun
from cycle.queries.packs import pack_of
from policies.cases import facts_from_json
from policies.scoring import Result, score


def digest_of(content: bytes) -> str:
    """Return `sha256:` and the hex digest, as policies and runs write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def latest_run(cycle: Cycle) -> ScoringRun | None:
    """Return the newest scoring run of a cycle."""
    return ScoringRun.objects.filter(cycle=cycle).order_by("-number").first()


def approved_run(cycle: Cycle) -> ScoringRun | None:
    """Return the newest run that the government approved, at first or after a change; None before that.

    The table of approvals holds both kinds. An older run that is approved late does not displace a newer one.
    """
    rows = ScoringRun.objects.filter(cycle=cycle, approvals__state="approved")
    return rows.order_by("-number").first()


def approved_before(run: ScoringRun) -> ScoringRun | None:
    """Return the run that was in force before this one: the newest approved one with a lower number."""
    rows = ScoringRun.objects.filter(cycle=run.cycle_id, number__lt=run.number, approvals__state="approved")
    return rows.order_by("-number").first()


def locked_run(cycle: Cycle) -> ScoringRun | None:
    """Return the run with which the year's results are closed; None while anything can still change."""
    return ScoringRun.objects.filter(cycle=cycle, locked_at__isnull=False).first()


@lru_cache(maxsize=8)
def is_reproduced(run_id: UUID) -> bool:
    """Whether computing a run again gives, to the byte, the result whose digest was kept.

    The digest covers every number, rank, grade and use, not the wording of explanations.
    """
    run = ScoringRun.objects.get(pk=run_id)
    return digest_of(canonical(recomputed(run_id).to_json(explanations=False)).encode()) == run.result_digest


@lru_cache(maxsize=8)
def recomputed(run_id: UUID) -> Result:
    """Compute a run again from its stored inputs. Inputs never change, so the result is cached."""
    run = ScoringRun.objects.select_related("cycle").get(pk=run_id)
    return score(pack_of(run.policy, run.cycle.year), facts_from_json(zlib.decompress(bytes(run.inputs))))
