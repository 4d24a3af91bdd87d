"""Seating a person in an office by decision, from today to a date (dated posting)."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from offices.models import Office, Posting, User


@ledger.service
def seat(
    user_id: UUID, office_id: UUID, *, role: str, until: dt.date, why: str, by: Actor, at: dt.datetime
) -> UUID:
    """Seat a person in an office until a day; whoever calls has checked that `by` may.

    Raises NotPossible for an account that is not in use, a day that is over, or a seat that is held already.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    office, today = Office.objects.get(pk=office_id), clock.local_date(at)
    if not user.is_active:
        raise NotPossible(f"{user.name}的账号已经停用，请另行指定人员。", field="person")
    if until < today:
        raise NotPossible("任职止日不能早于今天，请重新填写。", field="until")
    held = Posting.objects.filter(user=user, office=office, role=role, since__lte=until)
    if held.exclude(until__lt=today).exists():
        raise NotPossible(f"{user.name}目前已经在{office.title}任职，不需要再次指定。", field="person")
    posting = Posting.objects.create(user=user, office=office, role=role, since=today, until=until)
    ledger.record(
        "posting.create",
        f"posting/{posting.pk}",
        by=by,
        at=at,
        new_stream=True,
        why=why,
        set={"user_id": user.pk, "office_id": office.pk, "role": role, "since": today, "until": until},
    )
    return posting.pk
