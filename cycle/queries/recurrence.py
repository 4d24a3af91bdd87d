"""The same problem again, in another year or after its closing: what counts as the same, how that is said."""

import unicodedata

from django.db.models import Q

from cycle.models import Rectification, Subject


def topic_of(text: str) -> str:
    """Return a topic as it is stored and compared: one form of every sign, no needless spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())[:120]


def earlier(subject: Subject, topic: str, indicator_key: str = "") -> Rectification | None:
    """Return the newest earlier rectification about the same thing, None where there is none.

    Of an earlier year, or closed already in this one: what comes back after its closing was not rectified.
    The same thing: the same organisation, and the same topic or the same indicator. What was taken off the
    list does not count.
    """
    same = Q(topic__iexact=topic)
    if indicator_key:
        same |= Q(indicator__key=indicator_key)
    rows = Rectification.objects.filter(same, subject__organisation=subject.organisation_id)
    before = Q(cycle__year__lt=subject.cycle.year) | Q(cycle=subject.cycle_id, state="closed")
    rows = rows.filter(before, cycle__owner=subject.cycle.owner_id)
    rows = rows.exclude(state="revoked").exclude(cycle__state="cancelled")
    return rows.select_related("cycle").order_by("-cycle__year", "-created_at").first()


def years_before(found: Rectification | None) -> list[int]:
    """Return the years in which the problem was listed up to the one found, oldest first."""
    return [*found.text.get("years", []), found.cycle.year] if found else []


def repeat_words(years: list[int]) -> str:
    """Say that a problem has come back: once, or again and again; empty for a new one."""
    if not years:
        return ""
    listed = "、".join(str(year) for year in dict.fromkeys(years))
    if len(years) == 1:
        return f"重复出现：{listed} 年度已经列入过整改"
    return f"多次重复出现：{listed} 年度都列入过整改，这是第 {len(years) + 1} 次"
