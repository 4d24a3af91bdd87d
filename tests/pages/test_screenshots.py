"""The pictures of the README, taken from the whole demonstration county (`make screenshots`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.pages.test_every_page import PASSWORD, SIZES, Walk
from workflows.rehearsal import demo

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
TASK = "a[href^='/t/']"
PICTURES = [
    ("cockpit-desktop", "jxb-chief", "desktop", "/office/", ""),
    ("inbox-desktop", "jxb-clerk", "desktop", "/inbox/", ""),
    ("task-phone", "nanniu-head", "phone", "/inbox/", TASK),
    ("result-desktop", "nanniu-head", "desktop", "/results/2025/nanniu/", ""),
]
"""Name, who, size, where, and what to click there."""

pytestmark = [pytest.mark.screenshots, pytest.mark.django_db(transaction=True)]


def test_the_pictures_are_taken(live_server: LiveServer, chromium: Browser) -> None:
    demo.fill("zhengding", seed=1, password=PASSWORD, progress=lambda *_: None)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, role, size, address, click in PICTURES:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        walk = Walk(context.new_page(), live_server.url, role)
        walk.sign_in()
        walk.page.goto(live_server.url + address)
        if click:
            walk.page.click(click)
        walk.page.wait_for_load_state("networkidle")
        walk.page.screenshot(path=FOLDER / f"{name}.png")
        assert walk.wrong == []
        context.close()
