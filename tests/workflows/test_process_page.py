"""The history of a process: steps, returns, versions, hashes; verification; the administrator's outbox."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import blobs
from audit.heartbeat import beat
from audit.models import Event, Outbox
from audit.queries import verifying
from cycle.models import Matter
from tests.cast import signed_in
from tests.county import County
from workflows.models import Process
from workflows.services import relaying
from workflows.services.ticking import TICK

BUDGET = 18


def returned_report(county: County) -> Process:
    """A report that was filled, returned by the head, filled again with one figure changed, and agreed to."""
    report = county.matter("report", unit="xinchengpu", key="m01")
    keys = {line.indicator.key: str(line.pk) for line in report.lines.select_related("indicator")}
    lines = {pk: {"value": "1.5", "note": ""} for pk in keys.values()}
    county.do(report, "fill", lines=lines)
    county.do(report, "approve", choice="back_fill", comment="一般公共预算收入有误，请核对。")
    county.do(report, "fill", lines=lines | {keys["revenue"]: {"value": "402", "note": ""}})
    county.do(report, "approve", comment="同意。")
    return Process.objects.get(matter=report.pk)


def test_who_did_what_when_and_what_came_back(yearend: County) -> None:
    process = returned_report(yearend)
    history = signed_in("xinchengpu-head").get(f"/p/{process.pk}/").context["history"]
    assert [(each.title, each.visit, each.button) for each in history.visits[:4]] == [
        ("填报", 1, "提交单位负责人审核"),
        ("单位负责人审核", 1, "退回填报"),
        ("填报", 2, "提交单位负责人审核"),
        ("单位负责人审核", 2, "同意并报送核验"),
    ]
    (back,) = history.returns
    assert back.item.comment == "一般公共预算收入有误，请核对。"
    assert back.item.closed_by.name == "演示·新城铺镇负责人"
    assert [each.item.office.capacity for each in history.visits[4:]] == ["collector"] * 2
    (taken,) = history.diagram.returns
    assert taken.label == "退回 1 次"
    states = {box.name: box.mark.state for box in history.diagram.boxes}
    assert states == {"fill": "done", "approve": "done", "verify": "active"}


def test_time_is_measured_in_working_days_against_the_clock(yearend: County) -> None:
    report = yearend.matter("report", unit="nanniu", key="m12")
    process = Process.objects.get(matter=report.pk)
    yearend.move_to(dt.date(2027, 1, 18))
    (visit,) = signed_in("nanniu-handler").get(f"/p/{process.pk}/").context["history"].visits
    assert (visit.used, visit.limit, visit.late) == (6, visit.limit, max(6 - (visit.limit or 0), 0))
    assert visit.due.days_left is not None


def test_a_version_shows_what_it_changed_and_nothing_else(yearend: County) -> None:
    process = returned_report(yearend)
    first, second = signed_in("xinchengpu-handler").get(f"/p/{process.pk}/").context["history"].versions
    assert {change["label"] for change in first.changes} >= {
        "固定资产投资 · 完成数",
        "一般公共预算收入 · 完成数",
    }
    assert second.changes == [{"label": "一般公共预算收入 · 完成数", "before": "1.5", "after": "402"}]


def test_ballots_leave_no_score_in_the_history(assessment: County) -> None:
    turnout = Matter.objects.filter(kind="turnout", state="voted").first()
    assert turnout is not None
    page = signed_in("auditor").get(f"/p/{Process.objects.get(matter=turnout.pk).pk}/")
    assert page.context["history"].versions == []
    assert "评分（内容不记录）" in page.content.decode()


def test_every_hash_is_computed_again(yearend: County) -> None:
    process = returned_report(yearend)
    events = list(Event.objects.filter(stream=process.stream))
    assert verifying.verify(events).sound
    events[2].body = events[2].body.replace("同意", "不同意").replace('"seq":', '"seq": ')
    assert verifying.verify(events).altered == [f"{process.stream} 第 {events[2].seq} 条"]
    renamed = Event.objects.filter(stream=process.stream)[0]
    renamed.type = "task.forged"
    assert not verifying.is_intact(renamed)
    gap = [event for event in Event.objects.filter(stream=process.stream) if event.seq != 2]
    assert verifying.verify(gap).gaps == [f"{process.stream} 缺第 2 条"]


def test_the_page_says_how_many_records_it_verified(yearend: County) -> None:
    process = returned_report(yearend)
    page = signed_in("auditor").get(f"/audit/p/{process.pk}/")
    history = page.context["history"]
    streams = [process.stream, f"report/{process.matter_id}"]
    assert history.findings.checked == Event.objects.filter(stream__in=streams).count() > 8
    event = Event.objects.filter(stream=process.stream).latest("seq")
    assert bytes(event.leaf_hash).hex()[:12] in page.content.decode()


def test_the_files_are_read_again_on_request(assessed: County) -> None:
    claim = assessed.matter("claim", unit="nanniu")
    process = Process.objects.get(matter=claim.pk)
    client = signed_in("nanniu-head")
    (filed,) = client.get(f"/p/{process.pk}/").context["history"].evidence
    assert filed.stored is None
    (filed,) = client.get(f"/p/{process.pk}/?files=yes").context["history"].evidence
    assert filed.stored is True
    assert not verifying.is_stored("0" * 64)


def test_a_file_whose_bytes_changed_is_noticed(monitoring: County) -> None:
    blob = blobs.store([b"kept"])
    assert verifying.is_stored(blob.digest)
    path = blobs._path(blob.digest)
    path.write_bytes(b"kept!")
    assert not verifying.is_stored(blob.digest)
    path.write_bytes(b"kept")


def test_another_unit_s_process_is_not_found(yearend: County) -> None:
    process = returned_report(yearend)
    assert signed_in("nanniu-head").get(f"/p/{process.pk}/").status_code == 404
    assert signed_in("sysadmin").get(f"/p/{process.pk}/").status_code == 404
    assert signed_in("nanniu-head").post(f"/p/{process.pk}/export/").status_code == 404
    assert signed_in("collector").get(f"/p/{process.pk}/").status_code == 200  # served on it


def test_a_long_history_takes_no_more_queries(yearend: County) -> None:
    process, client = returned_report(yearend), signed_in("xinchengpu-head")
    client.get(f"/p/{process.pk}/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/p/{process.pk}/")
    assert len(captured) <= BUDGET


def test_the_history_as_a_file(yearend: County) -> None:
    process = returned_report(yearend)
    content = signed_in("auditor").post(f"/p/{process.pk}/export/").content
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0] == "演示数据，非真实考核结果"
    event = Event.objects.filter(stream=process.stream).earliest("seq")
    assert any(bytes(event.leaf_hash).hex() in line for line in lines)
    assert Event.objects.filter(type="export.made").exists()


def dead_message() -> Outbox:
    message = Outbox.objects.create(topic="nobody.listens", key="1")
    for _ in range(relaying.MAX_ATTEMPTS):
        Outbox.objects.filter(pk=message.pk).update(
            available_at=message.created_at or dt.datetime.now(dt.UTC)
        )
        relaying.deliver(message.pk)
    return Outbox.objects.get(pk=message.pk)


def test_a_dead_message_gets_another_life_on_the_administrator_s_word(monitoring: County) -> None:
    message, client = dead_message(), signed_in("sysadmin")
    assert message.dead_at is not None
    beat(TICK)
    page = client.get("/system/outbox/")
    assert (page.context["counts"]["dead"], [each.pk for each in page.context["dead"]]) == (1, [message.pk])
    assert page.context["last_tick"] is not None
    client.post(f"/system/outbox/{message.pk}/replay/")
    assert Outbox.objects.get(pk=message.pk).dead_at is None
    assert monitoring.events(f"outbox/{message.pk}") == ["outbox.replayed"]
    again = client.post(f"/system/outbox/{message.pk}/replay/", follow=True)
    assert "不需要重新投递" in " ".join(map(str, again.context["messages"]))
    assert signed_in("jxb-chief").post(f"/system/outbox/{message.pk}/replay/").status_code == 404


def test_the_sample_page_is_for_demonstrations_only(monitoring: County) -> None:
    assert signed_in("jxb-clerk").get("/ui/").status_code == 200
