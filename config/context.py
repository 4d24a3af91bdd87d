"""What `base.html` shows around every page: navigation, person and office, cycle, banners.

Everything is looked up when a template first uses it, so that fragments and error pages cost nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from audit import clock
from config.navigation import Entry, navigation_of, tabs_of
from cycle.models import Cycle
from cycle.queries.scopes import chosen, cycles_of
from offices.queries.seats import Seat
from workflows.queries import inbox
from workflows.queries.deadlines import day_text


class Shell:
    """The surroundings of one page."""

    def __init__(self, request: HttpRequest) -> None:
        self.path = request.path
        self.seat: Seat | None = getattr(request, "seat", None)
        self._counts = getattr(request, "inbox_counts", None)

    @cached_property
    def cycle(self) -> Cycle | None:
        """The cycle that the year's pages are about."""
        return chosen(cycles_of(self.seat)) if self.seat else None

    @cached_property
    def counts(self) -> inbox.Counts:
        """The open tasks of the seat, shared with the inbox page where it has counted them already."""
        if self._counts is not None:
            return self._counts  # type: ignore[no-any-return]
        return inbox.counts(self.seat) if self.seat else inbox.Counts()

    @cached_property
    def nav(self) -> list[dict[str, Any]]:
        """The groups of the sidebar."""
        if not self.seat:
            return []
        groups = navigation_of(self.seat.capacity, self.cycle)
        return [{"title": title, "items": [self._item(each) for each in items]} for title, items in groups]

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        """The phone's bottom bar."""
        return [self._item(each) for each in tabs_of(self.seat.capacity, self.cycle)] if self.seat else []

    def _item(self, entry: Entry) -> dict[str, Any]:
        inside = self.path == entry.url or (entry.deep and self.path.startswith(entry.url))
        counted = entry.url == "/inbox/"
        return {
            "url": entry.url,
            "label": entry.label,
            "icon": entry.icon,
            "active": inside,
            "count": self.counts.all if counted else 0,
            "overdue": bool(counted and self.counts.overdue),
        }

    @cached_property
    def me(self) -> dict[str, Any] | None:
        """The person, the office acted for, and the offices to switch to."""
        if not self.seat:
            return None
        return {
            "name": self.seat.user.name,
            "office_title": self.seat.office.title,
            "offices": [
                {"id": office.pk, "title": office.title, "active": office.pk == self.seat.office.pk}
                for office in self.seat.offices
            ],
        }

    @cached_property
    def clock_banner(self) -> str | None:
        """The sentence that says the business clock is shifted."""
        if not self.seat or not clock.offset():
            return None
        return f"演示时钟：业务日期为 {day_text(clock.local_date(self.seat.at))}，不是今天的日期。"


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of `base.html`; signed out nothing is shown."""
    surroundings = Shell(request)

    def lazy(name: str) -> Any:
        return SimpleLazyObject(lambda: getattr(surroundings, name))

    return {
        "nav": lazy("nav"),
        "tabs": lazy("tabs"),
        "me": lazy("me"),
        "cycle_title": SimpleLazyObject(lambda: surroundings.cycle.title if surroundings.cycle else ""),
        "clock_banner": lazy("clock_banner"),
        "demo_banner": SimpleLazyObject(lambda: bool(surroundings.cycle and surroundings.cycle.is_demo)),
    }
