"""Key items flow into next year's indicators, or it is put on record why not (济南 27 条)."""

from __future__ import annotations

from typing import Any

import pytest

from audit.refusals import NotAllowed
from cycle.models import Cycle, Indicator, Rectification
from cycle.queries.carrying import waiting_items
from cycle.queries.preconditions import holds, to_go_on
from cycle.services import carrying, setup
from cycle.services.problem_lists import Problem
from tests.cast import signed_in
from tests.county import County, refused
from tests.small_county import MEMBERS, edition
from tests.workflows import rectifying
from workflows.services import revoking

CLERK = "jxb-clerk"
ROW = {
    "indicator": "zg2026-r001",
    "title": "数据台账规范率",
    "component": "indicators",
    "points": "5",
    "method": "ratio",
    "target": "100",
    "unit_of_measure": "%",
    "collector": "tongji",
    "standard": "抽查凭证齐全。",
    "rule": "按完成比例计分。",
}


@pytest.fixture(name="matter")
def key_item(monitoring: County) -> Rectification:
    """A key item of 2026."""
    return rectifying.listed(monitoring, Problem("nanniu", "数据台账", "缺少入库凭证。", is_key=True))


@pytest.fixture(name="year")
def in_preparation(monitoring: County, matter: Rectification) -> Cycle:
    """2027, in preparation, with its units."""
    clerk = monitoring.user(CLERK)
    pk = setup.create_cycle(edition(MEMBERS), owner_id=matter.cycle.owner_id, year=2027, user_id=clerk)
    setup.add_subjects(pk, attributes={}, user_id=clerk)
    return Cycle.objects.get(pk=pk)


def take(county: County, matter: Rectification, year: Cycle, **changed: str) -> Indicator:
    return carrying.take_over(matter.pk, ROW | changed, cycle_id=year.pk, user_id=county.user(CLERK))


def test_a_key_item_becomes_a_draft_of_the_unit_that_names_its_cause(
    monitoring: County, matter: Rectification, year: Cycle
) -> None:
    made = take(monitoring, matter, year)
    assert (made.subject.code, made.cycle_id, made.state) == ("nanniu", year.pk, "draft")
    assert made.because_of_id == matter.pk
    assert made.collector == monitoring.office("collector", "tongji")
    assert rectifying.fresh(matter).carried_to == made
    assert monitoring.events(matter.stream)[-1] == "rectification.carry"
    sentence = "“南牛乡整改：数据台账”已经列入 2027 年度的指标，不用重复列入。"
    with refused(sentence):
        take(monitoring, matter, year, indicator="again")


@pytest.mark.parametrize(
    ("changed", "sentence", "field"),
    [
        ({"standard": " "}, "请填写验收标准，重点整改列入指标同样要能验收、能计分、能采集。", "standard"),
        ({"rule": ""}, "请填写计分规则，重点整改列入指标同样要能验收、能计分、能采集。", "rule"),
        (
            {"collector": ""},
            "请填写数据采集单位，重点整改列入指标同样要能验收、能计分、能采集。",
            "collector",
        ),
        ({"points": "0"}, "分值：分值应当大于 0。", "points"),
        (
            {"points": "五分"},
            "分值：分值“五分”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。",
            "points",
        ),
        ({"target": ""}, "全年目标：这种计分方法要有目标值，请补上。", "target"),
    ],
)
def test_what_cannot_be_an_indicator_is_refused_at_its_field(
    monitoring: County,
    matter: Rectification,
    year: Cycle,
    changed: dict[str, str],
    sentence: str,
    field: str,
) -> None:
    with refused(sentence, field=field):
        take(monitoring, matter, year, **changed)


def test_a_reason_why_not_is_kept_and_may_still_be_changed_into_an_indicator(
    monitoring: County, matter: Rectification, year: Cycle
) -> None:
    clerk = monitoring.user(CLERK)
    with refused("请写明这项重点整改为什么不列入指标，审计可以查阅。", field="why"):
        carrying.decline(matter.pk, cycle_id=year.pk, user_id=clerk, why=" ")
    carrying.decline(matter.pk, cycle_id=year.pk, user_id=clerk, why="已经销号并有长效制度。")
    assert waiting_items(year) == []
    assert rectifying.fresh(matter).text["not_carried"]["why"] == "已经销号并有长效制度。"
    take(monitoring, matter, year)
    assert "not_carried" not in rectifying.fresh(matter).text


def test_only_the_performance_office_and_only_while_the_year_is_prepared(
    monitoring: County, matter: Rectification, year: Cycle
) -> None:
    with pytest.raises(NotAllowed):
        carrying.take_over(matter.pk, ROW, cycle_id=year.pk, user_id=monitoring.user("nanniu-handler"))
    Cycle.objects.filter(pk=year.pk).update(state="monitoring")
    with refused("正定县 2027 年度绩效考核已经开始，不能再列入指标草案；确有必要的，请通过指标调整增加。"):
        take(monitoring, matter, year)


def test_what_is_no_key_item_or_was_revoked_is_not_carried(
    monitoring: County, matter: Rectification, year: Cycle
) -> None:
    first = Cycle.objects.get(year=2026)
    assert [each.pk for each in waiting_items(year)] == [matter.pk]
    assert waiting_items(first) == []
    revoking.revoke_rectification(matter.pk, user_id=monitoring.user(CLERK), why="复核认定不存在。")
    assert waiting_items(year) == []
    with refused("“南牛乡整改：数据台账”不是重点整改，或者已经撤销，不需要列入下一年度指标。"):
        take(monitoring, matter, year)


def test_a_unit_that_is_not_assessed_any_more_can_only_be_declined(
    monitoring: County, matter: Rectification
) -> None:
    clerk = monitoring.user(CLERK)
    fewer = edition(MEMBERS | {"township": ["新城铺镇"]})
    pk = setup.create_cycle(fewer, owner_id=matter.cycle.owner_id, year=2027, user_id=clerk)
    setup.add_subjects(pk, attributes={}, user_id=clerk)
    with refused(
        "南牛乡还没有列为 2027 年度的考核对象，请先列入考核对象；"
        "该年度不再考核这个单位的，请写明理由，记录为不列入。"
    ):
        take(monitoring, matter, Cycle.objects.get(pk=pk))


def test_opening_the_year_warns_and_is_not_held_up(
    monitoring: County, matter: Rectification, year: Cycle
) -> None:
    def warnings() -> list[str]:
        return [each.text for each in to_go_on(year, matter.created_at.date()) if not each.binding]

    (warning,) = warnings()
    assert warning.startswith("以前年度的重点整改还有 1 项没有列入本年度指标")
    conditions = [each for each in to_go_on(year, matter.created_at.date()) if "重点整改" in each.text]
    assert holds(conditions)
    take(monitoring, matter, year)
    assert warnings() == []


# --- pages -------------------------------------------------------------------------------------------------


def test_the_office_deals_with_each_on_its_page(
    monitoring: County, matter: Rectification, year: Cycle
) -> None:
    client = signed_in(CLERK)
    assert matter.topic in client.get("/rectify/carry/").content.decode()
    url = f"/rectify/{matter.pk}/carry/"
    page = client.get(url).content.decode()
    assert "指标评估共 90 分，指标草案已有 0 分" in page
    assert "南牛乡" not in _collectors(client, url)
    bad: Any = client.post(url, ROW | {"action": "take", "points": "-1"})
    assert bad.status_code == 422
    assert "分值应当大于 0" in bad.content.decode()
    assert "抽查凭证齐全。" in bad.content.decode()
    assert client.post(url, ROW | {"action": "take"}).status_code == 302
    shown = client.get("/rectify/carry/").content.decode()
    assert "已列入 2027 年度：数据台账规范率" in shown
    assert "已列入 2027 年度：数据台账规范率" in client.get(f"/rectify/{matter.pk}/").content.decode()


def _collectors(client: Any, url: str) -> str:
    return str(client.get(url).context["draft"].fields["collector"].choices)


def test_declining_on_the_page_asks_for_a_reason(
    monitoring: County, matter: Rectification, year: Cycle
) -> None:
    client, url = signed_in(CLERK), f"/rectify/{matter.pk}/carry/"
    answer = client.post(url, {"action": "decline", "why": ""})
    assert (answer.status_code, "请写明这项重点整改为什么不列入指标" in answer.content.decode()) == (
        422,
        True,
    )
    assert client.post(url, {"action": "decline", "why": "已有长效制度。"}).status_code == 302
    assert "不列入：已有长效制度。" in client.get("/rectify/carry/").content.decode()
    assert signed_in("nanniu-handler").get(url).status_code == 404


def test_without_a_year_in_preparation_the_page_says_so(monitoring: County, matter: Rectification) -> None:
    client = signed_in(CLERK)
    assert "目前没有正在准备的年度" in client.get("/rectify/carry/").content.decode()
    assert client.get(f"/rectify/{matter.pk}/carry/").status_code == 404
