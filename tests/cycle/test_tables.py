"""Indicators and unit facts from tables: every defect with its line, all rows or none."""

import pytest

from audit.refusals import NotAllowed, NotFound
from cycle.models import Cycle, Indicator, PolicyConfirmation
from cycle.queries.packs import rules_of
from cycle.services import policies, setup
from cycle.services.indicator_imports import import_indicators
from cycle.services.unit_facts import add_subjects_with_facts
from offices.services.imports import BadTable
from tests.county import County, fingerprint, refused
from tests.small_county import MEMBERS, edition

GOOD = {
    "单位": "南牛乡",
    "编号": "roads",
    "指标": "农村公路养护",
    "计量单位": "公里",
    "分值": "５",
    "计分方法": "ratio",
    "全年目标": "1,200",
    "半年目标": "500",
    "上年实绩": "1100.5",
    "数据采集单位": "统计局",
    "验收标准": "以台账为准。",
    "计分规则": "按比例计分。",
    "方法参数": "",
    "一级指标": "",
    "构成部分": "",
}


def load(county: County, *rows: dict[str, str]) -> int:
    return import_indicators(county.cycle.pk, [GOOD | row for row in rows], user_id=county.user("jxb-clerk"))


def test_a_good_table_becomes_drafts(preparation: County) -> None:
    assert load(preparation, {}, {"编号": "bridges", "方法参数": '{"floor": 0.5}', "半年目标": ""}) == 2
    roads, bridges = preparation.indicator("nanniu", "roads"), preparation.indicator("nanniu", "bridges")
    assert (roads.component, roads.target, str(roads.points)) == ("indicators", "1200", "5.000000")
    assert roads.round_values == {"midyear": {"target": "500", "last_year": ""}}
    assert str(roads.last_year) == "1100.500000"
    assert roads.collector == preparation.office("collector", "tongji")
    assert (bridges.params, bridges.round_values) == ({"floor": "0.5"}, {})


@pytest.mark.parametrize(("cell", "is_key"), [("是", True), ("否", False), ("", False)])
def test_a_table_says_which_targets_are_key(preparation: County, cell: str, is_key: bool) -> None:
    load(preparation, {"重点": cell})
    assert preparation.indicator("nanniu", "roads").is_key is is_key


@pytest.mark.parametrize(
    ("change", "column", "sentence"),
    [
        ({"重点": "对"}, "重点", "只能填“是”或者“否”，不能填“对”。"),
        ({"单位": "云上乡"}, "单位", "“云上乡”不是本年度的考核对象，请核对名称或代码。"),
        ({"编号": "公路"}, "编号", "编号只能用英文字母、数字、下划线和连字符。"),
        ({"编号": "investment"}, "编号", "南牛乡已有编号为“investment”的指标，请改用别的编号。"),
        ({"分值": "0"}, "分值", "分值应当大于 0。"),
        (
            {"分值": "五"},
            "分值",
            "分值“五”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。",
        ),
        ({"全年目标": ""}, "全年目标", "这种计分方法要有目标值，请补上。"),
        ({"一级指标": "航天"}, "一级指标", "没有“航天”，可以填：经济发展、社会民生。"),
        ({"构成部分": "口碑"}, "构成部分", "没有“口碑”，可以填：指标评估。"),
        ({"方法参数": "{"}, "方法参数", "应当是一个 JSON 对象。"),
        ({"方法参数": "[" * 1999}, "方法参数", "应当是一个 JSON 对象。"),
        (
            {"数据采集单位": "航天局"},
            "数据采集单位",
            "没有设立数据采集单位“航天局”，请核对或者先导入机构。",
        ),
        (
            {"单位": "统计局"},
            "数据采集单位",
            "不能由被考核单位采集自己的数据，请改由其他单位采集。",
        ),
    ],
)
def test_a_defect_is_named_with_its_line(
    preparation: County, change: dict[str, str], column: str, sentence: str
) -> None:
    before = fingerprint()
    with pytest.raises(BadTable) as caught:
        load(preparation, {"编号": "first"}, change)
    assert [str(each) for each in caught.value.defects] == [f"第 3 行“{column}”：{sentence}"]
    assert fingerprint() == before


@pytest.mark.parametrize("method", ["magic", "Ratio"])
def test_a_method_is_one_of_ten(preparation: County, method: str) -> None:
    with pytest.raises(BadTable, match=f"没有“{method}”这种计分方法，可以填：ratio、"):
        load(preparation, {"计分方法": method})


@pytest.mark.parametrize("params", ["[]", "1", '"x"', '{"no_such": 1}', '{"floor": NaN}', '{"floor": null}'])
def test_parameters_are_those_of_the_method(preparation: County, params: str) -> None:
    with pytest.raises(BadTable, match="第 2 行“方法参数”："):
        load(preparation, {"方法参数": params})


def test_all_defects_are_told_at_once(preparation: County) -> None:
    with pytest.raises(BadTable, match="表格有错误，一行也没有导入。") as caught:
        load(preparation, {"分值": "五"}, {"编号": "x", "单位": "云上乡"}, {"编号": "公路"})
    assert [each.line for each in caught.value.defects] == [2, 3, 4]
    assert Indicator.objects.filter(key="roads").count() == 0


def test_a_number_is_used_once_in_a_table(preparation: County) -> None:
    with pytest.raises(BadTable, match="第 3 行“编号”：南牛乡已有编号为“roads”的指标"):
        load(preparation, {}, {})


def test_only_the_performance_office_imports(preparation: County) -> None:
    sentence = "此事项由县绩效办的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        import_indicators(preparation.cycle.pk, [GOOD], user_id=preparation.user("nanniu-head"))


def test_after_the_start_nothing_is_imported(setting: County) -> None:
    with refused("正定县 2026 年度绩效考核已经开始，不能再改动被考核单位和指标草案。"):
        load(setting, {})


# Facts about units


def next_year(county: County) -> Cycle:
    cycle_id = setup.create_cycle(
        edition(MEMBERS), owner_id=county.owner_id, year=2027, user_id=county.user("jxb-clerk")
    )
    return Cycle.objects.get(pk=cycle_id)


def name_units(county: County, rows: list[dict[str, str]]) -> Cycle:
    cycle = next_year(county)
    assert add_subjects_with_facts(cycle.pk, rows, user_id=county.user("jxb-clerk")) == 5
    return cycle


@pytest.mark.parametrize("name", ["nanniu", "南牛乡", "正定县南牛乡人民政府"])
def test_a_unit_is_known_by_code_or_title(preparation: County, name: str) -> None:
    cycle = name_units(preparation, [{"单位": name, "monthly_payroll": " 100.50 "}])
    assert cycle.subjects.get(code="nanniu").attributes == {"monthly_payroll": "100.50"}
    assert cycle.subjects.get(code="tongji").attributes == {}


def test_units_need_no_facts(preparation: County) -> None:
    assert {unit.code for unit in name_units(preparation, []).subjects.all()} == {
        unit.code for unit in Cycle.objects.get(year=2026).subjects.all()
    }


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"名字": "南牛乡"}], "第 1 行“单位”：缺少这一列，请补上单位名称或者代码。"),
        ([{"单位": "南牛乡"}, {"单位": "云上乡"}], "第 3 行“单位”：没有“云上乡”这个单位，请核对。"),
    ],
)
def test_facts_belong_to_known_units(preparation: County, rows: list[dict[str, str]], sentence: str) -> None:
    cycle = next_year(preparation)
    with pytest.raises(BadTable) as caught:
        add_subjects_with_facts(cycle.pk, rows, user_id=preparation.user("jxb-clerk"))
    assert [str(each) for each in caught.value.defects] == [sentence]
    assert cycle.subjects.count() == 0


# Confirming what the text leaves open


def confirm(county: County, *paths: str, by: str = "jxb-chief") -> int:
    return policies.confirm_values(county.cycle.pk, paths, user_id=county.user(by))


def test_provisional_values_are_confirmed_once(monitoring: County) -> None:
    paths = [path for path, _ in rules_of(monitoring.cycle).defaults()][:2]
    assert confirm(monitoring, *paths[:1]) == 1
    assert confirm(monitoring, *paths) == 1
    assert set(PolicyConfirmation.objects.values_list("path", flat=True)) == set(paths)
    event = monitoring.last_event(f"policy/{monitoring.cycle.policy_id}")
    assert (event["type"], event["set"]) == ("policy.confirm", {"confirmed": paths[1:]})
    with refused("所选的暂定内容都已经确认过，不需要再次确认。"):
        confirm(monitoring, *paths)


def test_what_is_not_provisional_cannot_be_confirmed(monitoring: County) -> None:
    with refused("考核办法中没有这一项暂定内容，请刷新页面后再确认。", NotFound):
        confirm(monitoring, "scale")


def test_only_the_head_confirms(monitoring: County) -> None:
    path = rules_of(monitoring.cycle).defaults()[0][0]
    sentence = "此事项由县绩效办的负责人办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        confirm(monitoring, path, by="jxb-clerk")
