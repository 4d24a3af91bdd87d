"""Scoring at size: so many units × 50 indicators × 2 rounds, beside a float loop that can explain nothing.

Run: python -m benchmarks.scoring [--units N]
"""

import argparse
import gc
import json
import random
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from benchmarks.report import Figure
from policies.facts import BallotRow, Facts, IndicatorRow, ReadingRow, UnitRow
from policies.packs import Pack, load_pack
from policies.scoring import Result, score

T = TypeVar("T")
INDICATORS = 50
ROUNDS = ("midyear", "yearend")
POINTS = ["1.8"] * INDICATORS  # 50 × 1.8 = 90, the township's 指标评估


def facts(units: int, seed: int = 1) -> Facts:
    """Townships with their own targets and readings of up to six digits; a third falls short."""
    chance = random.Random(seed)
    rows: dict[str, list[Any]] = {"units": [], "indicators": [], "readings": [], "ballots": []}
    for number in range(units):
        unit = f"u{number:05d}"
        rows["units"].append(UnitRow(unit, unit, "township"))
        for place, points in enumerate(POINTS):
            target = chance.randint(5_000, 200_000)
            rows["indicators"].append(
                IndicatorRow(
                    unit, f"i{place:02d}", "indicators", f"指标{place}", points, "ratio", str(target)
                )
            )
            for round_id in ROUNDS:
                actual = Decimal(chance.randint(target * 85, target * 108)).scaleb(-2)
                rows["readings"].append(ReadingRow(unit, f"i{place:02d}", round_id, actual))
        for round_id in ROUNDS:
            for voter in range(5):
                mark = Decimal(chance.randint(70, 100))
                rows["ballots"].append(
                    BallotRow(unit, "leaders", round_id, "county_leader", f"b{voter}", mark)
                )
    tables: dict[str, Any] = {name: tuple(table) for name, table in rows.items()}
    return Facts("zhengding", 2026, **tables)


def naive(case: Facts) -> dict[str, float]:
    """The same totals in binary floats: no checks, caps, grades or explanation, and no exact last digit."""
    targets = {(row.unit, row.indicator): (float(row.points), float(row.target)) for row in case.indicators}
    totals: dict[str, float] = {row.unit: 0.0 for row in case.units}
    for row in case.readings:
        points, target = targets[row.unit, row.indicator]
        actual = float(str(row.actual))
        totals[row.unit] += 0.5 * (points if actual >= target else points * actual / target)
    for ballot in case.ballots:
        totals[ballot.unit] += float(ballot.score) / 100
    return {unit: round(total, 2) for unit, total in totals.items()}


def timed(run: Callable[..., T], *arguments: Any) -> tuple[float, T]:
    """Seconds of processor time and what came out."""
    gc.collect()
    start = time.process_time()
    value = run(*arguments)
    return time.process_time() - start, value


def measure(units: int) -> dict[str, float]:
    """Score and compare; the figures as a plain record."""
    pack: Pack = load_pack("zhengding")
    case = facts(units)
    seconds, result = timed(score, pack, case)
    naive_seconds, totals = timed(naive, case)
    explain_seconds, _ = timed(_first_units(pack, case).to_json)
    wrong = sum(result.total_text(one) != f"{totals[one.unit.unit]:.2f}" for one in result.units)
    return {
        "units": units,
        "readings": len(case.readings),
        "seconds": round(seconds, 3),
        "readings_per_second": round(len(case.readings) / seconds),
        "naive_float_seconds": round(naive_seconds, 4),
        "naive_float_wrong_totals": wrong,
        "explanations_of_20_units_seconds": round(explain_seconds, 3),
    }


def figures(units: int) -> list[Figure]:
    """The same for the table of all benchmarks; the target holds for 5,000 units."""
    record = measure(units)
    title = f"scoring of {units:,} units × {INDICATORS} indicators × {len(ROUNDS)} rounds"
    return [Figure(title, "s of CPU", record["seconds"], record["naive_float_seconds"], "≤ 10 for 5,000")]


def _first_units(pack: Pack, case: Facts) -> Result:
    """A run over the first twenty units, to time explanations."""
    kept = {row.unit for row in case.units[:20]}
    small: dict[str, Any] = {
        name: tuple(row for row in getattr(case, name) if row.unit in kept)
        for name in ("units", "indicators", "readings", "ballots")
    }
    return score(pack, Facts("zhengding", 2026, **small))


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=5000)
    print(json.dumps(measure(parser.parse_args().units), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
