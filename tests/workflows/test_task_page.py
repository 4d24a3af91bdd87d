"""What a task's page does besides completing: refuses without losing a word, returns, keeps drafts."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from cycle.models import Indicator
from cycle.services import policies
from tests.cast import holder_of, signed_in, submit
from tests.county import County
from workflows.models import WorkItem

BUDGET = 24


def typed_on(page: Any) -> dict[str, str]:
    """What stands in the page's controls."""
    return {control.name: control.value for control in page.context["form"].controls()}


def said(answer: Any) -> str:
    """The messages of the page that an answer leads to."""
    return "".join(str(message) for message in answer.context["messages"])


def declared(county: County, unit: str = "nanniu") -> WorkItem:
    """The head's task after the unit has declared."""
    sheet = county.matter("sheet", unit=unit)
    county.do(sheet, "declare", lines={})
    return county.item(sheet)


def test_a_refused_form_keeps_every_word_and_leads_to_the_field(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    client = signed_in("nanniu-handler")
    page = client.get(f"/t/{item.pk}/")
    key = str(setting.indicator("nanniu", "investment").pk)
    typed = typed_on(page) | {
        f"{key}-target": "十二",
        f"{key}-milestones": "六月底过半。",
        "comment": "先报。",
    }
    answer = submit(client, item, **typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{key}-target"' in text
    assert 'value="十二"' in text
    assert "六月底过半。" in text
    assert "先报。" in text
    assert setting.item(setting.matter("sheet", unit="nanniu")).pk == item.pk


def test_a_text_that_is_too_long_is_refused_in_its_field(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    client = signed_in("nanniu-handler")
    key = str(setting.indicator("nanniu", "investment").pk)
    answer = submit(client, item, **typed_on(client.get(f"/t/{item.pk}/")) | {f"{key}-sections": "科" * 121})
    assert answer.context["errors"] == [
        {"text": "“责任科室”最多 120 个字，现在有 121 个字，请删减。", "url": f"#id_{key}-sections"}
    ]


def test_what_the_page_did_not_ask_for_is_not_taken(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    other = setting.indicator("xinchengpu", "investment")
    client = signed_in("nanniu-handler")
    typed = typed_on(client.get(f"/t/{item.pk}/")) | {f"{other.pk}-target": "1", "by": "x", "at": "x"}
    assert submit(client, item, **typed).status_code == 302
    assert Indicator.objects.get(pk=other.pk).target == "9"


def test_control_characters_are_left_out(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    client = signed_in("nanniu-handler")
    key = str(setting.indicator("nanniu", "investment").pk)
    typed = typed_on(client.get(f"/t/{item.pk}/")) | {f"{key}-measures": "每月\x00调度。\r\n每季通报。"}
    assert submit(client, item, **typed | {"comment": "\x00"}).status_code == 302
    assert setting.indicator("nanniu", "investment").plan.measures == "每月调度。\n每季通报。"


def test_a_return_says_why_on_top_and_beside_the_lines_that_it_names(setting: County) -> None:
    item = declared(setting)
    head = holder_of(item)
    without = submit(head, item, choice="back_declare")
    assert without.context["errors"][0]["url"] == "#id_comment"
    named, other = (setting.indicator("nanniu", key) for key in ("water", "supervision"))
    answer = head.post(
        f"/t/{item.pk}/submit/",
        {"choice": "back_declare", "comment": "目标偏低。", "concerns": [str(named.pk)]}, follow=True,
    )  # fmt: skip
    assert "下一步：申报，由南牛乡办理。" in said(answer)
    again = setting.item(item.matter)
    page = signed_in("nanniu-handler").get(f"/t/{again.pk}/")
    lines = {line.key: line.returned for line in page.context["form"].sections[0].grid.lines}
    assert (lines[str(named.pk)], lines[str(other.pk)]) == ("目标偏低。", "")
    assert page.content.decode().count("目标偏低。") >= 3  # on top, beside the line, in the timeline
    event = Event.objects.filter(stream=f"process/{item.process_id}", type="task.completed").latest("seq")
    assert event.facts["concerns"] == [str(named.pk)]


def test_the_head_sees_what_has_changed_not_the_whole(setting: County) -> None:
    item = declared(setting)
    setting.do_item(item, choice="back_declare", comment="改一改。")
    key = str(setting.indicator("nanniu", "investment").pk)
    setting.do(item.matter, "declare", lines={key: {"target": "13.5"}})
    page = signed_in("nanniu-head").get(f"/t/{setting.item(item.matter).pk}/")
    assert [(each["label"], each["after"]) for each in page.context["changes"]] == [
        ("固定资产投资 · 目标值", "13.5")
    ]


def test_the_deadline_is_derived_day_by_day(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    page = signed_in("nanniu-handler").get(f"/t/{item.pk}/")
    facts = {each["label"]: each["value"] for each in page.context["derivation"]}
    assert facts["时限"] == "7 个工作日"
    assert facts["计入的 7 天"].startswith("01-06 周二、01-07 周三")
    assert facts["到期日"] == "01-14 周三"
    assert "《正定县政府绩效管理实施方案》八（三）" in page.content.decode()


def test_what_the_policy_does_not_say_is_marked_until_the_office_confirms_it(setting: County) -> None:
    item = declared(setting)
    client = signed_in("nanniu-head")
    assert client.get(f"/t/{item.pk}/").context["article"]["is_open"]
    path = "process.indicator_setting.indicator_setting.approve"
    policies.confirm_values(setting.cycle.pk, [path], user_id=setting.user("jxb-chief"))
    page = client.get(f"/t/{item.pk}/")
    assert not page.context["article"]["is_open"]
    assert "未作规定，按通行做法设定" in page.content.decode()


def test_a_draft_is_kept_and_comes_back(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    client = signed_in("nanniu-handler")
    typed = typed_on(client.get(f"/t/{item.pk}/")) | {
        "comment": "写到一半",
        "draft_version": "",
        "stray": "x",
    }
    answer = client.post(f"/t/{item.pk}/draft/", typed)
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "draft-saved")
    page = client.get(f"/t/{item.pk}/")
    assert "写到一半" in page.content.decode()
    assert page.context["version"] in answer.content.decode()
    item.refresh_from_db()
    assert "stray" not in item.draft
    assert "继续办理" in client.get("/inbox/").content.decode()


def test_two_people_drafting_are_shown_both_and_neither_is_lost(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    handler, head = signed_in("nanniu-handler"), signed_in("nanniu-head")
    handler.post(f"/t/{item.pk}/draft/", {"comment": "经办员写的", "draft_version": ""})
    answer = head.post(f"/t/{item.pk}/draft/", {"comment": "负责人写的", "draft_version": ""})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "演示·南牛乡经办员在你打开之后保存过这份草稿" in text
    assert "经办员写的" in text
    assert "负责人写的" in text
    item.refresh_from_db()
    assert item.draft["comment"] == "经办员写的"
    version = answer.context["version"]
    assert (
        head.post(f"/t/{item.pk}/draft/", {"comment": "负责人写的", "draft_version": version}).status_code
        == 200
    )
    assert "演示·南牛乡负责人 正在编辑" in handler.get(f"/t/{item.pk}/").content.decode()


def test_opening_is_recorded_once_as_the_receipt(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    client = signed_in("nanniu-handler")
    assert f'hx-post="/t/{item.pk}/receive/"' in client.get(f"/t/{item.pk}/").content.decode()
    item.refresh_from_db()
    assert item.opened_at is None
    assert client.post(f"/t/{item.pk}/receive/").status_code == 204
    client.post(f"/t/{item.pk}/receive/")
    item.refresh_from_db()
    assert item.opened_at is not None
    assert Event.objects.filter(type="task.received").count() == 1
    assert "/receive/" not in client.get(f"/t/{item.pk}/").content.decode()


def test_a_second_submission_is_told_who_was_first(setting: County) -> None:
    item = declared(setting)
    client = holder_of(item)
    assert submit(client, item).status_code == 302
    answer = client.post(f"/t/{item.pk}/submit/", {"choice": "next"}, follow=True)
    assert "这项任务已办，由演示·南牛乡负责人办理，不能重复办理。" in said(answer)
    assert "这项任务不能再办理，只能查看。" in answer.content.decode()


def test_a_task_of_another_office_does_not_exist(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    for username in ("xinchengpu-handler", "collector", "leader", "zuzhibu-head", "sysadmin"):
        client = signed_in(username)
        assert client.get(f"/t/{item.pk}/").status_code == 404
        for action in ("submit", "draft", "receive", "evidence"):
            assert client.post(f"/t/{item.pk}/{action}/", {"choice": "next"}).status_code == 404
    assert signed_in("nanniu-handler").get("/t/01a00000-0000-7000-8000-000000000000/").status_code == 404


def test_overseers_read_what_they_may_not_do(setting: County) -> None:
    item = setting.item(setting.matter("sheet", unit="nanniu"))
    for username in ("jxb-clerk", "auditor", "lingdaoxiaozu-head"):
        client = signed_in(username)
        text = client.get(f"/t/{item.pk}/").content.decode()
        assert "只能查看" in text
        assert 'id="task-form"' not in text
        answer = client.post(f"/t/{item.pk}/submit/", {"choice": "next"}, follow=True)
        assert "你目前没有这一任职" in said(answer)
    assert WorkItem.objects.get(pk=item.pk).state == "open"


def test_a_handler_reads_the_head_s_task_but_cannot_press(setting: County) -> None:
    item = declared(setting)
    client = signed_in("nanniu-handler")
    assert 'id="task-form"' not in client.get(f"/t/{item.pk}/").content.decode()
    client.post(f"/t/{item.pk}/submit/", {"choice": "next"})
    assert WorkItem.objects.get(pk=item.pk).state == "open"


def test_an_unknown_button_is_refused_in_a_sentence(setting: County) -> None:
    item = declared(setting)
    answer = submit(holder_of(item), item, choice="fly")
    assert answer.context["errors"] == [
        {"text": "这一步骤没有这种办理方式，请刷新页面后重新选择。", "url": ""}
    ]


def test_pages_take_a_fixed_number_of_queries(yearend: County) -> None:
    item = WorkItem.objects.filter(flow="report", step="fill", office__title="南牛乡", state="open").first()
    assert item is not None
    client = signed_in("nanniu-handler")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/t/{item.pk}/").status_code == 200
    assert len(captured) <= BUDGET
