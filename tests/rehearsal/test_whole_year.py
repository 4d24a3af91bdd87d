"""The whole rehearsal as an operator runs it: 48 units, one command, and the same again."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.crashing import operate

pytestmark = pytest.mark.soak
SAME = "导出的案例用 manage.py score 重新计分，与系统内的得分、名次、等次完全一致。"


def run(place: Path, *arguments: str) -> str:
    """Run a command that must succeed; return what it says."""
    done = operate(place, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def places(tmp_path: Path) -> Iterator[list[Path]]:
    """Three empty data directories; their servers are stopped afterwards."""
    found = [tmp_path / name for name in ("first", "again", "other")]
    yield found
    for place in found:
        operate(place, "services", "stop")


def lived(place: Path, seed: int) -> dict[str, bytes]:
    """Rehearse the year with a seed, print how long it took, and return the exported case."""
    run(place, "migrate", "--verbosity", "0")
    case, began = place / "case", time.monotonic()
    said = run(place, "rehearse", "zhengding", "--seed", str(seed), "--export-case", str(case))
    sys.__stdout__.write(f"\nseed {seed}: {time.monotonic() - began:.1f} s\n")  # type: ignore[union-attr]
    assert SAME in said
    assert "核对完毕" in run(place, "reconcile")
    run(place, "score", "--case", str(case), "--out", str(place / "results.json"))
    units = json.loads((place / "results.json").read_text())["units"]
    assert len(units) == 48
    for unit in units:
        assert f"{unit['total']:>7}" in said
    return {path.name: path.read_bytes() for path in sorted(case.iterdir())}


def test_one_seed_twice_is_one_year_and_two_seeds_are_two(places: list[Path]) -> None:
    first, again, other = (lived(place, seed) for place, seed in zip(places, (1, 1, 2), strict=True))
    assert first == again
    assert first["readings.csv"] != other["readings.csv"]
    said = operate(places[0], "rehearse", "zhengding")
    assert said.returncode == 1
    assert "2026 年度已有考核周期，请换一个年度（--year）或者换一个数据目录（DATA_DIR）。" in said.stderr
