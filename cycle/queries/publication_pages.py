"""Lists of what was made public, and what stands beside a document: until when, what came before, after."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse

from audit import clock
from cycle.models import Cycle, Publication, Rectification, Subject
from cycle.queries.letters import issuer_of
from cycle.queries.publicity import later_than
from cycle.queries.rectifications import audience_of

Note = dict[str, Any]
_WEEKDAYS = "一二三四五六日"


def public_publications() -> list[Publication]:
    """Return what everybody may read, of whatever cycle, the newest first; nothing of a cancelled year."""
    rows = Publication.objects.filter(audience=Publication.Audience.PUBLIC)
    rows = rows.exclude(published_at=None).exclude(content_digest="").exclude(cycle__state="cancelled")
    return list(rows.select_related("cycle__owner", "run").order_by("-cycle__year", "-published_at", "key"))


def by_year(shown: Iterable[Publication]) -> list[dict[str, Any]]:
    """Return the public list, newest year first: what was published, by whom, is progress shown."""
    rows: dict[int, list[dict[str, Any]]] = {}
    issuers: dict[UUID, str] = {}
    for each in shown:
        owner = each.cycle.owner_id
        issuers[owner] = issuers.get(owner) or issuer_of(owner)
        rows.setdefault(each.cycle.year, []).append({"shown": each, "issuer": issuers[owner]})
    progress = _years_of_progress()
    return [
        {"year": year, "rows": rows.get(year, []), "has_progress": year in progress}
        for year in sorted({*rows, *progress}, reverse=True)
    ]


def _years_of_progress() -> set[int]:
    """The years whose key items of rectification everybody may follow (杭州 31 条)."""
    cycles = Cycle.objects.exclude(state__in=["preparation", "cancelled"])
    public = {each.year for each in cycles if audience_of(each) == Publication.Audience.PUBLIC}
    listed = Rectification.objects.filter(cycle__year__in=public, is_key=True)
    return set(listed.values_list("cycle__year", flat=True))


def table_of(shown: Sequence[Publication], caption: str) -> dict[str, Any]:
    """Return a list for components/data_table.html, the newest first."""
    labels = ("事项", "公开对象", "公开时间", "公示截止", "状态")
    return {
        "caption": caption,
        "cards": True,
        "columns": [{"label": label} for label in labels],
        "rows": [{"cells": _cells(each, labels)} for each in reversed(shown)],
    }


def _cells(each: Publication, labels: Sequence[str]) -> list[dict[str, Any]]:
    tone = {"published": "warn", "closed": "neutral", "posted": "good"}[str(each.state)]
    values: list[dict[str, Any]] = [
        {"text": each.title, "url": reverse("publication", args=[each.pk])},
        {"text": each.get_audience_display()},
        {"text": day_of(each.published_at)},
        {"text": f"{day_of(each.last_day)} 24 时" if each.closes_at else "—"},
        {"tag": each.state_title, "tone": tone},
    ]
    return [value | {"label": label} for value, label in zip(values, labels, strict=True)]


def day_of(moment: dt.datetime | dt.date | None) -> str:
    """Return a day in words: 2027-01-15 周五."""
    if moment is None:
        return "—"
    day = clock.local_date(moment) if isinstance(moment, dt.datetime) else moment
    return f"{day:%Y-%m-%d} 周{_WEEKDAYS[day.weekday()]}"


def notes_for(seat: Any, shown: Publication, seen: Mapping[UUID, Publication]) -> list[Note]:
    """Return what a signed-in reader should know: until when to object, and what came later."""
    found = _standing(shown, seen, "publication")
    if shown.closes_at and shown.closes_at > seat.at:
        last = f"{day_of(shown.last_day)} 24 时"
        units = Subject.objects.filter(cycle=shown.cycle, office=seat.office, group=shown.group)
        own = seat.office.capacity == "unit" and units.exists()
        text = (
            "你单位对自己的结果有异议的，可以在此之前提出申诉。"
            if own
            else "公示期内，本组单位可以提出申诉。"
        )
        items = [{"text": "提出申诉", "url": reverse("appeals")}] if own else []
        found.insert(0, {"tone": "warn", "title": f"公示期到 {last}止", "text": text, "items": items})
    return found


def public_notes(shown: Publication, public: Mapping[UUID, Publication]) -> list[Note]:
    """Return what a reader without an account should know; it leads to nothing that is not public."""
    return _standing(shown, public, "public-document")


def _standing(shown: Publication, readable: Mapping[UUID, Publication], name: str) -> list[Note]:
    """A newer publication of the same group, and the older ones; only what this reader may open."""
    found: list[Note] = []
    later = later_than(shown)
    if later and later.pk in readable:
        items = [{"text": later.title, "url": reverse(name, args=[later.pk])}]
        text = "本组的同类内容此后又公开过，以最近一次公开的为准。"
        found.append({"tone": "warn", "title": "这不是最近一次公开", "text": text, "items": items})
    earlier = [
        {"text": f"{each.title}（{day_of(each.published_at)}）", "url": reverse(name, args=[each.pk])}
        for each in readable.values()
        if _is_earlier(each, shown)
    ]
    if earlier:
        title = "本组以前公开过的同类内容"
        found.append({"tone": "info", "title": title, "text": "", "items": earlier})
    return found


def _is_earlier(each: Publication, than: Publication) -> bool:
    return bool(
        each.pk != than.pk
        and (each.cycle_id, each.what, each.group) == (than.cycle_id, than.what, than.group)
        and each.published_at
        and than.published_at
        and each.published_at < than.published_at
    )
