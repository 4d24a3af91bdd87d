"""Organisations, offices, people and leaders from tables: every defect with its line, all or nothing."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
import xlsxwriter

from audit.actor import SYSTEM
from audit.models import Event
from audit.refusals import NotPossible
from offices.models import LeaderAssignment, Office, Organisation, Posting, User
from offices.services import imports

COUNTY = Path("workflows/rehearsal/zhengding")
NEW_YEAR = dt.date(2026, 1, 1)
ORGANISATIONS = "code,title,short_title,parent,level,kind\n"


def rows(text: str) -> list[imports.Row]:
    return imports.read_table("t.csv", text.encode())


def take_county() -> None:
    tables = {path.stem: imports.read_table(path.name, path.read_bytes()) for path in COUNTY.glob("*.csv")}
    imports.import_organisations(tables["organisations"], by=SYSTEM)
    imports.import_offices(tables["offices"], by=SYSTEM)
    imports.import_postings(tables["postings"], by=SYSTEM, since=NEW_YEAR, password="first", is_demo=True)
    imports.import_leaders(tables["leaders"], by=SYSTEM, since=NEW_YEAR)


@pytest.mark.django_db
def test_a_whole_county_comes_in_and_a_second_time_changes_nothing() -> None:
    take_county()
    counts = [
        model.objects.count() for model in (Organisation, Office, Posting, LeaderAssignment, User, Event)
    ]
    written = [sum(1 for _ in csv.reader((COUNTY / f"{name}.csv").open())) - 1 for name in
               ("organisations", "offices", "postings", "leaders")]  # fmt: skip
    assert counts[:4] == written
    assert counts[5] == sum(counts[:5])
    assert User.objects.get(username="nanniu-head").check_password("first")
    take_county()
    assert [
        m.objects.count() for m in (Organisation, Office, Posting, LeaderAssignment, User, Event)
    ] == counts


@pytest.mark.django_db
def test_every_defect_is_named_with_its_line_and_nothing_is_written() -> None:
    table = ORGANISATIONS + "a,甲乡,甲,,乡,township\n\n乙,乙乡,乙,nowhere,区,township\na,甲乡,甲,,乡,\n"
    with pytest.raises(imports.BadTable) as refused:
        imports.import_organisations(rows(table), by=SYSTEM)
    places = [(each.line, each.column) for each in refused.value.defects]
    assert places == [(4, "上级"), (4, "代码"), (4, "层级"), (5, "代码"), (5, "性质")]
    assert "“nowhere”没有找到" in str(refused.value)
    assert not Organisation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_chinese_headers_titles_and_encodings(encoding: str) -> None:
    table = "代码,全称,简称,上级,层级,性质\njia,甲县,甲县,,县,政府\nyi,乙乡人民政府,乙乡,甲县,乡,乡镇\n"
    imports.import_organisations(imports.read_table("单位.csv", table.encode(encoding)), by=SYSTEM)
    township = Organisation.objects.get(code="yi")
    assert (township.parent and township.parent.code, township.level, township.kind) == (
        "jia",
        "township",
        "township",
    )


@pytest.mark.django_db
def test_a_workbook_with_dates_and_numbers() -> None:
    take_county()
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["账号", "姓名", "单位", "职责", "岗位", "电话", "任职起", "任职止"])
        sheet.write_row(2, 0, ["nanniu-2", "演示·南牛乡经办员二", "南牛乡", "unit", "经办", 85001])
        sheet.write_datetime(2, 6, dt.date(2026, 3, 1))
    table = imports.read_table("人员.xlsx", file.getvalue())
    assert table[0].line == 3
    imports.import_postings(table, by=SYSTEM, since=NEW_YEAR)
    posting = Posting.objects.get(user__username="nanniu-2")
    assert (posting.since, posting.until, posting.user.phone) == (dt.date(2026, 3, 1), None, "85001")
    assert not posting.user.has_usable_password()


@pytest.mark.django_db
def test_a_posting_is_ended_by_its_last_day_and_an_overlap_is_refused() -> None:
    take_county()
    head = "账号,姓名,单位,职责,岗位,任职起,任职止\n"
    person = "nanniu-head,演示·南牛乡负责人,nanniu,unit,负责人"
    imports.import_postings(rows(f"{head}{person},2026-01-01,2026-06-30\n"), by=SYSTEM, since=NEW_YEAR)
    posting = Posting.objects.get(user__username="nanniu-head")
    assert posting.until == dt.date(2026, 6, 30)
    assert Event.objects.get(type="posting.alter").facts["set"] == {"until": "2026-06-30"}
    with pytest.raises(imports.BadTable, match="重叠"):
        imports.import_postings(rows(f"{head}{person},2026-03-01,2026-12-31\n"), by=SYSTEM, since=NEW_YEAR)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("x,甲,nanniu,unit,经办,", "至少两位"),
        ("xy,甲,nowhere,unit,经办,", "没有找到"),
        ("xy,甲,nanniu,collector,经办,", "没有承担“collector”"),
        ("xy,甲,nanniu,unit,书记,", "不是岗位"),
        ("xy,甲,nanniu,unit,经办,2026-02-30", "不是日期"),
    ],
)
def test_people_with_defects(line: str, sentence: str) -> None:
    take_county()
    with pytest.raises(imports.BadTable, match=sentence):
        imports.import_postings(rows(f"账号,姓名,单位,职责,岗位,任职起\n{line}\n"), by=SYSTEM, since=NEW_YEAR)


@pytest.mark.django_db
def test_circles_above_a_unit_are_refused() -> None:
    table = ORGANISATIONS + "a,甲,甲,b,县,township\nb,乙,乙,a,县,township\n"
    with pytest.raises(imports.BadTable, match="绕成了一圈"):
        imports.import_organisations(rows(table), by=SYSTEM)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "空的"),
        ("a.xls", b"x", "另存为 XLSX"),
        ("a.csv", b"a,b\n1,2,3\n", "第 2 行的单元格比表头多"),
        ("a.csv", b'a,b\n"1,2\n', "引号不成对"),
        ("a.csv", b"a,,b\n1,2,3\n", "空白或重复的列名"),
        ("a.csv", b"\x81\xff\xff", "编码"),
        ("a.xlsx", b"PK\x03\x04 no", "打不开"),
        ("a.csv", b"\n\n", "没有内容"),
    ],
)
def test_files_that_are_no_tables(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(NotPossible, match=sentence):
        imports.read_table(name, content)


@pytest.mark.parametrize(
    ("header", "sentence"), [("code", "缺少这一列"), ("code,代码", "出现了两次"), ("code,色", "不认识这一列")]
)
def test_wrong_columns(header: str, sentence: str) -> None:
    with pytest.raises(imports.BadTable, match=sentence):
        imports.lines.lines_of(rows(f"{header}\na,b\n" if "," in header else f"{header}\na\n"),
                               imports.organisations.ORGANISATION)  # fmt: skip
