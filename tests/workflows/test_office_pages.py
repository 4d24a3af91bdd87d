"""The cockpit, the overdue list, urging: figures that can be counted by hand, for the right people only."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from audit import clock
from audit.models import Event
from tests.cast import signed_in
from tests.county import County
from workflows.models import WorkItem

BUDGET = 20


def late(county: County) -> list[WorkItem]:
    rows = WorkItem.objects.filter(cycle=county.cycle, state="open", due_at__lte=county.now)
    return list(rows.order_by("due_at", "id"))


def said(answer: Any) -> str:
    """The messages of the page that an answer leads to."""
    return " ".join(str(message) for message in answer.context["messages"])


def test_the_figures_are_those_that_one_counts(yearend: County) -> None:
    page = signed_in("jxb-chief").get("/office/")
    overdue = late(yearend)
    assert overdue
    figures = page.context["figures"]
    assert figures.late == len(overdue)
    assert {key: each.late for key, each in figures.stages.items() if each.late} == Counter(
        item.stage for item in overdue
    )
    matters = yearend.cycle.matters.filter(stage="monitoring")
    assert figures.stages["monitoring"].total == matters.count()
    assert figures.stages["indicator_setting"].percent == 100


def test_every_number_of_the_heat_table_leads_to_as_many_rows(yearend: County) -> None:
    client = signed_in("jxb-chief")
    table = client.get("/office/").context["heat"]
    assert sum(row["total"] for row in table["rows"]) == len(late(yearend))
    cells = [cell for row in table["rows"] for cell in row["cells"] if cell["value"]]
    assert cells
    for cell in cells[:4]:
        assert client.get(cell["url"]).context["page"].paginator.count == cell["value"]


def test_the_drawing_counts_what_is_in_hand_at_each_step(yearend: County) -> None:
    client = signed_in("jxb-chief")
    diagram = client.get("/office/?flow=report").context["diagram"]
    open_here = Counter(
        WorkItem.objects.filter(cycle=yearend.cycle, flow="report", state="open").values_list(
            "step", flat=True
        )
    )
    assert {box.name: box.mark.count for box in diagram.boxes if box.mark.count} == open_here
    filled = next(box for box in diagram.boxes if box.name == "fill")
    assert client.get(filled.mark.url).context["page"].paginator.count == filled.mark.count


def test_htmx_gets_the_figures_and_nothing_around_them(yearend: County) -> None:
    part = signed_in("jxb-chief").get("/office/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="figures"' in part
    assert "<html" not in part


def test_the_cockpit_keeps_within_its_queries(yearend: County) -> None:
    client = signed_in("jxb-chief")
    client.get("/office/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/office/")
    assert len(captured) <= BUDGET


@pytest.mark.parametrize("query", ["", "?due=all"])
def test_the_list_takes_as_many_queries_for_one_row_as_for_fifty(yearend: County, query: str) -> None:
    client = signed_in("jxb-chief")
    client.get("/office/overdue/")
    with CaptureQueriesContext(connection) as captured:
        assert len(client.get(f"/office/overdue/{query}").context["rows"]) > 10
    assert len(captured) <= BUDGET


def test_the_list_names_people_phones_and_leaders(yearend: County) -> None:
    office = yearend.unit("nanniu").office_id
    rows = signed_in("jxb-chief").get(f"/office/overdue/?office={office}").context["rows"]
    assert rows
    assert rows[0].people == [
        "演示·南牛乡负责人（负责人）0311-0000-0102",
        "演示·南牛乡经办员（经办）0311-0000-0101",
    ] or rows[0].people == [
        "演示·南牛乡经办员（经办）0311-0000-0101",
        "演示·南牛乡负责人（负责人）0311-0000-0102",
    ]
    assert rows[0].leaders
    assert [row.due.days_left for row in rows] == sorted(row.due.days_left for row in rows)


def test_units_collectors_and_strangers_do_not_learn_that_there_is_an_office(yearend: County) -> None:
    for username in ("nanniu-head", "collector", "leader", "sysadmin"):
        client = signed_in(username)
        for address in ("/office/", "/office/overdue/", "/office/stage/monitoring/", "/office/units/nanniu/"):
            assert client.get(address).status_code == 404
    assert signed_in("auditor").get("/office/").status_code == 200
    assert signed_in("auditor").post("/office/urge/").status_code == 404


def test_an_urge_is_an_event_and_comes_once_a_working_day(yearend: County) -> None:
    item, client = late(yearend)[0], signed_in("jxb-clerk")
    answer = client.post("/office/urge/", {"item": str(item.pk)}, follow=True)
    assert "已催办" in said(answer)
    body = yearend.last_event(f"process/{item.process_id}")
    assert (body["type"], body["item"], body["to"]) == ("task.urged", str(item.pk), str(item.office_id))
    assert "今天已经催办过" in said(client.post("/office/urge/", {"item": str(item.pk)}, follow=True))
    yearend.move_to(dt.date(2027, 1, 9))  # a Saturday belongs to the Friday before it
    assert "今天已经催办过" in said(client.post("/office/urge/", {"item": str(item.pk)}, follow=True))
    yearend.move_to(dt.date(2027, 1, 11))
    assert "已催办" in said(client.post("/office/urge/", {"item": str(item.pk)}, follow=True))
    row = next(each for each in client.get("/office/overdue/").context["rows"] if each.item.pk == item.pk)
    assert row.urged.endswith("第 2 次")


def test_urging_many_passes_over_what_was_urged_today(yearend: County) -> None:
    items, client = [str(item.pk) for item in late(yearend)[:3]], signed_in("jxb-clerk")
    client.post("/office/urge/", {"item": items[0]})
    answer = client.post("/office/urge/", {"items": items}, follow=True)
    assert "已催办 2 项，1 项今天已经催办过或者已经办结" in said(answer)
    assert Event.objects.filter(type="task.urged").count() == 3


def test_urging_nothing_or_something_done_is_refused_in_words(yearend: County) -> None:
    client = signed_in("jxb-clerk")
    assert "先勾选" in said(client.post("/office/urge/", {}, follow=True))
    done = WorkItem.objects.filter(cycle=yearend.cycle, state="done").first()
    assert done is not None
    assert "不需要再催办" in said(client.post("/office/urge/", {"item": str(done.pk)}, follow=True))
    nowhere = "01900000-0000-7000-8000-000000000000"
    assert client.post("/office/urge/", {"item": nowhere}).status_code == 404
    assert not Event.objects.filter(type="task.urged").exists()


def test_the_list_as_a_file_is_marked_and_on_record(yearend: County) -> None:
    answer = signed_in("jxb-clerk").post("/office/overdue/export/?due=late")
    grid = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert grid[0][0] == "演示数据，非真实考核结果"
    assert grid[1][0] == "事项"
    assert len(grid) == 2 + len(late(yearend))
    note = Event.objects.get(type="export.made")
    assert note.facts["rows"] == len(late(yearend))
    assert note.actor_name == "演示·县绩效办经办员"


def test_one_unit_on_one_page(yearend: County) -> None:
    client = signed_in("jxb-chief")
    page = client.get("/office/units/nanniu/")
    mine = [item for item in late(yearend) if item.subject_id == yearend.unit("nanniu").pk]
    shown = [row for row in page.context["rows"] if (row.due.days_left or 0) < 0]
    assert len(shown) == len(mine) > 0
    assert (
        page.context["record"]["done"]
        == WorkItem.objects.filter(office=yearend.unit("nanniu").office_id, state="done").count()
    )
    assert client.get("/office/units/nowhere/").status_code == 404


def test_the_business_clock_is_on_the_page(yearend: County) -> None:
    page = signed_in("jxb-chief").get("/office/").content.decode()
    assert f"{clock.local_date(yearend.now):%Y-%m-%d}" in page
    assert "（工作日）" in page
