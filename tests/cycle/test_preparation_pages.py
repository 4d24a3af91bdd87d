"""Preparing a year over HTTP: the cycle, its units, its indicators; the calendar; the policy book."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cycle.models import AdoptedPolicy, CalendarDay, CalendarYear, Cycle, Indicator, PolicyConfirmation
from cycle.queries.packs import rules_of
from cycle.queries.policy_book import Book
from cycle.queries.policy_words import step_title
from policies.packs import load_pack
from policies.packs.processes import default_process
from tests.cast import signed_in
from tests.county import County
from tests.small_county import LEADING_MEMBER

HEADER = "责任单位,编号,一级指标,指标,计量单位,分值,计分方法,方法参数,全年目标,数据采集单位"
GOOD = "南牛乡,roads,经济发展,农村公路,公里,5,ratio,,12,统计局"


def upload(client: Any, *lines: str, name: str = "indicators.csv", encoding: str = "utf-8") -> Any:
    content = "\r\n".join([HEADER, *lines]).encode(encoding)
    file = SimpleUploadedFile(name, content)
    return client.post("/office/cycles/2026/indicators/", {"file": file})


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


# Indicators from a table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_good_table_is_drafted(preparation: County, encoding: str) -> None:
    assert upload(signed_in("jxb-clerk"), GOOD, encoding=encoding).status_code == 302
    drafted = preparation.indicator("nanniu", "roads")
    assert (drafted.title, drafted.target, drafted.heading, drafted.component) == (
        "农村公路", "12", "economy", "indicators",
    )  # fmt: skip
    assert drafted.collector is not None
    assert drafted.collector.organisation.code == "tongji"
    assert preparation.events(f"indicator/{drafted.pk}") == ["indicator.create"]


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("南北乡,a,,指标,,5,,,1,统计局", "单位", "不是本年度的考核对象"),
        ("南牛乡,编号,,指标,,5,,,1,统计局", "编号", "只能用英文字母"),
        ("南牛乡,investment,,指标,,5,,,1,统计局", "编号", "已有编号为“investment”的指标"),
        ("南牛乡,a,文化建设,指标,,5,,,1,统计局", "一级指标", "没有“文化建设”，可以填：经济发展、社会民生。"),
        ("南牛乡,a,,,,5,,,1,统计局", "指标", "没有填写"),
        ("南牛乡,a,,指标,,五,,,1,统计局", "分值", "不是有效的数字"),
        ("南牛乡,a,,指标,,0,,,1,统计局", "分值", "应当大于 0"),
        ("南牛乡,a,,指标,,5,ratoi,,1,统计局", "计分方法", "没有“ratoi”这种计分方法"),
        ('南牛乡,a,,指标,,5,ratio,"{""max"": ",1,统计局', "方法参数", "应当是一个 JSON 对象"),
        ("南牛乡,a,,指标,,5,ratio,,,统计局", "全年目标", "要有目标值"),
        ("南牛乡,a,,指标,,5,,,1,天文局", "数据采集单位", "没有设立数据采集单位“天文局”"),
        ("统计局,a,业务工作,指标,,5,,,1,统计局", "数据采集单位", "不能由被考核单位采集自己的数据"),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column(
    preparation: County, line: str, column: str, words: str
) -> None:
    before = Indicator.objects.count()
    answer = upload(signed_in("jxb-clerk"), GOOD, line)
    assert answer.status_code == 422
    (defect,) = answer.context["defects"]
    assert (defect.line, defect.column) == (3, column)
    assert words in defect.sentence
    assert Indicator.objects.count() == before


def test_all_defects_come_together_and_twice_the_same_is_one(preparation: County) -> None:
    answer = upload(
        signed_in("jxb-clerk"), "北乡,a,,指标,,5,,,1,统计局", GOOD, GOOD, "南牛乡,b,,指标,,x,,,1,统计局"
    )
    assert [(defect.line, defect.column) for defect in answer.context["defects"]] == [
        (2, "单位"), (4, "编号"), (5, "分值"),
    ]  # fmt: skip


def test_a_file_that_is_no_table_is_refused_in_its_field(preparation: County) -> None:
    client = signed_in("jxb-clerk")
    wrong = client.post(
        "/office/cycles/2026/indicators/", {"file": SimpleUploadedFile("a.docx", b"PK\x03\x04")}
    )
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["file"])
    assert client.post("/office/cycles/2026/indicators/", {}).status_code == 422


def test_once_the_year_runs_nothing_more_is_drafted(setting: County) -> None:
    answer = upload(signed_in("jxb-clerk"), GOOD)
    assert answer.status_code == 422
    assert "已经开始" in str(answer.context["form"].errors["file"])


def test_only_the_performance_office_prepares(preparation: County) -> None:
    for username in ("nanniu-head", "auditor", LEADING_MEMBER):
        assert upload(signed_in(username), GOOD).status_code == 404
    assert signed_in("auditor").get("/office/cycles/2026/").status_code == 200


# The cycle


def test_a_new_year_is_created_once(archived: County) -> None:
    client = signed_in("jxb-clerk")
    assert client.post("/office/cycles/", {"year": "2027", "pack": "zhengding"}).status_code == 302
    assert Cycle.objects.get(year=2027).state == "preparation"
    again = client.post("/office/cycles/", {"year": "2027", "pack": "zhengding"})
    assert again.status_code == 422
    assert "不能重复建立" in str(again.context["form"].errors)
    page = client.get("/office/cycles/2027/")
    assert [group["wanted"] for group in page.context["groups"]] == [7, 32, 9]
    assert not page.context["ready"]


def test_units_are_named_with_their_facts(archived: County) -> None:
    client = signed_in("jxb-clerk")
    client.post("/office/cycles/", {"year": "2027", "pack": "zhengding"})
    bad = SimpleUploadedFile("facts.csv", "单位,monthly_payroll\r\n火星乡,1\r\n".encode())
    answer = client.post("/office/cycles/2027/units/", {"file": bad})
    assert [str(each) for each in answer.context["defects"]] == [
        "第 2 行“单位”：没有“火星乡”这个单位，请核对。"
    ]
    good = SimpleUploadedFile("facts.csv", "单位,monthly_payroll\r\n南牛乡,329440.00\r\n".encode())
    assert client.post("/office/cycles/2027/units/", {"file": good}).status_code == 302
    cycle = Cycle.objects.get(year=2027)
    assert cycle.subjects.count() == 48
    assert cycle.subjects.get(code="nanniu").attributes == {"monthly_payroll": "329440.00"}


def test_a_year_is_given_up_by_the_leading_group_with_a_reason(setting: County) -> None:
    assert signed_in("jxb-chief").get("/office/cycles/2026/cancel/").status_code == 404
    client = signed_in(LEADING_MEMBER)
    assert client.post("/office/cycles/2026/cancel/", {"why": ""}).status_code == 422
    client.post("/office/cycles/2026/cancel/", {"why": "县委常委会决定"})
    assert Cycle.objects.get().state == "cancelled"


# The calendar


def test_the_head_declares_a_day(monitoring: County) -> None:
    form = {"day": "2026-03-02", "working": "no", "name": "演示放假"}
    refused = signed_in("jxb-clerk").post("/office/calendar/day/", form)
    assert (refused.status_code, bool(refused.context["form"].errors)) == (422, True)
    assert signed_in("jxb-chief").post("/office/calendar/day/", form).status_code == 302
    assert CalendarDay.objects.get(day=dt.date(2026, 3, 2)).working is False
    page = signed_in("jxb-chief").get("/office/calendar/?year=2026")
    march = page.context["months"][2]
    cell = next(each for week in march["weeks"] for each in week if each and each["day"].day == 2)
    assert (cell["kind"], cell["name"], march["worked"]) == ("holiday", "演示放假", 21)


def test_yesterday_cannot_be_declared_any_more(monitoring: County) -> None:
    form = {"day": "2026-01-06", "working": "no", "name": "补记"}
    answer = signed_in("jxb-chief").post("/office/calendar/day/", form)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["day"])


def test_a_provisional_year_is_confirmed_once(monitoring: County) -> None:
    year = CalendarYear.objects.filter(provisional=True).earliest("year").year
    client = signed_in("jxb-chief")
    assert client.get(f"/office/calendar/?year={year}").context["provisional"]
    assert "已确认" in said(client.post(f"/office/calendar/{year}/confirm/", follow=True))
    assert not client.get(f"/office/calendar/?year={year}").context["provisional"]
    assert "不是暂定状态" in said(client.post(f"/office/calendar/{year}/confirm/", follow=True))


# The policy book


def book(county: County) -> Book:
    return Book(rules_of(county.cycle), county.cycle)


def entries(found: Book) -> dict[str, Any]:
    return {
        entry.path: entry
        for section in found.sections() for block in section.blocks for entry in block.entries
    }  # fmt: skip


def test_the_book_has_seven_sections_and_every_provisional_value(monitoring: County) -> None:
    found = book(monitoring)
    titles = ["评估对象", "评估内容", "评估主体", "评估流程", "评估周期", "评估等次", "结果运用"]
    assert [section.title for section in found.sections()] == titles
    assert {path for path, entry in entries(found).items() if entry.is_open} == set(found.notes)
    assert sum(section.open for section in found.sections()) == found.open == len(found.notes) > 40


def test_values_are_in_words_with_their_article(monitoring: County) -> None:
    found = entries(book(monitoring))
    township = found["content.township.components.indicators"]
    assert (township.cite, township.text.split("；")[0]) == ("五（一）1", "90 分")
    declare = found["process.indicator_setting.indicator_setting.declare"]
    assert declare.text == "责任单位，7 个工作日内（自印发起算）"
    advanced = found["grades[0].levels.advanced"]
    assert advanced.text == "90 分及以上；名额 25%（四舍五入）；末位并列时依次比指标评估得分、减分少者"
    cadres = found["uses.copy_cadres"]
    assert cadres.text == "适用于综合得分低于 60 分且本组后 3 名的单位；由县绩效办执行"
    ladder = found["process.ladder[3]"]
    assert (ladder.title, ladder.text) == ("红牌", "超期 2 个工作日，送县委、县政府主要领导、县绩效办")


def test_no_identifier_of_the_language_is_left_in_the_words(monitoring: County) -> None:
    known = {"monthly_payroll"}
    words = " ".join(f"{entry.title} {entry.text}" for entry in entries(book(monitoring)).values())
    odd = [word for word in words.replace("；", " ").split() if word.isascii() and word.isalpha()]
    assert set(odd) - known == set()


def test_the_head_confirms_one_value_and_then_all(monitoring: County) -> None:
    policy, path = monitoring.cycle.policy_id, "content.department.components.public"
    clerk, chief = signed_in("jxb-clerk"), signed_in("jxb-chief")
    assert "负责人" in said(clerk.post(f"/policy/{policy}/confirm/", {"path": path}, follow=True))
    assert not PolicyConfirmation.objects.exists()
    chief.post(f"/policy/{policy}/confirm/", {"path": path})
    entry = entries(book(monitoring))[path]
    assert not entry.is_open
    assert entry.confirmation.by.name == "演示·县绩效办主任"
    assert "演示·县绩效办主任" in signed_in("nanniu-head").get(f"/policy/{policy}/").content.decode()
    chief.post(f"/policy/{policy}/confirm/", {"every": "yes"})
    assert book(monitoring).open == 0
    assert monitoring.events(f"policy/{policy}") == ["policy.confirm"] * 2
    assert "不需要再次确认" in said(chief.post(f"/policy/{policy}/confirm/", {"path": path}, follow=True))
    assert chief.post(f"/policy/{policy}/confirm/", {"path": "uses.commend"}).status_code == 404


def test_every_flow_and_step_has_a_title_in_words() -> None:
    for stage, flows in default_process().items():
        for flow, steps in flows.items():
            titles = [step_title(flow), *(step_title(step, flow) for step in steps)]
            assert [each for each in titles if each.isascii()] == [], f"{stage}.{flow}"


def test_the_book_says_who_may_read_what_is_published() -> None:
    (process,) = (each for each in Book(load_pack("zhengding"), None).sections() if each.id == "process")
    (block,) = (each for each in process.blocks if each.title == "年终考核：公示公布")
    assert {entry.title: entry.text for entry in block.entries} == {
        "年度目标公布": "县绩效办，5 个工作日内（自送达起算），向全体被考核单位公开",
        "考核预告": "县绩效办，5 个工作日内（自送达起算），向全体被考核单位公开",
        "考核结果公示": "县绩效办，公示期 5 个工作日，向本组单位公开",
        "考核结果公布": "县绩效办，5 个工作日内（自送达起算），向全体被考核单位公开",
    }


def test_confirming_changes_no_byte_of_the_policy(monitoring: County) -> None:
    before = bytes(AdoptedPolicy.objects.get().content)
    signed_in("jxb-chief").post(f"/policy/{monitoring.cycle.policy_id}/confirm/", {"every": "yes"})
    assert bytes(AdoptedPolicy.objects.get().content) == before


def test_a_pack_that_nobody_adopted_can_be_read(monitoring: County) -> None:
    page = signed_in("auditor").get("/policy/zhengding/")
    assert page.context["cycle"] is None
    assert load_pack("zhengding").title in page.content.decode()
    assert signed_in("auditor").get("/policy/nowhere/").status_code == 404
