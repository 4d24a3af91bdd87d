"""Accounts with their postings, for the system administrator."""

import datetime as dt

from django.db.models import Prefetch, Q, QuerySet

from offices.models import Posting, User


def accounts(day: dt.date, text: str = "") -> QuerySet[User]:
    """Return all accounts, or those that `text` matches by name, username or organisation.

    Postings in force on `day` are loaded as `seats`.
    """
    in_force = Posting.objects.filter(since__lte=day).exclude(until__lt=day)
    rows = User.objects.prefetch_related(
        Prefetch("postings", in_force.select_related("office__organisation"), to_attr="seats")
    )
    if text:
        seated = in_force.filter(
            Q(office__title__icontains=text) | Q(office__organisation__title__icontains=text)
        )
        rows = rows.filter(
            Q(username__icontains=text) | Q(name__icontains=text) | Q(pk__in=seated.values("user"))
        )
    return rows.order_by("username")
