"""Results changed as the product changes them: a recheck by the performance office, brought to its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from audit import blobs
from cycle.models import AdjustmentClaim, Reapproval, Recheck, ScoringRun
from cycle.queries.results import latest_run
from cycle.services import rechecks
from tests.county import County

PROOF = b"proof"
WHY, FINDING = "与原始文件核对，记录有误。", "按原始文件重新核对，结论如上。"


def claim_of(county: County, code: str, sort: str) -> AdjustmentClaim:
    """The one bonus, deduction or veto of a unit."""
    return AdjustmentClaim.objects.get(cycle=county.cycle, subject__code=code, sort=sort)


def opened(county: County, *, by: str = "jxb-clerk", why: str = WHY, **point: UUID) -> Recheck:
    """A recheck that the performance office has asked for, with its evidence; its first task is served."""
    blob = blobs.store([PROOF])
    pk = rechecks.open_correction(
        county.cycle.pk, user_id=county.user(by), why=why, file_name="原始文件.pdf", blob=blob, **point
    )
    county.relay()
    return Recheck.objects.select_related("cycle", "subject").get(pk=pk)


def confirmed(county: County, recheck: Recheck, **measured: Any) -> ScoringRun:
    """The recheck is measured and confirmed by whoever has it on the desk; the newest run."""
    county.do(recheck, "measure", finding=FINDING, **measured)
    county.do(recheck, "confirm")
    county.relay()
    return newest(county)


def raised(county: County, code: str = "nanniu", key: str = "investment", **rounds: str) -> ScoringRun:
    """An indicator gets other values in some rounds."""
    recheck = opened(county, indicator_id=county.indicator(code, key).pk)
    return confirmed(county, recheck, lines={round: {"value": text} for round, text in rounds.items()})


def bar_lifted(county: County) -> ScoringRun:
    """统计局's bar is void: it takes the one place of 财政局 among the advanced."""
    recheck = opened(county, claim_id=claim_of(county, "tongji", "veto").pk)
    return confirmed(county, recheck, conclusion="void")


def newest(county: County) -> ScoringRun:
    """The newest run."""
    run = latest_run(county.cycle)
    assert run is not None
    return run


def reapproval(county: County, number: int) -> Reapproval:
    """The approval of a changed run."""
    return Reapproval.objects.select_related("cycle", "run").get(run__number=number)


def approved(county: County, number: int) -> Reapproval:
    """A changed run is handed up and approved, and everybody is told."""
    matter = reapproval(county, number)
    county.do(matter, "submit")
    county.do(matter, "reapprove")
    county.relay()
    return reapproval(county, number)
