"""Signing in and out, the lock after failures, one's own password, the acting office."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from audit import clock
from audit.models import Event
from offices.models import User
from offices.services import accounts
from tests.cast import signed_in
from tests.county import County, refused
from tests.small_county import PASSWORD


def enter(username: str, password: str, **more: str) -> Any:
    return Client().post("/login/", {"username": username, "password": password, **more})


def types() -> list[str]:
    return list(
        Event.objects.filter(type__startswith="sign_").order_by("at", "id").values_list("type", flat=True)
    )


def test_signing_in_leads_to_where_the_day_begins_and_is_recorded(monitoring: County) -> None:
    client = Client()
    answer = client.post("/login/", {"username": "Nanniu-Handler", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/", 302), ("/inbox/", 302)]
    assert types() == ["sign_in.ok"]
    event = Event.objects.get(type="sign_in.ok")
    assert (event.actor_name, event.facts["username"]) == ("演示·南牛乡经办员", "nanniu-handler")
    assert client.post("/logout/").status_code == 302
    assert types() == ["sign_in.ok", "sign_out"]
    assert client.get("/inbox/")["Location"] == "/login/?next=/inbox/"


@pytest.mark.parametrize(
    ("username", "home"),
    [("jxb-clerk", "/office/"), ("auditor", "/audit/"), ("sysadmin", "/accounts/"), ("leader", "/inbox/"),
     ("collector", "/inbox/"), ("lingdaoxiaozu-handler", "/office/")],
)  # fmt: skip
def test_everybody_begins_at_home(monitoring: County, username: str, home: str) -> None:
    assert signed_in(username).get("/")["Location"] == home


def test_wrong_passwords_and_unknown_accounts_are_told_alike(monitoring: County) -> None:
    for username in ("nanniu-handler", "nobody-here"):
        page = enter(username, "wrong")
        assert page.status_code == 422
        assert "账号或密码不正确，请核对后重新输入。再输错 4 次将锁定 30 分钟。" in page.content.decode()
    assert types() == ["sign_in.failed", "sign_in.failed"]
    assert "wrong" not in "".join(Event.objects.values_list("body", flat=True))


def test_five_failures_lock_the_account_for_half_an_hour(monitoring: County) -> None:
    for _ in range(5):
        page = enter("nanniu-handler", "wrong")
    assert "已锁定 30 分钟" in page.content.decode()
    assert "已被锁定" in enter("NANNIU-HANDLER", PASSWORD).content.decode()
    assert enter("nanniu-head", PASSWORD).status_code == 302
    clock.move_to(clock.now() + dt.timedelta(minutes=31))
    assert enter("nanniu-handler", PASSWORD).status_code == 302
    assert types() == ["sign_in.failed"] * 5 + ["sign_in.locked", "sign_in.ok", "sign_in.ok"]


def test_a_success_forgets_earlier_failures(monitoring: County) -> None:
    for _ in range(4):
        enter("nanniu-handler", "wrong")
    assert enter("nanniu-handler", PASSWORD).status_code == 302
    assert "再输错 4 次" in enter("nanniu-handler", "wrong").content.decode()


def test_an_administrator_releases_a_lock_with_a_new_password(monitoring: County) -> None:
    for _ in range(5):
        enter("nanniu-handler", "wrong")
    person = monitoring.user("nanniu-handler")
    page = signed_in("sysadmin").post(f"/accounts/{person}/password/")
    password = page.context["password"]
    assert f'<output class="secret mono">{password}</output>' in page.content.decode()
    assert password not in "".join(Event.objects.values_list("body", flat=True))
    assert enter("nanniu-handler", password).status_code == 302
    assert enter("nanniu-handler", PASSWORD).status_code == 422


def test_a_switched_off_account_cannot_enter_and_its_session_ends(monitoring: County) -> None:
    client, admin, person = signed_in("collector"), signed_in("sysadmin"), monitoring.user("collector")
    admin.post(f"/accounts/{person}/active/", {"active": "no"})
    assert enter("collector", PASSWORD).status_code == 422
    assert client.get("/inbox/").status_code == 302
    assert not User.objects.get(pk=person).is_active
    with refused("不能停用自己的账号，请由另一名系统管理员办理。"):
        me = monitoring.user("sysadmin")
        accounts.set_active(me, False, user_id=me, office_id=monitoring.office("sysadmin").pk)


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_the_way_on_stays_on_this_site(monitoring: County, target: str) -> None:
    assert enter("nanniu-handler", PASSWORD, next=target)["Location"] == "/"


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(monitoring: County) -> None:
    here, elsewhere = signed_in("nanniu-handler"), signed_in("nanniu-handler")
    wrong = here.post("/me/password/", {"old": "no", "new": "long-enough-11", "repeated": "long-enough-11"})
    assert "现在的密码不正确，请重新输入。" in wrong.content.decode()
    weak = here.post("/me/password/", {"old": PASSWORD, "new": "1234567890", "repeated": "1234567890"})
    assert weak.status_code == 422
    twice = here.post(
        "/me/password/", {"old": PASSWORD, "new": "long-enough-11", "repeated": "long-enough-12"}
    )
    assert "两次输入的新密码不一致，请重新输入。" in twice.content.decode()
    done = here.post(
        "/me/password/", {"old": PASSWORD, "new": "long-enough-11", "repeated": "long-enough-11"}
    )
    assert done.status_code == 302
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert Event.objects.filter(type="user.change_password").count() == 1


def test_a_person_of_two_offices_acts_for_one_at_a_time(monitoring: County) -> None:
    client = signed_in("fagai-head", monitoring.office("unit", "fagai").pk)
    assert "发改局（会审单位）" in client.get("/me/").content.decode()
    review = monitoring.office("joint_review", "fagai")
    client.post("/me/office/", {"office": str(review.pk)})
    assert client.session["acting_office"] == str(review.pk)
    assert client.post("/me/office/", {"office": str(monitoring.office("auditor").pk)}).status_code == 404


def test_somebody_without_a_posting_is_told_so(monitoring: County) -> None:
    user = User.objects.create_user("newcomer", PASSWORD, name="演示·新到任人员")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/")
    assert page.status_code == 403
    assert "没有在任何机构任职" in page.content.decode()
    assert client.get("/inbox/").status_code == 404
