"""Letter, interview, told deductions and the answer to one, in a real browser at both sizes."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests import moments
from tests.county import County
from tests.cycle.test_claims import brought_to
from tests.workflows.interviewing import interviewed
from tests.workflows.test_task_page_browser import DESKTOP, PHONE, at_work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

both_sizes = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def look(
    chromium: Browser, site: LiveServer, username: str, size: dict[str, int], pages: dict[str, str]
) -> None:
    """Open pages and hold each to the screen."""
    for name, (address, words) in pages.items():  # type: ignore[misc]
        with at_work(chromium, site, username, size) as page:
            answer = page.goto(site.url + address)
            assert answer is not None
            assert answer.status == 200, name
            page.wait_for_load_state("networkidle")
            assert words in page.inner_text("body"), name
            shots = os.environ.get("SHOTS")
            if shots:
                page.screenshot(path=f"{shots}/{name}-{size['width']}.png", full_page=True)


@both_sizes
def test_the_letter_from_preview_to_interview(
    small_year: None, live_server: LiveServer, chromium: Browser, size: dict[str, int]
) -> None:
    with moments.committed("feedback") as county:
        waiting = county.item(county.matter("feedback", unit="nanniu"), "serve")
        for unit in ("zhujian", "caizheng"):
            matter = county.matter("feedback", unit=unit)
            county.do(matter, "serve", problems="★古城绿化：进度偏慢。\n台账不全。", advice="逐月调度。")
        matter = county.matter("feedback", unit="zhujian")
        talk = interviewed(county, "zhujian")
        pages: dict[str, Any] = {
            "task-serve": (f"/t/{waiting.pk}/", "行首加“★”的为重点整改"),
            "preview": (f"/t/{waiting.pk}/letter/", "本页为送达前的预览"),
            "letters-office": ("/letters/", "安排面谈"),
            "interview-new": (
                f"/letters/{county.matter('feedback', unit='caizheng').pk}/interview/",
                "面谈地点",
            ),
        }
        look(chromium, live_server, "jxb-clerk", size, pages)
        own: dict[str, Any] = {
            "letter": (f"/letters/{matter.pk}/", "异议和申诉"),
            "letters-unit": ("/letters/", "待单位确认"),
            "task-sign": (f"/t/{county.item(matter, 'sign').pk}/", "登录密码"),
            "task-confirm": (f"/t/{county.item(talk, 'confirm').pk}/", "确认面谈记录"),
            "interview": (f"/interviews/{talk.pk}/", "本记录尚未经单位确认"),
            "told": ("/told/", "本年扣分告知"),
        }
        look(chromium, live_server, "zhujian-head", size, own)


@both_sizes
def test_a_deduction_from_the_notice_to_the_answer(
    small_year: None, live_server: LiveServer, chromium: Browser, size: dict[str, int]
) -> None:
    with moments.committed("monitoring") as county:
        claim = brought_to(county, "answer", sort="deduction", item="county_criticism")
        item = county.item(claim, "answer")
        pages: dict[str, Any] = {
            "told-deduction": ("/told/", "受县通报批评"),
            "answer": (f"/t/{item.pk}/", "陈述和申辩"),
        }
        look(chromium, live_server, "nanniu-handler", size, pages)
        with at_work(chromium, live_server, "nanniu-handler", size) as page:
            page.goto(f"{live_server.url}/t/{item.pk}/")
            page.get_by_label("对这一事项").select_option("objects")
            page.get_by_label("陈述和申辩").fill("通报对象不是本单位。")
            page.get_by_role("button", name="提交意见").click()
            page.get_by_text("已办理").first.wait_for()
        assert _state(county, claim) == "answered"


def _state(county: County, claim: Any) -> str:
    return str(county.matter("claim", key=claim.key).state)
