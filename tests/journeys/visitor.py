"""A person at a browser without JavaScript: reads pages, fills in their forms, presses buttons.

Whatever is posted was on the page: hidden fields, the protection against forged requests, what was filled in
before. A form that a page does not offer cannot be sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client

SILENT = {"script", "style", "template", "svg"}
VOID = {"input", "br", "hr", "img", "meta", "link", "use", "path"}


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes, what is filled in, what buttons it has."""

    action: str
    method: str
    fields: dict[str, Any] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def button(self, label: str) -> dict[str, str]:
        """What a button adds to what is sent; raises AssertionError when there is none of this label."""
        for name, value, shown in self.buttons:
            if shown == label:
                return {name: value} if name else {}
        raise AssertionError(f"没有“{label}”按钮，只有：{[shown for _, _, shown in self.buttons]}")


class Page(HTMLParser):
    """What a page shows: its words, links and forms."""

    def __init__(self, response: Any, url: str) -> None:
        super().__init__()
        self.status, self.url, self.links = response.status_code, url, list[tuple[str, str]]()
        self.forms: dict[str, Form] = {}
        self._words: list[str] = []
        self._form, self._link, self._label = "", "", ""
        self._area: tuple[str, str] | None = None
        self._select, self._silent = "", 0
        self._button: tuple[str, str, str] | None = None
        self.feed(response.content.decode())

    @property
    def text(self) -> str:
        """All words in order, without spaces between them."""
        return "".join("".join(self._words).split())

    def says(self, *phrases: str) -> bool:
        """Whether all phrases stand on the page."""
        missing = [phrase for phrase in phrases if "".join(phrase.split()) not in self.text]
        assert not missing, f"{self.url} 没有写：{missing}"
        return True

    def form(self, action: str) -> Form:
        """The form that goes to an address (its end is enough)."""
        found = [form for form in self.forms.values() if form.action.endswith(action)]
        assert len(found) == 1, f"{self.url} 的表单：{[form.action for form in self.forms.values()]}"
        return found[0]

    def link(self, words: str) -> str:
        """The address of the first link whose words contain these."""
        for shown, address in self.links:
            if words in shown:
                return address
        raise AssertionError(f"{self.url} 没有链接“{words}”：{self.text}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self._silent += 1
        elif tag == "form":
            self._form = given.get("id", f"form-{len(self.forms)}")
            action = given.get("action") or self.url
            method = given.get("method", "get").lower()
            known = self.forms.get(self._form, Form(action, method))
            known.action, known.method = action, method
            self.forms[self._form] = known
        elif tag == "a" and "href" in given:
            self._link, self._label = given["href"], given.get("aria-label", "")
        elif tag in ("input", "textarea", "select", "button"):
            self._control(tag, given)
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._target()):
            self._target()[self._select] = given.get("value", "")

    def _target(self, form: str = "") -> dict[str, Any]:
        return self.forms.setdefault(form or self._form, Form(self.url, "get")).fields

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form, name, kind = given.get("form", self._form), given.get("name", ""), given.get("type", "text")
        if tag == "button" and not form and kind == "button":
            return  # it prints or opens something; nothing is sent
        if tag == "button":
            self._button = (form, name, given.get("value", ""))
            self._words.append("")
            self._pressed = len(self._words)
        elif not name or (kind in ("checkbox", "radio") and "checked" not in given) or kind == "file":
            return
        elif tag == "input":
            unsaid = "on" if kind in ("checkbox", "radio") else ""
            self._target(form)[name] = given.get("value", unsaid)
        elif tag == "textarea":
            self._area = (form, name)
            self._target(form)[name] = ""
        else:
            self._select = name

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        elif tag == "form":
            self._form = ""
        elif tag == "a" and self._link:
            self.links.append((self._label, self._link))
            self._link = self._label = ""
        elif tag == "textarea" and self._area:
            fields = self._target(self._area[0])
            fields[self._area[1]] = fields[self._area[1]].removeprefix("\n")  # browsers drop the first
            self._area = None
        elif tag == "select":
            self._select = ""
        elif tag == "button" and self._button:
            form, name, value = self._button
            label = "".join("".join(self._words[self._pressed :]).split())
            self.forms.setdefault(form, Form(self.url, "post")).buttons.append((name, value, label))
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._area:
            self._target(self._area[0])[self._area[1]] += data
        if self._link:
            self._label += data
        self._words.append(data)


class Visitor:
    """Somebody who uses the product; signed in with name and password, or with nothing but a link."""

    def __init__(self, username: str = "", password: str = "") -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.page: Page | None = None
        if username:
            self.open("/login/")
            page = self.send("/login/", username=username, password=password)
            assert page.status == 200, page.text
            assert page.url != "/login/", page.text

    @property
    def here(self) -> Page:
        """The page that is open."""
        assert self.page is not None
        return self.page

    def open(self, url: str, *, status: int = 200) -> Page:
        """Open an address and follow where it leads."""
        response: Any = self.client.get(url, follow=True)
        last = response.redirect_chain[-1][0] if response.redirect_chain else url
        self.page = Page(response, last)
        assert self.page.status == status, f"{url}: {self.page.status} {self.page.text[:300]}"
        return self.page

    def follow(self, words: str) -> Page:
        """Follow a link of the page by its words."""
        return self.open(urljoin(self.here.url, self.here.link(words)))

    def send(self, action: str, button: str = "", **typed: Any) -> Page:
        """Fill in the form that goes to `action` and press a button; a name that it lacks is an error."""
        form = self.here.form(action)
        assert form.method == "post"
        pressed = form.button(button) if button else {}
        unknown = set(typed) - set(form.fields) - {"files", "concerns"}
        assert not unknown, f"表单没有这些栏：{unknown}，只有 {set(form.fields)}"
        target = urljoin(self.here.url, form.action)
        response: Any = self.client.post(target, form.fields | pressed | typed, follow=True)
        last = response.redirect_chain[-1][0] if response.redirect_chain else target
        self.page = Page(response, last)
        return self.page

    def task(self, title: str) -> Page:
        """Open a task from the inbox by its title."""
        self.open("/inbox/")
        return self.follow(title)

    def done(self, title: str, button: str, **typed: Any) -> Page:
        """Do a task from the inbox: open it, fill in, press the button, see that it worked."""
        self.task(title)
        page = self.send("/submit/", button, **typed)
        assert page.status == 200, page.text
        assert page.says(f"“{title}”已办理。")
        return page
