"""Accounts: signing in with a lock after repeated failures, passwords, switching an account off.

GB/T 22239-2019, 8.1.4.1: failed sign-ins are limited and every attempt is on record. The ledger is the
counter, so that several web servers count together and nobody can reset it unseen.
"""

import datetime as dt
import json
import secrets
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from audit import clock, ledger
from audit.actor import Actor
from audit.ids import uuid7
from audit.models import Event
from audit.refusals import NotAllowed, NotFound, NotPossible
from offices.models import Office, User
from offices.queries.acting import acting

MAX_FAILURES = 5
LOCKED_FOR = dt.timedelta(minutes=30)
WRONG = "账号或密码不正确，请核对后重新输入。"


def sign_in(username: str, password: str, *, address: str = "") -> User:
    """Return the account whose password this is; success, failure and lock are recorded.

    Raises NotAllowed with one sentence for a wrong password, an unknown and a switched-off account alike, and
    NotPossible for `LOCKED_FOR` after `MAX_FAILURES` failures in a row. Attempts on one name wait their turn.
    """
    name = username.strip().lower()[:60]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [name])
        user = User.objects.filter(username__iexact=name).first()
        locked_until = _locked_until(name)
        kind = "locked" if locked_until else "ok" if _is_right(user, password) else "failed"
        who = Actor(user.pk, user.name) if user else Actor(None, "未知账号")
        ledger.note(f"sign_in.{kind}", f"sign_in/{uuid7()}", by=who, username=name, address=address)
        left = MAX_FAILURES - len(_failures(name)) if kind == "failed" else 0
    if locked_until:
        raise NotPossible(f"这个账号连续输错密码已被锁定，请在 {clock.local(locked_until):%H:%M} 以后再试。")
    if user is None or kind == "failed":
        more = f"再输错 {left} 次将锁定 30 分钟。" if left else "已锁定 30 分钟，急需使用的请联系系统管理员。"
        raise NotAllowed(WRONG + more)
    return user


def _is_right(user: User | None, password: str) -> bool:
    """Compare the password; takes as long for an account that is not there."""
    if user is None:
        make_password(password)
        return False
    return user.check_password(password) and user.is_active


def _failures(name: str) -> list[dt.datetime]:
    """When sign-ins under this name failed of late, oldest first, since the last success or release."""
    mark = f'"username":{json.dumps(name, ensure_ascii=False)}'
    types = ["sign_in.failed", "sign_in.ok", "sign_in.released"]
    rows = Event.objects.filter(type__in=types, at__gte=clock.now() - LOCKED_FOR, body__contains=mark)
    found: list[dt.datetime] = []
    for kind, at in rows.order_by("at", "pk").values_list("type", "at"):
        found = [*found, at] if kind == "sign_in.failed" else []
    return found


def _locked_until(name: str) -> dt.datetime | None:
    failures = _failures(name)
    return failures[-1] + LOCKED_FOR if len(failures) >= MAX_FAILURES else None


def sign_out(user: User) -> None:
    """Record that somebody signed out."""
    ledger.note("sign_out", f"sign_out/{uuid7()}", by=Actor(user.pk, user.name))


@ledger.service
def change_password(user_id: UUID, *, old: str, new: str) -> User:
    """Change one's own password; raises NotPossible naming the field that is wrong or too weak."""
    user = User.objects.select_for_update().get(pk=user_id)
    if not user.check_password(old):
        raise NotPossible("现在的密码不正确，请重新输入。", field="old")
    if old == new:
        raise NotPossible("新密码不能与现在的密码相同，请换一个。", field="new")
    try:
        validate_password(new, user)
    except ValidationError as weak:
        raise NotPossible("".join(weak.messages), field="new") from weak
    user.set_password(new)
    user.save(update_fields=["password"])
    _record(user, "change_password", by=Actor(user.pk, user.name))
    return user


@ledger.service
def reset_password(account_id: UUID, *, user_id: UUID, office_id: UUID) -> str:
    """Give an account a new random password and return it, to be shown once; done by a system administrator.

    It also releases a lock.
    """
    user, by = _administered(account_id, user_id, office_id)
    password = secrets.token_urlsafe(9)
    user.set_password(password)
    user.save(update_fields=["password"])
    _record(user, "reset_password", by=by)
    name = user.username.lower()
    ledger.record(
        "sign_in.released", f"sign_in/{uuid7()}", by=by, at=clock.now(), new_stream=True, username=name
    )
    return password


@ledger.service
def set_active(account_id: UUID, active: bool, *, user_id: UUID, office_id: UUID) -> None:
    """Switch an account on or off; accounts are never deleted. Nobody switches off their own."""
    user, by = _administered(account_id, user_id, office_id)
    if user.pk == user_id:
        raise NotPossible("不能停用自己的账号，请由另一名系统管理员办理。")
    if user.is_active == active:
        raise NotPossible(f"这个账号已经{'启用' if active else '停用'}，不需要重复办理。")
    user.is_active = active
    user.save(update_fields=["is_active"])
    _record(user, "set_active", by=by, active=active)


def _administered(account_id: UUID, user_id: UUID, office_id: UUID) -> tuple[User, Actor]:
    """Hold an account for a system administrator, or refuse."""
    user = User.objects.select_for_update().filter(pk=account_id).first()
    if user is None:
        raise NotFound("没有找到这个账号，请刷新页面后再试。")
    return user, administrator(user_id, office_id)


def administrator(user_id: UUID, office_id: UUID) -> Actor:
    """Return the person as actor of a system administrators' office; else raises NotAllowed."""
    if not Office.objects.filter(pk=office_id, capacity="sysadmin").exists():
        raise NotAllowed("账号和岗位由系统管理员维护，请联系系统管理员办理。")
    return acting(user_id, office_id)[0]


def _record(user: User, verb: str, *, by: Actor, **changed: object) -> None:
    ledger.record(f"user.{verb}", f"user/{user.pk}", by=by, at=clock.now(), set=changed)
