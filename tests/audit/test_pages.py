"""The auditors' pages: search, one event, the ledger verified, refusals, sign-ins; for auditors only."""

from __future__ import annotations

import csv
import io

import pytest

from audit import ledger
from audit.models import Event
from audit.queries import verifying
from tests.cast import signed_in
from tests.county import County

PAGES = ("/audit/", "/audit/integrity/", "/audit/refusals/", "/audit/signins/")


def test_auditors_only(monitoring: County) -> None:
    for username in ("jxb-chief", "nanniu-head", "sysadmin"):
        for address in PAGES:
            assert signed_in(username).get(address).status_code == 404
    for address in PAGES:
        assert signed_in("auditor").get(address).status_code == 200


def test_signed_out_one_is_asked_to_sign_in(monitoring: County, client: object) -> None:
    answer = client.get("/audit/")  # type: ignore[attr-defined]
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/audit/")


def found(query: str) -> list[Event]:
    return list(signed_in("auditor").get(f"/audit/{query}").context["found"].events)


def test_a_search_narrows_by_stream_type_person_office_and_days(monitoring: County) -> None:
    sheet = monitoring.matter("sheet", unit="nanniu")
    assert {event.stream for event in found(f"?stream=sheet/{sheet.pk}")} == {sheet.stream}
    assert {event.type for event in found("?type=sheet.sign")} == {"sheet.sign"}
    assert {event.actor_name for event in found("?person=南牛乡负责人")} == {"演示·南牛乡负责人"}
    assert {event.office_title for event in found("?office=财政局")} >= {"财政局"}
    assert found("?since=2030-01-01") == []
    assert found("?until=2020-01-01") == []
    assert len(found("?since=not-a-day")) == 50


def test_pages_go_back_in_time_without_a_gap(monitoring: County) -> None:
    client, seen, address = signed_in("auditor"), [], "/audit/?type=indicator."
    while address:
        page = client.get(address)
        seen += [event.pk for event in page.context["found"].events]
        address = f"/audit/{page.context['older']}" if page.context["older"] else ""
    assert len(seen) == len(set(seen)) == Event.objects.filter(type__startswith="indicator.").count() > 20


def test_one_event_shows_the_bytes_that_were_hashed(monitoring: County) -> None:
    event = Event.objects.filter(type="task.completed")[0]
    page = signed_in("auditor").get(f"/audit/events/{event.pk}/")
    assert page.context["stored"] == page.context["computed"] == ledger.leaf_hash(event.body).hex()
    assert page.context["event"].body == event.body
    assert f"/audit/p/{event.stream.removeprefix('process/')}/" in page.content.decode()


def test_the_whole_ledger_is_verified_and_that_is_on_record(monitoring: County) -> None:
    client, events = signed_in("auditor"), Event.objects.count()
    page = client.post("/audit/integrity/run/", follow=True)
    assert page.context["last"]["sound"]
    assert page.context["last"]["complete"]
    assert page.context["last"]["checked"] == events
    assert page.context["runs"][0]["event"].actor_name == "演示·绩效监督员"


def test_a_long_ledger_is_gone_on_with(monitoring: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "BATCH", 100)
    total = Event.objects.count()
    place, checked, rounds = ("", 0), 0, 0
    while True:
        part = verifying.verify_ledger(place, seconds=-1)
        checked, rounds, place = checked + part.checked, rounds + 1, part.last
        assert part.sound
        if part.complete:
            break
    assert (checked, rounds) == (total, total // 100 + 1)


def test_an_altered_record_is_named(monitoring: County, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = Event.objects.filter(type="sheet.sign")[0]
    honest = ledger.leaf_hash
    monkeypatch.setattr(verifying, "leaf_hash", lambda body: b"x" if body == victim.body else honest(body))
    page = signed_in("auditor").post("/audit/integrity/run/", follow=True)
    assert page.context["last"]["altered"] == [f"{victim.stream} 第 {victim.seq} 条"]
    assert "校验不通过" in page.content.decode()


def test_a_missing_record_is_named(monitoring: County, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = monitoring.matter("sheet", unit="nanniu")
    whole = verifying._from
    monkeypatch.setattr(
        verifying,
        "_from",
        lambda place: (each for each in whole(place) if (each.stream, each.seq) != (sheet.stream, 3)),
    )
    assert verifying.verify_ledger().gaps == [f"{sheet.stream} 缺第 3 至 3 条"]


def test_refusals_are_listed_with_their_sentence(monitoring: County) -> None:
    signed_in("jxb-clerk").post("/office/stage/monitoring/open/")
    rows = signed_in("auditor").get("/audit/refusals/").context["rows"]
    assert rows[0]["event"].type == "open_stage.refused"
    assert "负责人" in rows[0]["why"]


def test_sign_ins_are_listed(monitoring: County, client: object) -> None:
    client.post("/login/", {"username": "nanniu-head", "password": "wrong"})  # type: ignore[attr-defined]
    row = signed_in("auditor").get("/audit/signins/").context["rows"][0]
    assert (row["title"], row["username"], row["bad"]) == ("登录失败", "nanniu-head", True)


def test_what_the_search_finds_as_a_file(monitoring: County) -> None:
    content = signed_in("auditor").post("/audit/export/?type=sheet.sign").content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    signed = Event.objects.filter(type="sheet.sign")
    assert len(rows) == 1 + signed.count() == 6
    assert {row[9] for row in rows[1:]} == {bytes(event.leaf_hash).hex() for event in signed}
    note = Event.objects.get(type="export.made")
    assert note.facts["filter"] == {"type": "sheet.sign"}
