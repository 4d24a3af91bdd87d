"""Every role signs in with a real browser and opens every page that it can reach, at both sizes.

No console error, no violation of the content security policy, no horizontal overflow, no server error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError
from pytest_django.live_server_helper import LiveServer

from tests.workflows.county import SCHEME, edition
from workflows.rehearsal import demo

PASSWORD = "open-sesame-2026"
SIZES = {"desktop": (1366, 768), "phone": (390, 844)}
PER_PAGE = 1  # how many addresses of one kind of page a role opens
SETTLE_MS = 150  # for what htmx fetches once a page is there
LINKS = "all => all.map(one => new URL(one.getAttribute('href'), location).href)"  # drawings have links, too
SKIPPED = ("/static/", "/health/", "/me/logout", "/logout")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Walk:
    """One signed-in person walking through the product, noting what is wrong."""

    def __init__(self, page: Page, site: str, role: str) -> None:
        self.page, self.site, self.role = page, site, role
        self.wrong: list[str] = []
        self.kinds: dict[str, int] = defaultdict(int)
        page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("response", lambda answer: self._note(f"{answer.status}") if answer.status >= 500 else None)

    def _note(self, text: str) -> None:
        self.wrong.append(f"{self.role} {self.page.url.removeprefix(self.site)}: {text}")

    def sign_in(self) -> None:
        self.page.goto(f"{self.site}/login/")
        self.page.fill("input[name=username]", self.role)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("form button[type=submit]")
        self.page.wait_for_load_state("networkidle")
        if "/login/" in self.page.url:
            self._note("cannot sign in")

    def everywhere(self) -> None:
        queue, seen = [self._here(), "/"], set()
        while queue:
            address = queue.pop(0)
            if address in seen or not self._wanted(address):
                continue
            seen.add(address)
            self._open(address)
            queue += [link for link in self._links() if link not in seen]

    def _wanted(self, address: str) -> bool:
        path = urlsplit(address).path
        if path.startswith(SKIPPED):
            return False
        try:
            kind = resolve(path).view_name
        except Resolver404:
            self.wrong.append(f"{self.role}: a link leads to {address}, which does not exist")
            return False
        self.kinds[kind] += 1
        return self.kinds[kind] <= PER_PAGE

    def _open(self, address: str) -> None:
        try:
            answer = self.page.goto(self.site + address)
        except PlaywrightError as error:
            if "Download is starting" not in str(error):
                self._note(str(error))
            return
        self.page.wait_for_timeout(SETTLE_MS)
        if answer is None or answer.status >= 400:
            self._note(f"status {answer.status if answer else 'none'}")
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self._note(f"{wide} px wider than the screen")

    def _links(self) -> Iterator[str]:
        for link in self.page.eval_on_selector_all("a[href]", LINKS):
            if link.startswith(self.site):
                yield urldefrag(link.removeprefix(self.site)).url or "/"

    def _here(self) -> str:
        return self.page.url.removeprefix(self.site)


def test_every_role_opens_every_page(live_server: LiveServer, chromium: Browser) -> None:
    demo.fill(SCHEME, seed=1, password=PASSWORD, progress=lambda *_: None, edition=edition())
    wrong, visited = [], set()
    for role in demo.ACCOUNTS:
        for width, height in SIZES.values():
            context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            walk = Walk(context.new_page(), live_server.url, role)
            walk.sign_in()
            walk.everywhere()
            wrong += walk.wrong
            visited |= set(walk.kinds)
            context.close()
    assert not wrong, "\n".join(wrong)
    assert len(visited) >= 45, sorted(visited)
