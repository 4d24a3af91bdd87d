"""Whatever is typed, uploaded or addressed: a sentence says what to do and nothing is half written."""

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from audit.ids import uuid7
from cycle.models import Indicator
from tests import moments
from tests.cast import fields, holder_of, signed_in, submit
from tests.county import County, fingerprint
from tests.journeys.visitor import Page
from tests.small_county import OWN, PASSWORD, SCHEME, open_items
from tests.workflows.racing import race
from workflows.models import WorkItem
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.deeds import Deed, Stage, name_of
from workflows.rehearsal.performers import PERFORMERS, agree

MOMENTS = ["setting", "monitoring", "yearend", "assessment", "published", "feedback", "uses"]
NASTY = ["", "NaN", "9" * 4000, "\x00", "'; DROP TABLE x; --", "<script>𠮷\u202e\ufeff😀%s{0}{{x}}"]


@pytest.fixture(params=MOMENTS)
def county(request: pytest.FixtureRequest) -> County:
    """The county at each moment at which somebody has something to do."""
    found: County = request.getfixturevalue(request.param)
    return found


def one_of_each(county: County) -> list[WorkItem]:
    """One open task of every step."""
    found: dict[tuple[str, str], WorkItem] = {}
    for item in open_items(county.cycle).order_by("served_at", "pk"):
        found.setdefault((item.flow, item.step), item)
    return list(found.values())


def good(item: WorkItem) -> dict[str, Any]:
    """What somebody types who does the task right."""
    scene = Stage(Chance(7), SCHEME, PASSWORD)
    performer = OWN.get((item.flow, item.step)) or PERFORMERS.get((item.flow, item.step), agree)
    deed: Deed = performer(item, scene, name_of(item, 2))
    return fields(deed)


def answered(response: Any) -> Page:
    """A page in Chinese, neither an error of the server nor a naked one of the browser."""
    assert response.status_code in (200, 302, 400, 404, 413, 422), response.status_code
    return Page(response, "")


# Tasks


def test_nothing_typed_into_a_task_breaks_the_server(county: County) -> None:
    """Every field of every step, with what nobody should type; each attempt is undone."""
    for item in one_of_each(county):
        client, right = holder_of(item), good(item)
        names = [name for name in right if name != "choice"]
        before = fingerprint()
        for text in NASTY:
            with transaction.atomic():
                response = submit(client, item, **right | dict.fromkeys(names, text))
                page = answered(response)
                if response.status_code == 422:
                    assert page.says("。")
                    assert fingerprint() == before, (item.flow, item.step, text)
                else:
                    assert response.status_code == 302, (item.flow, item.step, text)
                transaction.set_rollback(True)


def test_a_button_that_is_not_there_is_refused(county: County) -> None:
    for item in one_of_each(county):
        client = holder_of(item)
        before = fingerprint()
        response = client.post(f"/t/{item.pk}/submit/", {"choice": "back_to_the_future"})
        assert response.status_code == 422
        answered(response).says("这一步骤没有这种办理方式，请刷新页面后重新选择。")
        assert fingerprint() == before


def test_the_task_of_another_office_does_not_exist(county: County) -> None:
    """404, never 403: nobody learns what there is."""
    for item in one_of_each(county):
        own = item.subject.code if item.subject else ""
        client = signed_in("nanniu-handler" if own == "xinchengpu" else "xinchengpu-handler")
        before = fingerprint()
        for path in ("", "submit/", "draft/", "receive/", "evidence/"):
            ask = client.post if path else client.get
            response = ask(f"/t/{item.pk}/{path}")
            assert response.status_code == 404, (item.flow, item.step, path)
            answered(response).says("没有找到")
        assert fingerprint() == before


def test_the_same_submission_twice_is_done_once(county: County) -> None:
    for item in one_of_each(county)[:4]:
        client, right = holder_of(item), good(item)
        if submit(client, item, **right).status_code != 302:
            continue  # it is not time yet (a publicity is not over)
        before = fingerprint()
        response = client.post(f"/t/{item.pk}/submit/", right, follow=True)
        answered(response).says("不能重复办理。请返回待办列表查看最新情况。")
        assert fingerprint() == before


@pytest.mark.usefixtures("small_year")
def test_two_people_at_once_one_of_them_is_told(django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), moments.committed("setting") as county:
        sheet = county.matter("sheet", unit="nanniu")
        rows = Indicator.objects.filter(subject__code="nanniu")
        county.do(sheet, "declare", lines={str(each.pk): {"measures": "调度。"} for each in rows})
        county.do(sheet, "approve")
        item = county.item(sheet)
        clients = [signed_in(username) for username in ("jxb-clerk", "jxb-clerk-2")]
        answers = race([pressing(client, item) for client in clients])
        pages = [answered(answer) for answer in answers]
        done = [page for page in pages if "”已办理。" in page.text]
        told = [page for page in pages if "不能重复办理。" in page.text]
        assert (len(done), len(told)) == (1, 1)
        assert county.events(sheet.stream).count("sheet.review") == 1


def pressing(client: Client, item: WorkItem) -> Callable[[], Any]:
    return lambda: client.post(f"/t/{item.pk}/submit/", {"choice": "next"}, follow=True)


# Files


def table(*rows: tuple[str, ...]) -> str:
    return "".join(",".join(row) + "\r\n" for row in rows)


def workbook(*rows: tuple[str, ...]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return content.getvalue()


def archive(names: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, inside in names.items():
            file.writestr(name, inside)
    return content.getvalue()


BAD_FILES = {
    "空.csv": b"",
    "乱.csv": bytes(range(256)) * 20,
    "文档.csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "宽字.csv": "单位,指标\r\n南牛乡,投资".encode("utf-16"),
    "引号.csv": '单位,指标\r\n"南牛乡,投资'.encode(),
    "没有列.csv": b"a,b\r\n1,2\r\n",
    "列太多.csv": b"x," * 20_000 + b"\r\n",
    "行太长.csv": b"x" * 300_000 + b"\r\n",
    "坏.xlsx": b"PK\x03\x04 broken",
    "不是表格.xlsx": archive({"a.txt": b"a"}),
    "炸弹.xlsx": archive({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"0" * 50_000_000}),
    "空表.xlsx": workbook(),
    "旧格式.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "程序.exe": b"MZ",
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize(
    ("who", "url"),
    [
        ("jxb-clerk", "/office/cycles/2026/indicators/"),
        ("sysadmin", "/accounts/import/organisations/"),
        ("sysadmin", "/accounts/import/postings/"),
    ],
)
def test_a_table_that_is_none_is_refused(preparation: County, who: str, url: str, name: str) -> None:
    client = signed_in(who)
    before = fingerprint()
    response = client.post(url, {"file": SimpleUploadedFile(name, BAD_FILES[name]), "since": "2026-01-01"})
    assert response.status_code == 422, response.status_code
    page = answered(response)
    assert "请" in page.text
    assert fingerprint() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_table_in_any_common_encoding_is_read(preparation: County, encoding: str) -> None:
    """GBK files are what Chinese spreadsheets write."""
    content = table(
        ("code", "title", "short_title", "parent", "level", "kind"),
        ("new_bureau", "正定县新设局", "新设局", "zhengding", "县", "部门"),
    )
    file = SimpleUploadedFile("机构.csv", content.encode(encoding))
    response = signed_in("sysadmin").post("/accounts/import/organisations/", {"file": file})
    answered(response).says("新设局")
    assert response.status_code == 200


@pytest.mark.parametrize("day", ["2026-02-30", "明天", "0000-00-00", "99999-01-01", "2026/1/1; --"])
def test_a_date_that_is_none_is_refused(preparation: County, day: str) -> None:
    client = signed_in("jxb-chief")
    before = fingerprint()
    response = client.post("/office/calendar/day/", {"day": day, "working": "0", "name": "放假"}, follow=True)
    answered(response)
    assert fingerprint() == before


def test_a_file_over_the_limit_is_refused_before_it_is_kept(monitoring: County, settings: Any) -> None:
    settings.UPLOAD_FILE_LIMIT = 100_000
    item = monitoring.item(monitoring.matter("report", unit="nanniu", key="m01"))
    client = holder_of(item)
    before = fingerprint()
    response = client.post(f"/t/{item.pk}/evidence/", {"files": SimpleUploadedFile("大.pdf", b"x" * 100_001)})
    assert response.status_code == 413
    answered(response).says("大.pdf")
    assert fingerprint() == before


def test_every_file_of_several_is_judged_by_itself(monitoring: County) -> None:
    item = monitoring.item(monitoring.matter("report", unit="nanniu", key="m01"))
    files = [
        SimpleUploadedFile("好.pdf", b"%PDF"),
        SimpleUploadedFile("坏.exe", b"MZ"),
        SimpleUploadedFile("空.pdf", b""),
    ]
    response = holder_of(item).post(f"/t/{item.pk}/evidence/", {"files": files}, follow=True)
    page = answered(response)
    page.says("好.pdf", "不接受“.exe”类型的文件")
    assert list(item.matter.evidence.values_list("name", flat=True)) == ["好.pdf"]


# Addresses


def addresses(county: County) -> Iterator[str]:
    for page in ("inbox/", "done/", "sent/", "kpi/", "claims/", "uses/", "office/", "office/overdue/"):
        yield f"/{page}"
    yield "/results/2026/"
    yield "/office/stage/monitoring/"
    yield f"/t/{county.item(county.matter('report', unit='nanniu', key='m01')).pk}/"


QUERIES = [
    "page=-1",
    "page=9999999999999999999",
    "page=%00",
    "year=二〇二六",
    "year=99999",
    "year=-1",
    "q=%00%ff",
    "view=%27",
    "stage=none",
    "unit=%F0%A0%AE%B7",
    "kind[]=1&kind=x",
    "due=1e9",
]


@pytest.mark.parametrize("query", QUERIES)
def test_no_address_breaks_the_server(monitoring: County, query: str) -> None:
    for who in ("jxb-clerk", "nanniu-handler"):
        client = signed_in(who)
        for address in addresses(monitoring):
            assert client.get(f"{address}?{query}").status_code in (200, 302, 404), (who, address)


@pytest.mark.parametrize(
    "path",
    ["/t/{id}/", "/p/{id}/", "/kpi/{id}/", "/letters/{id}/", "/publications/{id}/", "/evidence/{id}/",
     "/t/1/", "/results/2026/nobody/", "/results/1/", "/office/stage/none/", "/vote/none/", "/无此页/",
     "/policy/none/", "/office/units/none/", "/office/cycles/1999/"],
)  # fmt: skip
def test_what_is_not_there_is_404_in_chinese(monitoring: County, path: str) -> None:
    response = signed_in("jxb-clerk").get(path.format(id=uuid7()))
    assert response.status_code == 404
    page = answered(response)
    assert "。" in page.text
    assert "Not Found" not in page.text


def test_a_forged_request_is_refused_in_chinese(monitoring: County) -> None:
    item = monitoring.item(monitoring.matter("report", unit="nanniu", key="m01"))
    client = holder_of(item)
    client.handler.enforce_csrf_checks = True
    before = fingerprint()
    response = client.post(f"/t/{item.pk}/submit/", {"choice": "next"})
    assert response.status_code == 403
    assert "。" in Page(response, "").text
    assert fingerprint() == before
