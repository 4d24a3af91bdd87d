"""What stands around every page: navigation that leads somewhere, the banners, the office acted for."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Clock
from tests.architecture.test_access import ROLES
from tests.cast import signed_in
from tests.county import County


@pytest.mark.parametrize("role", ROLES)
def test_every_entry_of_the_navigation_opens(uses: County, role: str) -> None:
    client = signed_in(role)
    page = client.get("/me/")
    entries = [item for group in page.context["nav"] for item in group["items"]]
    tabs = list(page.context["tabs"])
    assert 1 <= len(entries) <= 12
    assert 3 <= len(tabs) <= 4
    assert {item["url"]: client.get(item["url"]).status_code for item in [*entries, *tabs]} == {
        item["url"]: 200 for item in [*entries, *tabs]
    }


def test_the_page_that_is_open_is_marked_and_open_tasks_are_counted(yearend: County) -> None:
    page = signed_in("nanniu-handler").get("/inbox/")
    (inbox,) = [item for group in page.context["nav"] for item in group["items"] if item["active"]]
    assert (inbox["url"], inbox["count"]) == ("/inbox/", page.context["strip"][3]["value"])
    assert inbox["overdue"] == bool(page.context["strip"][0]["value"])


def test_a_demonstration_and_a_shifted_clock_are_told_on_every_page(monitoring: County) -> None:
    client = signed_in("nanniu-handler")
    text = client.get("/inbox/").content.decode()
    assert "演示数据，非真实考核结果" in text
    assert "演示时钟：业务日期为 2026-02-10 周二，不是今天的日期。" in text
    Clock.objects.all().delete()
    assert "演示时钟" not in client.get("/me/").content.decode()


@pytest.mark.django_db
def test_pages_for_nobody_in_particular_need_no_seat() -> None:
    page = Client().get("/no-such-page/")
    assert page.status_code == 404
    assert "没有找到" in page.content.decode()
