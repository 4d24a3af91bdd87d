"""Case directories: what is accepted, what is refused with file, line and column, all at once."""

import dataclasses
from pathlib import Path

import pytest

from policies.cases import CaseErrors, facts_from_json, facts_to_json, read_case, write_case
from policies.facts import Facts
from policies.scoring import score
from tests.policies.building import case_dir, zhengding

HEAD = "policy: zhengding\nyear: 2026\n"
UNITS = "unit,title,group\na,甲乡,township\n"


def directory(tmp_path: Path, **files: str | bytes) -> Path:
    """A case directory; `case_yaml` and `units` are there unless given."""
    contents = {"case_yaml": HEAD, "units": UNITS, **files}
    for name, content in contents.items():
        path = tmp_path / ("case.yaml" if name == "case_yaml" else f"{name}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def refusals(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(CaseErrors) as refused:
        read_case(folder)
    return [(one.file, one.line, one.column) for one in refused.value.errors]


def message(folder: Path) -> str:
    with pytest.raises(CaseErrors) as refused:
        read_case(folder)
    return str(refused.value)


def scoring_errors(folder: Path) -> list[str]:
    with pytest.raises(CaseErrors) as refused:
        score(zhengding(), read_case(folder).facts)
    return [str(error) for error in refused.value.errors]


def test_gbk_bom_and_full_width_digits_are_accepted(tmp_path: Path) -> None:
    folder = directory(
        tmp_path,
        units="﻿" + UNITS,
        components="unit,component,round,score\na,indicators,,８０．５\n".encode("gb18030"),
    )
    (row,) = read_case(folder).facts.components
    assert str(row.score) == "80.5"
    assert read_case(folder).facts.units[0].unit == "a"


def test_all_defects_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    folder = directory(
        tmp_path,
        case_yaml="policy: zhengding\nyear: 26\ncolour: red\n",
        units="unit,title,group\na,甲乡,township\na,甲乡,township\n,乙乡,township\n",
        readings="unit,indicator,round,actual,last_year,score,note\na,x,,九十,,,\na,y,,,1/2,,\na,z\n",
        surveys="unit,component,round,satisfaction\na,public,q1,120\n",
    )
    assert refusals(folder) == [
        ("case.yaml", 2, "year"),
        ("case.yaml", 3, "colour"),
        ("readings.csv", 2, "actual"),
        ("readings.csv", 3, "last_year"),
        ("readings.csv", 4, ""),
        ("surveys.csv", 1, "turnout"),
        ("units.csv", 3, ""),
        ("units.csv", 4, "unit"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "surveys",
            "unit,component,round,satisfaction,turnout\na,public,q1,120,50\n",
            "应当在 0 到 100 之间",
        ),
        ("readings", "unit,indicator,round,actual,last_year,score,note\na,x,,1e9,,,\n", "“1e9”不是数字"),
        ("readings", 'unit,indicator,round,actual,last_year,score,note\na,x,,"1,000",,,\n', "千分位逗号"),
        ("readings", "unit,indicator,round,actual,actual,score,note\n", "这一列出现了两次"),
        ("readings", "unit,indicator,rond,actual,last_year,score,note\n", "没有这一列。是不是想写“round”？"),
        ("readings", 'unit,indicator,round,actual,last_year,score,note\na,"x,,1,,,\n', "引号没有闭合"),
        ("adjustments", "unit,kind,item,source,count,points,evidence\na,bonus,x,,0,,\n", "次数至少是 1"),
        ("adjustments", "unit,kind,item,source,count,points,evidence\na,bonus,x,,1.5,,\n", "应当是整数"),
        (
            "indicators",
            "unit,indicator,component,title,points,method,target,params,collector\na,x,c,t,1,,1,{down},\n",
            "不是 JSON 对象",
        ),
        ("readings", b"PK\x03\x04\x14\x00", "请在表格软件里另存为"),
        ("reading", "unit\n", "是不是应当叫“readings.csv”"),
    ],
)
def test_each_defect_has_its_sentence(tmp_path: Path, name: str, content: str | bytes, expected: str) -> None:
    assert expected in message(directory(tmp_path, **{name: content}))


def test_a_missing_directory_or_head_is_said(tmp_path: Path) -> None:
    assert "没有这个文件夹" in message(tmp_path / "nowhere")
    assert refusals(tmp_path) == [("case.yaml", 0, ""), ("units.csv", 0, "")]


def test_other_files_in_the_directory_are_left_alone(tmp_path: Path) -> None:
    folder = directory(tmp_path)
    (folder / "手工核算.csv").write_text("x")
    assert len(read_case(folder).facts.units) == 1


WRONG_FACTS = {
    "components": (
        "unit,component,round,score\na,indicator,,80\nb,indicators,,80\na,leaders,q1,5\na,indicators,,91\n",
        [
            "没有“q1”这个轮次",
            "没有“b”这个单位",
            "没有“indicator”这个构成部分。是不是想写“indicators”？",
            "应当在 0 到 90 之间",
        ],
    ),
    "vetoes": ("unit,item,evidence\na,accident,x\n", ["没有“accident”这个否决项"]),
    "adjustments": (
        "unit,kind,item,source,count,points,evidence\na,bonus,discipline,,1,,x\na,extra,discipline,,1,,x\n"
        "a,bonus,outstanding,,1,5,x\na,bonus,outstanding,,1,,x\na,deduction,discipline,,1,3,x\n",
        [
            "没有“discipline”这个加减分项",
            "应当写 bonus",
            "应当在 0 到 4 之间",
            "请填写 points",
            "points 请留空",
        ],
    ),
    "decisions": (
        "group,unit,item,value,evidence\nheritage,,quota:advanced,6,x\ntownship,,quota:advanced,2,x\nheritage,,qota:x,1,\n"
        "heritage,a,tie:advanced,1,x\n",
        ["应当是 3 到 5 的整数", "不能另作决定", "不认识“qota:x”", "不是“heritage”组的单位"],
    ),
    "ballots": (
        "unit,component,round,voter_kind,voter,score\na,leaders,midyear,mayor,b1,90\na,public,q1,county_leader,b1,90\n",
        ["没有“mayor”这个打分主体", "没有“public”这个构成部分"],
    ),
    "history": (
        "unit,year,total,rank,grade\na,2026,90,1,advanced\na,2025,90,1,superb\n",
        ["应当早于 2026", "没有“superb”这个等次"],
    ),
    "indicators": (
        "unit,indicator,component,title,points,method,target,params,collector,heading\n"
        "a,x,indicators,甲,90,,100,,统计局,wealth\na,y,leaders,乙,9,ratio,1,,统计局,\na,z,indicators,丙,,ratio,1,,统计局,\n"
        "a,w,indicators,丁,9,ratio,many,,统计局,\n",
        ["没有“wealth”这个一级指标", "不是按指标计分的", "没有分值", "目标值“many”应当是数字"],
    ),
    "indicators ": (
        "unit,indicator,component,title,points,method,target,params,collector,group\n"
        "a,x,indicators,甲,90,,100,,统计局,department\n,y,indicators,乙,90,,100,,统计局,town\n",
        ["甲乡属于“township”组，与这里写的“department”不符", "没有“town”这个组"],
    ),
    "readings": (
        "unit,indicator,round,actual,last_year,score,note\na,x,,1,,,\n",
        ["没有“x”这个指标"],
    ),
}


@pytest.mark.parametrize("name", WRONG_FACTS)
def test_facts_without_a_rule_are_refused(tmp_path: Path, name: str) -> None:
    content, sentences = WRONG_FACTS[name]
    file = name.strip()  # a file may have several defective versions
    errors = scoring_errors(directory(tmp_path, **{file: content}))
    assert [sentence for sentence in sentences if not any(sentence in error for error in errors)] == []
    assert all(error.startswith(f"{file}.csv 第 ") for error in errors)


def test_rows_handed_over_twice_in_memory_are_refused_too() -> None:
    case = read_case(case_dir("zhengding-heritage")).facts
    with pytest.raises(CaseErrors, match="readings.csv.*：重复了"):
        score(zhengding(), dataclasses.replace(case, readings=case.readings + case.readings[:1]))


def test_a_score_given_beside_data_is_refused(tmp_path: Path) -> None:
    folder = directory(
        tmp_path,
        components="unit,component,round,score\na,leaders,,9\n",
        ballots="unit,component,round,voter_kind,voter,score\na,leaders,midyear,county_leader,b1,90\n",
    )
    assert any("已在 components.csv 给分" in error for error in scoring_errors(folder))


def test_missing_data_is_refused_by_unit_and_round(tmp_path: Path) -> None:
    errors = scoring_errors(directory(tmp_path, components="unit,component,round,score\na,indicators,,80\n"))
    assert len(errors) == 2
    assert "甲乡“领导评估”midyear 轮没有有效的打分" in errors[0]


@pytest.fixture(params=["zhengding-townships", "zhengding-departments", "zhengding-heritage"])
def case_facts(request: pytest.FixtureRequest) -> Facts:
    return read_case(case_dir(request.param)).facts


def test_writing_and_reading_a_case_keeps_every_fact(tmp_path: Path, case_facts: Facts) -> None:
    write_case(case_facts, tmp_path / "one")
    again = read_case(tmp_path / "one").facts
    assert facts_to_json(again) == facts_to_json(case_facts)
    write_case(again, tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_facts_come_back_from_their_canonical_bytes(case_facts: Facts) -> None:
    content = facts_to_json(case_facts)
    assert facts_to_json(facts_from_json(content)) == content
    backwards = dataclasses.replace(
        case_facts,
        units=case_facts.units[::-1],
        ballots=case_facts.ballots[::-1],
        components=case_facts.components[::-1],
    )
    assert facts_to_json(backwards) == content


def test_damaged_facts_are_refused_in_a_sentence() -> None:
    with pytest.raises(CaseErrors, match="存档的评分依据已损坏"):
        facts_from_json(b'{"year": 2026}')
