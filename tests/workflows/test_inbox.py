"""The inbox: what is in it, in which order and group, for whom; counts; how many queries it takes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from tests.cast import signed_in
from tests.county import County
from workflows.models import WorkItem

BUDGET = 12


def titles(page: Any) -> dict[str, list[str]]:
    return {group["title"]: [row["title"] for row in group["rows"]] for group in page.context["groups"]}


def test_tasks_are_grouped_by_deadline_and_only_the_office_s_own(yearend: County) -> None:
    client = signed_in("nanniu-handler")
    page = client.get("/inbox/")
    found = titles(page)
    assert list(found) == [title for title in ("已超期", "3 个工作日内", "之后", "无时限") if title in found]
    assert all(title.startswith("南牛乡") for group in found.values() for title in group)
    assert "南牛乡 1 月完成情况报告" in found["已超期"]
    assert page.context["strip"][0]["value"] == len(found["已超期"])


def test_a_task_for_the_head_is_in_the_head_s_inbox_only(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    setting.do(sheet, "declare", lines={})
    assert titles(signed_in("nanniu-head").get("/inbox/")) == {"3 个工作日内": [sheet.title]}
    assert titles(signed_in("nanniu-handler").get("/inbox/")) == {}
    assert sheet.title in signed_in("nanniu-handler").get("/sent/").content.decode()


def test_returned_tasks_have_a_view_of_their_own(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    setting.do(sheet, "declare", lines={})
    setting.do(sheet, "approve", choice="back_declare", comment="请核对目标值。")
    client = signed_in("nanniu-handler")
    page = client.get("/inbox/?view=returned")
    assert [title for group in titles(page).values() for title in group] == [sheet.title]
    assert page.context["strip"][2]["value"] == 1
    peek = client.get(f"/inbox/peek/{setting.item(sheet).pk}/", headers={"HX-Request": "true"})
    assert "请核对目标值。" in peek.content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=统计局", 0),
        ("q=南牛乡 1 月", 1),
        ("stage=indicator_setting", 0),
        ("stage=monitoring&q=南牛乡 3 月", 1),
        ("view=returned&q=南牛乡 1 月", 0),
        ("view=nonsense&stage=nonsense&page=99&q=南牛乡 1 月", 1),
    ],
)
def test_filters_narrow_and_bad_ones_do_no_harm(yearend: County, query: str, expected: int) -> None:
    page = signed_in("nanniu-handler").get(f"/inbox/?{query}")
    assert sum(len(group) for group in titles(page).values()) == expected


def test_a_hostile_word_finds_nothing(yearend: County) -> None:
    page = signed_in("nanniu-handler").get("/inbox/?q=%00&view=%00&page=-1")
    assert page.status_code == 200


def test_what_is_done_stays_to_be_read(setting: County) -> None:
    sheet = setting.matter("sheet", unit="nanniu")
    item = setting.item(sheet)
    setting.do(sheet, "declare", lines={})
    client = signed_in("nanniu-handler")
    assert f"/t/{item.pk}/" in client.get("/done/?q=南牛").content.decode()
    assert "没有已办事项" in client.get("/done/?q=天宫").content.decode()
    assert client.get(f"/inbox/peek/{item.pk}/").status_code == 404


def test_after_a_task_the_next_is_named_and_offered(yearend: County) -> None:
    reports = WorkItem.objects.filter(office__title="南牛乡", state="open", flow="report")
    first, second = reports.order_by("due_at", "served_at", "pk")[:2]
    client = signed_in("nanniu-handler")
    lines = {f"{line.pk}-value": "1" for line in first.matter.lines.all()}
    answer = client.post(f"/t/{first.pk}/submit/", {"choice": "next", **lines}, follow=True)
    said = "".join(str(message) for message in answer.context["messages"])
    assert "下一步：单位负责人审核，由南牛乡办理。" in said
    assert f'<a href="/t/{second.pk}/">下一项：{second.matter.title}</a>' in said


@pytest.mark.parametrize("path", ["/inbox/", "/inbox/?view=returned&q=月", "/done/", "/sent/"])
def test_a_list_takes_few_queries_however_long(yearend: County, path: str) -> None:
    client = signed_in("nanniu-handler")
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    assert len(captured) <= BUDGET, "\n".join(query["sql"][:120] for query in captured)


def test_days_left_are_working_days_and_the_last_day_runs_to_midnight(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    assert item.due_at is not None
    last = clock.local_date(item.due_at - dt.timedelta(seconds=1))
    assert (last.isoformat(), last.weekday()) == ("2026-01-14", 2)
    shown = {}
    for day, hour in ((9, 9), (14, 23), (15, 0), (19, 9)):
        setting.move_to(dt.date(2026, 1, day), hour)
        page = signed_in("nanniu-handler").get("/inbox/")
        shown[day] = [
            (group["title"], row["days_left"]) for group in page.context["groups"] for row in group["rows"]
        ]
    assert shown == {
        9: [("3 个工作日内", 3)],
        14: [("3 个工作日内", 0)],
        15: [("已超期", -1)],
        19: [("已超期", -3)],
    }
