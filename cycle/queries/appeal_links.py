"""Where a unit's own pages lead to an appeal: only for the unit itself, and while it may."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from cycle.models import ScoringRun, Subject
from cycle.queries.points import points_of
from cycle.queries.windows import Window, windows_of


def own_window(seat: Any, subject: Subject) -> Window | None:
    """The acting unit's open window, else its last; None for others and before the first."""
    windows = windows_of(subject) if subject.office_id == seat.office.pk else []
    opened = (each for each in windows if each.is_open(seat.at))
    return next(opened, windows[0] if windows else None)


def appeals_url(seat: Any, subject: Subject | None) -> str:
    """The address of the acting unit's appeals of a year; empty for others."""
    if subject is None or subject.office_id != seat.office.pk:
        return ""
    return f"{reverse('appeals')}?{urlencode({'year': subject.cycle.year})}"


def indicator_urls(subject: Subject, run: ScoringRun) -> dict[str, str]:
    """Where an appeal on each indicator begins, by the key that the explanation of the result uses."""
    return {
        f"indicator:{point.indicator.key}": new_url(subject, point.id)
        for point in points_of(subject, run)
        if point.indicator
    }


def new_url(subject: Subject, point_id: str) -> str:
    """Return the address where an appeal on a point begins."""
    return f"{reverse('appeal-new')}?{urlencode({'unit': subject.pk, 'point': point_id})}"
