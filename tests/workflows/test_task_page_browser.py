"""A task in a real browser: three taps on a phone, drafts that save themselves, files without a reload.

No violation of the content security policy, no error in the console, nothing wider than the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from cycle.models import Evidence
from tests.cast import signed_in
from tests.workflows import county
from workflows.models import WorkItem

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 768}


@contextmanager
def at_work(chromium: Browser, site: LiveServer, username: str, size: Any) -> Iterator[Page]:
    """A page of somebody signed in; at its end nothing may have been wrong with it."""
    context = chromium.new_context(viewport=size, locale="zh-CN", has_touch=size is PHONE)
    session = signed_in(username).cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": site.url}])
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if _is_wrong(message) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (wrong, wide) == ([], 0)
    context.close()


def _is_wrong(message: ConsoleMessage) -> bool:
    """An error of the page; a conflict of drafts (409) is an answer, though the browser notes it."""
    return message.type == "error" and "409" not in message.text


def test_a_head_approves_on_a_phone_in_three_taps(live_server: LiveServer, chromium: Browser) -> None:
    county.setting()
    item = county.walk("approve")[0]
    with at_work(chromium, live_server, county.HEAD, PHONE) as page:
        page.goto(live_server.url)
        page.get_by_role("navigation", name="快捷导航").get_by_text("我的待办").tap()
        page.get_by_role("link", name=f"审核 {item.matter.title}").tap()
        page.get_by_role("button", name="同意并报送绩效办").tap()
        expect(page.locator(".messages")).to_contain_text("下一步：初审，由县绩效办办理。")
    item.refresh_from_db()
    assert (item.state, item.outcome) == ("done", "next")
    assert item.opened_at is not None


def test_a_draft_saves_itself_and_a_conflict_shows_both(live_server: LiveServer, chromium: Browser) -> None:
    county.setting()
    item = county.waiting()
    path = f"{live_server.url}/t/{item.pk}/"
    with (
        at_work(chromium, live_server, county.HANDLER, DESKTOP) as mine,
        at_work(chromium, live_server, county.HEAD, DESKTOP) as theirs,
    ):
        mine.goto(path)
        theirs.goto(path)
        mine.fill("#id_comment", "经办员写的")
        expect(mine.locator("[data-save-state]").first).to_contain_text("草稿已自动保存")
        assert WorkItem.objects.get(pk=item.pk).draft["comment"] == "经办员写的"  # type: ignore[index]
        mine.fill("#id_comment", "经办员写的，又改了")
        expect(mine.locator("[data-save-state]").first).to_contain_text("草稿已自动保存")
        theirs.fill("#id_comment", "负责人写的")
        expect(theirs.locator(".conflict")).to_contain_text("经办员写的")
        theirs.get_by_role("button", name="保留我填写的").click()
        expect(theirs.locator(".conflict")).to_have_count(0)
    assert WorkItem.objects.get(pk=item.pk).draft["comment"] == "负责人写的"  # type: ignore[index]


def test_files_are_added_without_losing_what_is_typed(
    live_server: LiveServer, chromium: Browser, tmp_path: Path
) -> None:
    county.setting()
    item = county.waiting()
    proof = tmp_path / "台账.pdf"
    proof.write_bytes(b"%PDF-1.7 demo")
    with at_work(chromium, live_server, county.HANDLER, DESKTOP) as page:
        page.goto(f"{live_server.url}/t/{item.pk}/")
        page.fill("#id_comment", "写到一半")
        page.set_input_files("#id_files", str(proof))
        page.get_by_role("button", name="上传所选文件").click()
        expect(page.locator("table.evidence")).to_contain_text("台账.pdf")
        assert page.input_value("#id_comment") == "写到一半"
        page.get_by_role("button", name="移除 台账.pdf").click()
        expect(page.locator("#evidence")).to_contain_text("还没有上传材料")
        assert page.input_value("#id_comment") == "写到一半"
    assert Evidence.objects.get().withdrawn_at is not None


def test_the_keyboard_walks_the_inbox_and_shows_each_task(live_server: LiveServer, chromium: Browser) -> None:
    county.setting()
    with at_work(chromium, live_server, county.CLERK, DESKTOP) as page:
        for unit in ("nanniu", "xinchengpu"):
            sheet = county.waiting(unit)
            county.do(sheet, f"{unit}-handler")
            county.do(county.waiting(unit), f"{unit}-head")
        page.goto(f"{live_server.url}/inbox/")
        expect(page.locator("#peek h2")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.locator(".inbox .row").nth(1).locator(".row-title").inner_text()
        expect(page.locator("#peek h2")).to_have_text(second)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(second)
