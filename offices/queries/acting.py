"""Who may act for an office at this moment."""

import datetime as dt
from uuid import UUID

from django.db import connection

from audit.actor import Actor
from audit.refusals import NotAllowed
from offices.queries.directory import office_of

_SQL = """
SELECT m.at, u.id, u.name, o.id, o.title, p.role, p.in_place_of_id,
  (SELECT name FROM offices_user b WHERE b.id = p.in_place_of_id)
FROM (SELECT business_now() AS at) m
JOIN offices_office o ON o.id = %(office)s
LEFT JOIN offices_user u ON u.id = %(user)s AND u.is_active
LEFT JOIN offices_posting p ON p.user_id = u.id AND p.office_id = o.id
  AND (m.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.since AND coalesce(p.until, 'infinity')
  AND (%(role)s = '' OR p.role = %(role)s)
ORDER BY p.role = 'head' DESC NULLS LAST, p.in_place_of_id NULLS FIRST LIMIT 1
"""


def acting(user_id: UUID, office_id: UUID, *, role: str = "") -> tuple[Actor, dt.datetime]:
    """Return the person as actor of the office, and the business time at which that was looked up.

    `role` may be `head` or `handler` (empty: any). Raises NotAllowed when the person holds no such
    posting today. Call it after the lock: the moment it returns is the moment of the action.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"user": user_id, "office": office_id, "role": role})
        row = cursor.fetchone()
    if row is None or row[5] is None:
        title = row[4] if row else "该办事机构"
        who = {"head": "负责人", "handler": "经办人员"}.get(role, "工作人员")
        raise NotAllowed(f"此事项由{title}的{who}办理，你目前没有这一任职，请联系本单位负责人。")
    at, user, name, office, title, held, behalf, behalf_name = row
    return Actor(user, name, office, title, held, behalf, behalf_name or ""), at


def acting_as(user_id: UUID, owner_id: UUID, capacity: str, *, role: str = "") -> tuple[Actor, dt.datetime]:
    """Return the person as actor of the one office of `capacity` in the government `owner_id`.

    Raises NotAllowed when the person holds no posting there, NotPossible when there is no such office.
    """
    return acting(user_id, office_of(owner_id, capacity), role=role)
