"""Every page of rectification in a real browser, at both sizes: nothing wrong, nothing too wide."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from audit import clock
from cycle.models import Stage
from cycle.services.problem_lists import Problem
from tests import moments, small_county
from tests.county import County
from tests.workflows import rectifying
from tests.workflows.test_task_page_browser import DESKTOP, PHONE, at_work
from workflows.services import extending

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def living() -> tuple[County, dict[str, str]]:
    """The small county in February with problems in every state; the addresses to look at."""
    moments.forget()
    cycle = small_county.prepare()
    small_county.enter(cycle, Stage.SETTING)
    small_county.work(cycle)
    clock.move_to(clock.at(dt.date(small_county.YEAR, 2, 10), 9))
    small_county.enter(cycle, Stage.MONITORING)
    county = County()
    long = Problem("xinchengpu", "督查事项办理", "三项督查事项没有按期反馈。" * 8, "逐项反馈。", is_key=True)
    listed = rectifying.listed(county, long)
    underway = rectifying.underway(county, rectifying.listed(county))
    rectifying.prove(county, underway)
    item = county.item(underway, "result")
    extending.ask(
        item.pk, user_id=county.user("nanniu-handler"), until="2026-03-20", why="设备采购尚在公示期。"
    )
    asked = county.item(underway.extensions.get(), "decide")
    plan = county.item(listed, "plan")
    return county, {
        "board": "/rectify/", "list": "/rectify/?state=listed", "one": f"/rectify/{underway.pk}/",
        "new": "/rectify/new/", "revoke": f"/rectify/{underway.pk}/revoke/", "carry": "/rectify/carry/",
        "progress": "/public/rectify/2026/", "decide": f"/t/{asked.pk}/", "result": f"/t/{item.pk}/",
        "extend": f"/t/{plan.pk}/extend/", "plan": f"/t/{plan.pk}/",
    }  # fmt: skip


SEEN_BY = {
    "jxb-clerk": ("board", "list", "one", "new", "revoke", "carry", "progress", "decide"),
    "nanniu-handler": ("board", "one", "result"),
    "xinchengpu-handler": ("plan", "extend"),
}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_fits_the_screen(live_server: LiveServer, chromium: Browser, size: dict[str, int]) -> None:
    _, addresses = living()
    for username, names in SEEN_BY.items():
        for name in names:
            with at_work(chromium, live_server, username, size) as page:
                answer = page.goto(live_server.url + addresses[name])
                assert answer is not None
                assert answer.status == 200, name
                page.wait_for_load_state("networkidle")
