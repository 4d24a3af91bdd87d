"""The system administrator's import pages: preview, every defect, taking over exactly what was previewed."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from offices.models import Organisation, Posting, User
from tests.cast import signed_in
from tests.county import County

HEAD = "账号,姓名,单位,职责,岗位\n"
ROW = "nanniu-new,演示·南牛乡经办员二,南牛乡,unit,经办\n"


def send(kind: str, text: str, **more: str) -> Any:
    file = SimpleUploadedFile("表.csv", text.encode("gbk"))
    return signed_in("sysadmin").post(
        f"/accounts/import/{kind}/", {"file": file, "since": "2026-03-01", **more}
    )


def test_a_table_is_previewed_then_taken_over(monitoring: County) -> None:
    page = send("postings", HEAD + ROW)
    text = page.content.decode()
    assert "新增 <b>2</b> 条" in text
    assert not User.objects.filter(username="nanniu-new").exists()
    ticket = {"ticket": page.context["ticket"], "password": "first-password"}
    answer = signed_in("sysadmin").post("/accounts/import/postings/take/", ticket)
    assert answer["Location"] == "/accounts/import/"
    posting = Posting.objects.get(user__username="nanniu-new")
    assert (str(posting.since), posting.role) == ("2026-03-01", "handler")
    assert posting.user.check_password("first-password")
    assert Event.objects.get(stream=f"posting/{posting.pk}").actor_name == "演示·系统管理员"


def test_a_short_first_password_or_a_stranger_s_ticket_imports_nothing(monitoring: County) -> None:
    ticket = send("postings", HEAD + ROW).context["ticket"]
    path = "/accounts/import/postings/take/"
    signed_in("sysadmin").post(path, {"ticket": ticket, "password": "short"})
    signed_in("xinxizhongxin-head").post(path, {"ticket": ticket})
    signed_in("sysadmin").post("/accounts/import/offices/take/", {"ticket": ticket})
    signed_in("sysadmin").post(path, {"ticket": ticket[:-4] + "AAAA"})
    assert not User.objects.filter(username="nanniu-new").exists()


def test_every_defect_is_shown_with_its_line(monitoring: County) -> None:
    page = send("postings", HEAD + ROW + "x,,天宫,unit,经办\n")
    text = page.content.decode()
    assert page.status_code == 422
    assert "第 3 行“账号”：账号只能用字母" in text
    assert "第 3 行“单位”：单位“天宫”没有找到" in text
    assert "第 3 行“姓名”：没有填写，请补上。" in text


def test_a_file_that_is_no_table_is_an_error_of_its_field(monitoring: County) -> None:
    file = SimpleUploadedFile("图.png", b"\x89PNG")
    page = signed_in("sysadmin").post("/accounts/import/organisations/", {"file": file})
    assert page.status_code == 422
    assert "只能导入 CSV 或 XLSX 表格。" in page.content.decode()


def test_a_change_shows_what_it_was(monitoring: County) -> None:
    page = send(
        "organisations", "代码,全称,简称,上级,层级,性质\nnanniu,南牛乡人民政府,南牛乡,zhengding,乡,乡镇\n"
    )
    assert "全称：正定县南牛乡人民政府 → 南牛乡人民政府" in page.content.decode()
    assert Organisation.objects.get(code="nanniu").title == "正定县南牛乡人民政府"


def test_templates_have_the_columns(monitoring: County) -> None:
    answer = signed_in("sysadmin").get("/accounts/import/leaders/template/")
    assert answer.content.decode("utf-8-sig").strip() == "领导职务,单位,关系"


def test_accounts_are_found_by_name_and_office(monitoring: County) -> None:
    client = signed_in("sysadmin")
    assert "nanniu-handler" in client.get("/accounts/?q=南牛").content.decode()
    assert "没有找到账号" in client.get("/accounts/?q=天宫").content.decode()
