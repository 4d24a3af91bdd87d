"""Pages of runs and notices: what changed, why, for whom; nobody reads what it was not shown."""

from __future__ import annotations

import io

from docx import Document

from cycle.models import ChangeNotice
from tests.cast import signed_in
from tests.county import County
from tests.cycle.repairing import approved, bar_lifted, raised
from tests.workflows.appealing import brought_to


def numbers(username: str) -> list[int]:
    rows = signed_in(username).get("/results/2026/runs/").context["rows"]
    return [row.run.number for row in rows]


def test_runs_with_their_causes_and_what_they_moved(uses: County) -> None:
    bar_lifted(uses)
    rows = signed_in("auditor").get("/results/2026/runs/").context["rows"]
    assert [(row.run.number, row.moved, row.grades, row.standing) for row in rows] == [
        (2, 2, 2, "未报批"),
        (1, 0, 0, "已批准，现行结果"),
    ]
    approved(uses, 2)
    rows = signed_in("auditor").get("/results/2026/runs/").context["rows"]
    assert [row.standing for row in rows] == ["已批准，现行结果", "曾批准，已被变更"]


def test_units_see_the_runs_that_they_were_shown(uses: County) -> None:
    bar_lifted(uses)
    assert numbers("jxb-clerk") == [2, 1]
    assert numbers("caizheng-handler") == numbers("nanniu-handler") == [1]
    assert signed_in("caizheng-handler").get("/results/2026/runs/2/").status_code == 404
    approved(uses, 2)
    assert numbers("caizheng-handler") == [2, 1]


def test_a_run_says_what_it_changed(uses: County) -> None:
    bar_lifted(uses)
    page = signed_in("jxb-clerk").get("/results/2026/runs/2/")
    assert [(each.unit_title, each.text) for each in page.context["facts"]] == [
        ("统计局", "否决事项“社会治安综合治理黄牌警告或一票否决”：不再计入")
    ]
    assert [(each["title"], each["grade"]) for each in page.context["units"]] == [
        ("财政局", ["先进", "合格"]),
        ("统计局", ["合格", "先进"]),
    ]
    assert page.context["places"] == ["县政府工作部门和单位“先进”：统计局进入，财政局退出"]
    first = signed_in("jxb-clerk").get("/results/2026/runs/1/")
    assert "这是本年度的第一次计分" in first.content.decode()
    assert signed_in("jxb-clerk").get("/results/2026/runs/9/").status_code == 404


def test_values_are_shown_as_people_read_them(uses: County) -> None:
    raised(uses, key="water", yearend="poor")
    raised(uses, key="investment", yearend="12")
    raised(uses, key="supervision", midyear="29.5")
    texts = [
        (each.text, each.note)
        for number in (2, 3, 4)
        for each in signed_in("auditor").get(f"/results/2026/runs/{number}/").context["facts"]
    ]
    assert texts == [
        ("“水质达标”年终评估：实绩由 优良 改为 未达优良", "更正"),
        ("“固定资产投资”年终评估：实绩由 13.64 万元 改为 12 万元", "更正"),
        ("“督查落实”中期评估：得分由 27.5 分 改为 29.5 分", "更正"),
    ]


def test_a_unit_reads_its_own_facts_and_its_groups_movements(uses: County) -> None:
    bar_lifted(uses)
    approved(uses, 2)
    told = signed_in("caizheng-handler").get("/results/2026/runs/2/")
    assert told.context["facts"] == []
    assert "与你有关的计分依据没有变化" in told.content.decode()
    assert {each["title"] for each in told.context["units"]} >= {"财政局", "统计局"}
    own = signed_in("tongji-handler").get("/results/2026/runs/2/")
    assert len(own.context["facts"]) == 1


def test_the_appeal_behind_a_run_is_one_click_away(uses: County) -> None:
    appeal = brought_to(uses, "sign", title="督查落实")
    page = signed_in("jxb-clerk").get("/results/2026/runs/2/")
    assert page.context["appeal"] == appeal
    assert f"/appeals/{appeal.pk}/" in page.content.decode()


def test_a_notice_is_read_by_its_unit_and_overseers_on_screen_and_in_word(uses: County) -> None:
    bar_lifted(uses)
    approved(uses, 2)
    notice = ChangeNotice.objects.get(subject__code="caizheng")
    address = f"/notices/{notice.pk}/"
    for username in ("caizheng-head", "jxb-clerk", "auditor"):
        text = signed_in(username).get(address).content.decode()
        assert "2026 年度绩效考核结果变更告知书" in text
        assert "演示数据，非真实考核结果" in text
    for username in ("tongji-head", "nanniu-head", "collector", "sysadmin"):
        assert signed_in(username).get(address).status_code == 404
        assert signed_in(username).get(f"{address}docx/").status_code == 404
    answer = signed_in("caizheng-head").get(f"{address}docx/")
    words = Document(io.BytesIO(answer.content))
    assert [[cell.text for cell in row.cells] for row in words.tables[0].rows][-1] == ["等次", "先进", "合格"]
