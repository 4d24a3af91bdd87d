"""What decisions have put in the place of recorded facts: laid over the facts when they are gathered."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from cycle.models import AdjustmentClaim, Correction, Cycle, Indicator
from policies.facts import AdjustmentRow, IndicatorRow, ReadingRow, VetoRow

Place = tuple[str, str, str]
"""A unit's code, an indicator's key, a round."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """The newest correction of each point: indicators by place, claims by id."""

    values: dict[Place, Correction]
    claims: dict[UUID, Correction]


def overlay_of(cycle: Cycle, extra: Sequence[Correction] = ()) -> Overlay:
    """Return what counts of the cycle's corrections; `extra` are thought to be made after all of them."""
    rows = Correction.objects.filter(cycle=cycle).select_related("indicator__subject", "claim__subject")
    values: dict[Place, Correction] = {}
    claims: dict[UUID, Correction] = {}
    for each in [*rows.order_by("made_at", "id"), *extra]:
        if each.indicator is not None:
            values[each.indicator.subject.code, each.indicator.key, each.round] = each
        elif each.claim is not None:
            claims[each.claim.pk] = each
    return Overlay(values, claims)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A bonus, deduction or veto as it stands: whether it counts, how often, with what points."""

    counts: bool
    count: int
    points: Decimal | None


def recorded_claim(claim: AdjustmentClaim) -> Recorded:
    """Return what counts of a claim now: as it was decided first, then every correction in its order.

    One that says nothing of a figure leaves it as the one before had it; one that voids leaves both.
    """
    now = Recorded(claim.state == "confirmed", claim.count, claim.points)
    for each in Correction.objects.filter(claim=claim).order_by("made_at", "id"):
        now = Recorded(
            counts=not each.void,
            count=now.count if each.count is None else each.count,
            points=now.points if each.points is None else each.points,
        )
    return now


def counted_claims(overlay: Overlay, sorts: Sequence[str]) -> list[UUID]:
    """Return the claims of these sorts that count only because a decision recognised them."""
    return [
        key
        for key, each in overlay.claims.items()
        if each.claim is not None and each.claim.sort in sorts and not each.void
    ]


def adjustment(claim: AdjustmentClaim, row: AdjustmentRow, overlay: Overlay) -> AdjustmentRow | None:
    """Return the row of a claim as decisions left it: as it was, with other figures, None for a void one."""
    found = overlay.claims.get(claim.pk)
    if found is None:
        return row
    if found.void:
        return None
    return replace(
        row,
        count=found.count if found.count is not None else row.count,
        points=found.points if found.points is not None else row.points,
        evidence=f"{row.evidence}，{found.note}",
    )


def veto(claim: AdjustmentClaim, row: VetoRow, overlay: Overlay) -> VetoRow | None:
    """Return the row of a veto; None where a decision has lifted it."""
    found = overlay.claims.get(claim.pk)
    return None if found is not None and found.void else row


def judged(rows: Iterable[IndicatorRow], overlay: Overlay) -> Iterator[IndicatorRow]:
    """Let a round whose points were decided be scored as decided, whatever its method computes."""
    decided = _decided(overlay)
    whole: dict[tuple[str, str], IndicatorRow] = {}
    for row in rows:
        place = row.unit, row.indicator
        wanted = decided.get(place, set())
        if not row.rounds:
            whole[place] = row
        yield from _parted(row, wanted)
        wanted.difference_update(row.rounds)
    for place, rounds in sorted(decided.items()):
        if place in whole:
            yield from (_as_decided(whole[place], round) for round in sorted(rounds))


def _decided(overlay: Overlay) -> dict[tuple[str, str], set[str]]:
    """The rounds in which points were decided that the method would compute, by unit and indicator."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (unit, key, round), each in overlay.values.items():
        if each.score is not None and each.indicator is not None and each.indicator.method != "given":
            found[unit, key].add(round)
    return found


def _parted(row: IndicatorRow, wanted: set[str]) -> Iterator[IndicatorRow]:
    """A row that names its rounds, parted into those that are decided and the rest."""
    rest = tuple(round for round in row.rounds if round not in wanted)
    if rest or not row.rounds:
        yield replace(row, rounds=rest)
    yield from (_as_decided(row, round) for round in row.rounds if round in wanted)


def _as_decided(row: IndicatorRow, round: str) -> IndicatorRow:
    """Another method's parameters mean nothing to points that are given."""
    return replace(row, rounds=(round,), method="given", params="")


def readings(rows: Iterable[ReadingRow], overlay: Overlay) -> Iterator[ReadingRow]:
    """Put corrected values in the place of those that were read; a round without a reading gets one."""
    waiting = dict(overlay.values)
    for row in rows:
        found = waiting.pop((row.unit, row.indicator, row.round), None)
        yield row if found is None else _corrected(row, found)
    for (unit, key, round), found in sorted(waiting.items()):
        if found.indicator is not None:
            base = last_year(found.indicator, round)
            yield _corrected(ReadingRow(unit, key, round, last_year=base), found)


def _corrected(row: ReadingRow, found: Correction) -> ReadingRow:
    if found.score is not None:
        return replace(row, score=found.score, note=found.note)
    is_level = found.indicator is not None and found.indicator.method == "levels"
    actual: Decimal | str = found.actual if is_level else Decimal(found.actual)
    return replace(row, actual=actual, score=None, note=found.note)


def last_year(indicator: Indicator, round: str) -> Decimal | None:
    """Return last year's figure that a round is compared with: its own, else the year's."""
    found = indicator.round_values.get(round, {}).get("last_year", indicator.last_year)
    return Decimal(found) if found not in (None, "") else None
