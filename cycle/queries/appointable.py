"""Whom the leading group may appoint where nobody in the reviewing office is left: free of conflict."""

import datetime as dt

from django.db.models import Q

from audit import clock
from cycle.models import Appeal
from cycle.queries.conflicts import Conflicts
from offices.models import Posting
from offices.queries.directory import family

NEVER = ("unit", "county_leader", "auditor", "sysadmin")
"""Assessed units judge nobody; leaders, auditors and the administrator keep their own part."""


def appointable(appeal: Appeal, at: dt.datetime) -> list[Posting]:
    """Return one posting each of the people who could review the appeal, by office and name.

    Whoever sits in the reviewing office already is not among them: there everybody has a conflict.
    """
    today = clock.local_date(at)
    rows = Posting.objects.filter(since__lte=today, user__is_active=True, in_place_of__isnull=True)
    rows = rows.filter(Q(until__isnull=True) | Q(until__gte=today))
    rows = rows.filter(office__organisation__in=family(appeal.cycle.owner_id))
    rows = rows.exclude(office__capacity__in=NEVER).exclude(office=appeal.office_id)
    rows = rows.exclude(office__organisation=appeal.unit.organisation_id)
    rows = rows.order_by("office__title", "user__name", "user__username").select_related("office", "user")
    found = {posting.user_id: posting for posting in reversed(rows)}
    conflicts = Conflicts(appeal, at)
    conflicts.read(found)
    return [posting for posting in reversed(found.values()) if not conflicts.reason(posting.user_id)]
