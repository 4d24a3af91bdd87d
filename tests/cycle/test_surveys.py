"""Public survey results and the units' own account of the year."""

from typing import Any

import pytest

from cycle.models import SurveyResult
from cycle.services.surveys import surveyed
from tests.county import County, refused


def survey(county: County) -> Any:
    return county.matter("survey", key="q4")


def lines(**changes: dict[str, str]) -> dict[str, dict[str, str]]:
    full = {code: {"satisfaction": "86.5", "turnout": "71"} for code in ("caizheng", "tongji")}
    return full | changes


def test_only_departments_are_surveyed(yearend: County) -> None:
    """正定 五（二）2: the public assesses departments, every quarter."""
    assert [(unit.code, component) for unit, component in surveyed(survey(yearend))] == [
        ("caizheng", "public"),
        ("tongji", "public"),
    ]


def test_results_are_kept_exactly(yearend: County) -> None:
    matter = survey(yearend)
    yearend.do(matter, "run", lines=lines(tongji={"satisfaction": "９０．１２３４", "turnout": "100"}))
    result = SurveyResult.objects.get(survey=matter, subject__code="tongji")
    assert (str(result.satisfaction), str(result.turnout)) == ("90.1234", "100.0000")
    assert survey(yearend).state == "recorded"
    assert yearend.last_event(matter.stream)["values"]["caizheng"] == {
        "satisfaction": "86.5",
        "turnout": "71",
    }


@pytest.mark.parametrize(
    ("line", "sentence", "field"),
    [
        ({}, "请填写财政局的满意度后再提交。", "caizheng-satisfaction"),
        ({"satisfaction": "90", "turnout": " "}, "请填写财政局的回收率后再提交。", "caizheng-turnout"),
        (
            {"satisfaction": "100.1", "turnout": "80"},
            "财政局的满意度应当在 0 到 100 之间，现在填的是 100.1。",
            "caizheng-satisfaction",
        ),
        (
            {"satisfaction": "80", "turnout": "-1"},
            "财政局的回收率应当在 0 到 100 之间，现在填的是 -1。",
            "caizheng-turnout",
        ),
        (
            {"satisfaction": "八成", "turnout": "80"},
            "财政局的满意度“八成”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。",
            "caizheng-satisfaction",
        ),
    ],
)
def test_every_unit_has_a_percentage(
    yearend: County, line: dict[str, str], sentence: str, field: str
) -> None:
    with refused(sentence, field=field):
        yearend.do(survey(yearend), "run", lines=lines(caizheng=line))


def written(**changes: str) -> dict[str, str]:
    long = "全年各项指标按进度完成，重点项目全部开工建设，群众反映的问题件件有着落。"
    return {"summary": long, "problems": long, "plans": long} | changes


def test_a_unit_writes_and_its_head_hands_in(assessment: County) -> None:
    matter = assessment.matter("self_assessment", unit="nanniu")
    assessment.do(matter, "write", **written(summary="  " + written()["summary"]))
    found = assessment.matter("self_assessment", unit="nanniu")
    assert found.text == written()
    assert found.state == "written"
    assessment.do(matter, "approve")
    assert assessment.events(matter.stream) == [
        "self_assessment.create",
        "self_assessment.write",
        "self_assessment.approve",
    ]


@pytest.mark.parametrize(
    ("name", "title"), [("summary", "完成情况"), ("problems", "存在问题"), ("plans", "改进措施")]
)
@pytest.mark.parametrize("text", ["", "完成较好。", " " * 30, "字" * 19])
def test_each_part_is_long_enough(assessment: County, name: str, title: str, text: str) -> None:
    matter = assessment.matter("self_assessment", unit="nanniu")
    with refused(f"“{title}”至少写 20 个字，写清做了什么、做到什么程度。", field=name):
        assessment.do(matter, "write", **written(**{name: text}))


def test_twenty_characters_are_enough(assessment: County) -> None:
    matter = assessment.matter("self_assessment", unit="nanniu")
    assessment.do(matter, "write", **written(problems="字" * 20))
    assert assessment.matter("self_assessment", unit="nanniu").state == "written"


def test_the_head_sends_it_back(assessment: County) -> None:
    matter = assessment.matter("self_assessment", unit="nanniu")
    assessment.do(matter, "write", **written())
    assessment.do(matter, "approve", choice="back_write", comment="存在问题写得太笼统。")
    assert assessment.matter("self_assessment", unit="nanniu").state == "due"
    assert assessment.last_event(matter.stream)["why"] == "存在问题写得太笼统。"
