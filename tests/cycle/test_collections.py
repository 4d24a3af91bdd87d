"""Data collection: measured, judged or graded; signed; sampled."""

from typing import Any

import pytest

from audit.refusals import NotAllowed
from cycle.models import Indicator, Reading
from cycle.services import collections
from cycle.services.collections import indicators_of
from tests.county import County, refused


def collection(county: County, organisation: str, key: str = "yearend") -> Any:
    return county.matter("collection", key=key, office=county.office("collector", organisation))


def lines(matter: Any, **changes: dict[str, str]) -> dict[str, dict[str, str]]:
    """Readings for everything; `changes` are by indicator key."""
    judged = {"given": {"actual": "20", "note": "通报一次。"}, "levels": {"actual": "good"}}
    return {
        str(each.pk): changes.get(each.key, judged.get(each.method, {"actual": "88.8"}))
        for each in indicators_of(matter)
    }


def test_readings_are_kept_as_typed_and_count_after_sampling(assessment: County) -> None:
    matter = collection(assessment, "tongji")
    assessment.do(matter, "collect", lines=lines(matter, investment={"actual": "１２，３４５．６７"}))
    reading = Reading.objects.get(indicator=assessment.indicator("nanniu", "investment"), round="yearend")
    assert (reading.actual, reading.score) == ("12345.67", None)
    assert assessment.last_event(matter.stream)["values"]["nanniu/investment"] == "12345.67"
    assessment.do(matter, "approve")
    assessment.do(matter, "check", comment="抽查三项，均与台账一致。")
    assert collection(assessment, "tongji").state == "checked"
    verbs = ["create", "collect", "approve", "accept"]
    assert assessment.events(matter.stream) == [f"collection.{verb}" for verb in verbs]


def test_a_collector_measures_all_its_units_in_one_round(assessment: County) -> None:
    matter = collection(assessment, "tongji")
    assert {(each.subject.code, each.key) for each in indicators_of(matter)} == {
        ("nanniu", "investment"),
        ("xinchengpu", "investment"),
    }


def test_every_figure_is_needed(assessment: County) -> None:
    matter = collection(assessment, "tongji")
    first = indicators_of(matter)[0]
    given = lines(matter) | {str(first.pk): {"actual": "  "}}
    with refused("请填写南牛乡“固定资产投资”的实绩后再提交。", field=f"{first.pk}-actual"):
        assessment.do(matter, "collect", lines=given)


def test_a_figure_is_a_number(assessment: County) -> None:
    matter = collection(assessment, "tongji")
    first = indicators_of(matter)[0]
    given = lines(matter) | {str(first.pk): {"actual": "超额完成"}}
    sentence = (
        "南牛乡“固定资产投资”的实绩“超额完成”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"
    )
    with refused(sentence, field=f"{first.pk}-actual"):
        assessment.do(matter, "collect", lines=given)


@pytest.mark.parametrize(("typed", "low"), [("30.01", "30"), ("-0.5", "30")])
def test_judged_points_stay_within_the_indicators(assessment: County, typed: str, low: str) -> None:
    matter = collection(assessment, "ducha")
    given = assessment.indicator("nanniu", "supervision")
    with refused(f"南牛乡“督查落实”的得分应当在 0 到 {low} 分之间。", field=f"{given.pk}-actual"):
        assessment.do(
            matter, "collect", lines=lines(matter) | {str(given.pk): {"actual": typed, "note": "通报。"}}
        )


def test_judged_points_need_a_reason(assessment: County) -> None:
    matter = collection(assessment, "ducha")
    given = assessment.indicator("nanniu", "supervision")
    with refused("南牛乡“督查落实”是评定得分，请写明理由。", field=f"{given.pk}-note"):
        assessment.do(matter, "collect", lines=lines(matter) | {str(given.pk): {"actual": "20", "note": " "}})


def test_judged_points_are_kept_as_points(assessment: County) -> None:
    matter = collection(assessment, "ducha")
    assessment.do(matter, "collect", lines=lines(matter))
    reading = Reading.objects.get(indicator=assessment.indicator("nanniu", "supervision"), round="yearend")
    assert (reading.actual, str(reading.score), reading.note) == ("", "20.000000", "通报一次。")


def test_a_level_is_one_of_the_rules(assessment: County) -> None:
    matter = collection(assessment, "huanbao")
    water = assessment.indicator("nanniu", "water")
    with refused("南牛乡“水质达标”只能选：优良、未达优良。", field=f"{water.pk}-actual"):
        assessment.do(matter, "collect", lines={str(water.pk): {"actual": "excellent"}})


def test_a_rate_may_pass_a_hundred_or_fall_below_zero(assessment: County) -> None:
    """完成率 106.5% and 增速 −3.2% are ordinary figures: a unit of % alone bounds nothing."""
    matter = collection(assessment, "caizheng")
    budget = assessment.indicator("tongji", "budget")
    for typed in ("106.5", "-3.2"):
        assessment.do(matter, "collect", lines=lines(matter) | {str(budget.pk): {"actual": typed}})
        assert Reading.objects.get(indicator=budget, round="yearend").actual == typed
        assessment.do(matter, "approve", choice="back_collect", comment="请再核。")


def test_collecting_again_replaces_the_readings(assessment: County) -> None:
    matter = collection(assessment, "tongji")
    assessment.do(matter, "collect", lines=lines(matter, investment={"actual": "1"}))
    assessment.do(matter, "approve")
    assessment.do(matter, "check", choice="back_collect", comment="抽查发现与报表不符。")
    assert collection(assessment, "tongji").state == "open"
    assessment.do(matter, "collect", lines=lines(matter, investment={"actual": "2"}))
    rows = Reading.objects.filter(indicator__key="investment", round="yearend")
    assert sorted(rows.values_list("actual", flat=True)) == ["2", "2"]


def test_nobody_collects_for_the_own_unit(assessment: County) -> None:
    own = assessment.office("collector", "tongji")
    Indicator.objects.filter(subject__code="tongji", key="budget").update(collector=own)
    matter = collection(assessment, "tongji")
    with refused("“预算执行率”考核的就是统计局，不能由本单位采集。", NotAllowed):
        assessment.do(matter, "collect", lines=lines(matter))


def test_heritage_is_collected_every_month(monitoring: County) -> None:
    matter = collection(monitoring, "guchengban", "m01")
    assert [each.key for each in indicators_of(matter)] == ["facades"]
    assert matter.title == "1 月数据采集（古城办）"


def test_steps_are_taken_in_order(assessment: County) -> None:
    matter = collection(assessment, "tongji")
    sentence = f"“{matter.title}”目前的状态是“待采集”，不能再这样办理，请刷新页面后查看。"
    by = assessment.chief()
    for service in (collections.approve, collections.accept):
        with refused(sentence):
            service(matter.pk, by=by, at=assessment.now)
