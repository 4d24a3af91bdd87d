"""`score` as a command, and what changed between two runs."""

import dataclasses
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from policies.cases import read_case
from policies.command import run_score
from policies.compare import diff
from policies.scoring import Result, score
from tests.policies.building import case_dir, zhengding


def test_the_output_is_the_public_format(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    assert run_score(case_dir("zhengding-townships"), out=out) == 0
    data = json.loads(out.read_text("utf-8"))
    assert data["policy"] == {"id": "zhengding", "digest": zhengding().digest}
    best = data["units"][0]
    assert (best["unit"], best["total"], best["rank"], best["ranked"]) == ("xinchengpu", "99.70", 1, 7)
    assert (best["grade"], best["grade_title"], best["barred"], best["vetoes"]) == (
        "qualified",
        "合格",
        ["advanced"],
        ["corruption"],
    )
    assert best["components"] == {"indicators": "90", "leaders": "9.7"}
    assert best["explanation"]["value"] == "99.70"
    assert best["uses"][0] == {
        "id": "circulate",
        "title": "一定范围内通报，反馈结果和意见建议",
        "office": "performance_office",
    }


def test_a_reader_of_the_old_file_never_sees_half_a_new_one(tmp_path: Path) -> None:
    out, opened = tmp_path / "results.json", tmp_path / "opened"
    out.write_text("before")
    opened.hardlink_to(out)
    assert run_score(case_dir("zhengding-heritage"), out=out) == 0
    assert opened.read_text() == "before"
    assert out.read_text() != "before"


def test_without_a_file_the_output_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_score(case_dir("zhengding-heritage")) == 0
    assert json.loads(capsys.readouterr().out)["year"] == 2026


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run_score(case_dir("zhengding-departments"), out=tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_on_a_defect_nothing_is_written_and_everything_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(case_dir("zhengding-townships"), tmp_path / "case")
    (tmp_path / "case" / "vetoes.csv").write_text(
        "unit,item,evidence\nnobody,corruption,x\n", encoding="utf-8"
    )
    out = tmp_path / "results.json"
    out.write_text("before")
    assert run_score(tmp_path / "case", out=out) == 2
    assert out.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"case", "results.json"}
    told = capsys.readouterr().err
    assert "vetoes.csv 第 2 行 unit 列：没有“nobody”这个单位" in told
    assert "共 1 处需要修改，没有生成结果" in told


@pytest.mark.parametrize(
    ("policy", "message"), [("nowhere", "找不到方案“nowhere”"), ("no/such.yaml", "找不到方案")]
)
def test_an_unknown_policy_is_told(policy: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_score(case_dir("zhengding-townships"), policy=policy) == 2
    assert message in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_score(case_dir("zhengding-townships"), out=tmp_path / "none" / "results.json") == 2
    assert "写不进去" in capsys.readouterr().err


@pytest.fixture
def before() -> Result:
    return score(zhengding(), read_case(case_dir("zhengding-townships")).facts)


def test_a_difference_says_which_fact_changed_and_who_moved(before: Result) -> None:
    facts = before.facts
    readings = tuple(
        dataclasses.replace(row, actual=Decimal(30), note="复核决定")
        if (row.unit, row.indicator) == ("xipingle", "gdp")
        else row
        for row in facts.readings
    )
    after = score(zhengding(), dataclasses.replace(facts, readings=readings))
    found = diff(before, after)
    assert [one.text for one in found.facts] == [
        "readings.csv xipingle/gdp：actual 由 80 改为 30，note 由 空 改为 复核决定"
    ]
    assert found.facts[0].evidence == "复核决定"
    assert [(one.unit, one.total, one.difference) for one in found.units[:1]] == [
        ("xipingle", ("90.00", "65.00"), "-25")
    ]
    assert {one.unit: one.grade for one in found.grades_moved} == {"xipingle": ("advanced", "qualified")}
    assert {one.unit: one.rank for one in found.units} == {
        "xipingle": (3, 5),
        "xinan": (4, 3),
        "beizaoxian": (5, 4),
    }


def test_rows_added_and_removed_are_told(before: Result) -> None:
    facts = dataclasses.replace(before.facts, vetoes=(), adjustments=before.facts.adjustments[1:])
    found = diff(before, score(zhengding(), facts))
    assert [one.text for one in found.facts] == [
        "adjustments.csv nanniu/bonus/city_commendation/1：删除",
        "vetoes.csv xinchengpu/corruption/立案决定书：删除",
    ]
    assert [one.unit for one in found.grades_moved] == ["xinchengpu", "xipingle"]


def test_a_run_does_not_differ_from_itself(before: Result) -> None:
    found = diff(before, before)
    assert (found.facts, found.units) == ((), ())
    assert found.to_json()["units"] == []
