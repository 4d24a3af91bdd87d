"""Who reads what was made public: by audience, by office, and without signing in."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client

from audit import clock
from cycle.models import Cycle, Publication, Rectification
from tests.cast import signed_in
from tests.county import County
from tests.cycle.publicity import AFTER, adopt, content, prepare, press, publication, rescored
from tests.small_county import publish

GROUP, OTHER, LEADER, COLLECTOR, USER, CLERK, LEADING, AUDITOR, SYSADMIN = (
    "nanniu-head",
    "caizheng-head",
    "leader",
    "collector",
    "zuzhibu-head",
    "jxb-clerk",
    "lingdaoxiaozu-handler",
    "auditor",
    "sysadmin",
)
ROLES = (GROUP, OTHER, LEADER, COLLECTOR, USER, CLERK, LEADING, AUDITOR, SYSADMIN)
INSIDE = {GROUP, LEADER, CLERK, LEADING, AUDITOR}
"""The group's units, the leader who answers for one of them, and who oversees everything."""
READERS = {"inside": INSIDE, "units": set(ROLES) - {SYSADMIN}, "public": set(ROLES) - {SYSADMIN}}


def address(what: str, group: str = "township") -> str:
    return f"/publications/{publication(what, group).pk}/"


@pytest.mark.parametrize("audience", list(READERS))
def test_who_may_read_what_is_shown(assessed: County, audience: str) -> None:
    adopt(assessed, show={"audience": audience})
    publish(assessed.cycle)
    page = address("show")
    assert {role for role in ROLES if signed_in(role).get(page).status_code == 200} == READERS[audience]
    assert {role for role in ROLES if signed_in(role).get(page).status_code == 404} == (
        set(ROLES) - READERS[audience]
    )
    listed = {
        role
        for role in ROLES
        if publication("show").title in signed_in(role).get("/publications/").content.decode()
    }
    assert listed == READERS[audience]
    assert Client().get(page).status_code == 302
    public = Client().get(f"/public/{publication('show').pk}/").status_code
    assert public == (200 if audience == "public" else 404)


@pytest.mark.parametrize("audience", list(READERS))
def test_the_table_of_results_is_seen_by_the_same(assessed: County, audience: str) -> None:
    adopt(assessed, show={"audience": audience})
    publish(assessed.cycle)
    for role in set(ROLES) - {SYSADMIN}:
        tables = signed_in(role).get("/results/2026/").context["tables"]
        assert ("township" in [table.group for table in tables]) == (role in READERS[audience]), role
    own = {"nanniu", "caizheng"}
    opened = {code for code in own if signed_in(OTHER).get(f"/results/2026/{code}/").status_code == 200}
    assert opened == {"caizheng"}, "how a unit came to its points is its own"


def test_whoever_carries_out_a_use_sees_the_result_it_rests_on(uses: County) -> None:
    """Also where the results are for the group's own units only: but not the whole table."""
    Publication.objects.filter(what__in=("show", "final")).update(audience="inside")
    matter = uses.matter("consequence", unit="nanniu", key="copy_promotion")
    assert matter.office.capacity == "performance_office"
    matter = uses.cycle.matters.filter(kind="consequence", office__capacity="county_government").first()
    assert matter is not None
    assert (
        signed_in("xianweixianzhengfu-handler").get(f"/results/2026/{matter.unit.code}/").status_code == 200
    )


def test_nothing_is_public_unless_the_policy_says_so(uses: County) -> None:
    """Targets, notices, provisional and approved results of the year: all shown, none to everybody."""
    assert Publication.objects.exclude(published_at=None).count() > 6
    page = Client().get("/public/")
    assert "目前没有向社会公开的事项" in page.content.decode()
    for each in Publication.objects.all():
        assert Client().get(f"/public/{each.pk}/").status_code == 404


def test_a_public_page_has_no_way_into_the_product(feedback: County) -> None:
    adopt(feedback, final={"audience": "public"})
    press(feedback, "post")
    shown = publication("final")
    listed = Client().get("/public/")
    page = Client().get(f"/public/{shown.pk}/")
    assert f'href="/public/{shown.pk}/"' in listed.content.decode()
    for answer in (listed, page):
        text = answer.content.decode()
        assert "演示数据，非真实考核结果" in text
        links = {part.split('"')[0] for part in text.split('href="')[1:]}
        assert {link.split("/")[1] for link in links} <= {"static", "public"}
        assert "csrf" not in text
        assert answer["Cache-Control"] == "public, max-age=300"
        assert not answer.cookies
        own = signed_in(CLERK).get(answer.request["PATH_INFO"])
        assert own.content == answer.content, "nothing on it depends on who reads it"
        assert own["Cache-Control"] == "no-store", "it may carry a session's cookie"
        assert Client().post(answer.request["PATH_INFO"]).status_code == 405
    assert shown.content_digest in page.content.decode()
    assert "经批准的考核结果予以公布" in page.content.decode()


def test_only_what_was_shown_to_everybody_is_there(feedback: County) -> None:
    adopt(feedback, final={"audience": "public"})
    waiting = publication("final")
    for unknown in (waiting.pk, publication("show").pk, publication("targets").pk, uuid4()):
        assert Client().get(f"/public/{unknown}/").status_code == 404
    assert Client().get("/public/../office/").status_code == 404
    press(feedback, "post")
    assert Client().get(f"/public/{waiting.pk}/").status_code == 200
    Cycle.objects.update(state="cancelled")
    assert Client().get(f"/public/{waiting.pk}/").status_code == 404
    assert str(waiting.pk) not in Client().get("/public/").content.decode()


def test_the_progress_of_key_items_is_found_from_the_public_list(uses: County) -> None:
    adopt(uses, "feedback", "rectification", result={"audience": "public"})
    address = 'href="/public/rectify/2026/"'
    Rectification.objects.update(is_key=False)
    assert address not in Client().get("/public/").content.decode()
    Rectification.objects.filter(subject__code="nanniu").update(is_key=True)
    assert address in Client().get("/public/").content.decode()
    assert Client().get("/public/rectify/2026/").status_code == 200
    adopt(uses, "feedback", "rectification", result={"audience": "units"})
    assert address not in Client().get("/public/").content.decode()


def test_whoever_has_no_account_finds_the_public_list(preparation: County) -> None:
    assert 'href="/public/"' in Client().get("/login/").content.decode()
    assert Client().get("/public/").status_code == 200


# In the window


def test_a_unit_is_told_until_when_it_may_object(published: County) -> None:
    own = signed_in(GROUP).get(address("show")).content.decode()
    assert "公示期到 2027-01-15 周五 24 时止" in own
    assert 'href="/appeals/"' in own
    office = signed_in(CLERK).get(address("show")).content.decode()
    assert "公示期到 2027-01-15 周五 24 时止" in office
    assert 'href="/appeals/"' not in office
    clock.move_to(clock.at(dt.date(2027, 1, 16)))
    assert "公示期到 2027-01-15 周五 24 时止" not in signed_in(GROUP).get(address("show")).content.decode()


def test_the_list_says_what_runs_and_what_is_over(published: County) -> None:
    page = signed_in(GROUP).get("/publications/")
    running = [row["cells"][0]["text"] for row in page.context["running"]["rows"]]
    assert running == ["乡镇政府考核结果公示"]
    (row,) = page.context["running"]["rows"]
    assert [cell.get("text", cell.get("tag")) for cell in row["cells"]][1:] == [
        "本组单位", "2027-01-08 周五", "2027-01-15 周五 24 时", "公示中",
    ]  # fmt: skip
    ended = [row["cells"][0]["text"] for row in page.context["ended"]["rows"]]
    assert len([title for title in ended if title.endswith("绩效目标公布")]) == 3, "shown to all units"
    clock.move_to(clock.at(dt.date(2027, 1, 16)))
    assert signed_in(GROUP).get("/publications/").context["running"]["rows"] == []


def test_results_page_leads_to_the_publicity(published: County) -> None:
    text = signed_in(GROUP).get("/results/2026/").content.decode()
    assert f'href="{address("show")}"' in text
    assert 'href="/publications/?year=2026"' in text


def test_who_may_not_be_rated_among_the_best_is_named(published: County) -> None:
    text = signed_in(OTHER).get(address("show", "department")).content.decode()
    assert "注：统计局取消评先资格。" in text
    assert "取消评先资格" not in signed_in(GROUP).get(address("show")).content.decode()


# One after the other


def test_the_newer_and_the_older_are_linked(published: County) -> None:
    first = address("show", "heritage")
    published.move_to(AFTER)
    press(published, "close")
    rescored(published)
    prepare(published)
    assert "这不是最近一次公开" not in signed_in("zhujian-head").get(first).content.decode()
    press(published, "publish")
    second = address("show", "heritage")
    older = signed_in("zhujian-head").get(first).content.decode()
    assert "这不是最近一次公开" in older
    assert f'href="{second}"' in older
    newer = signed_in("zhujian-head").get(second).content.decode()
    assert f'href="{first}"' in newer
    assert "本组的同类内容曾于 2027 年 1 月 8 日公开" in newer


@pytest.mark.parametrize("what", ["targets", "notice", "show", "final"])
def test_every_kind_is_a_document(uses: County, what: str) -> None:
    shown = publication(what)
    text = signed_in(GROUP).get(address(what)).content.decode()
    assert f"2026 年度{shown.title}" in text
    assert content(shown)["issuer"] in text
    assert "演示数据，非真实考核结果" in text
    assert "南牛乡" in text
    assert shown.content_digest in text
