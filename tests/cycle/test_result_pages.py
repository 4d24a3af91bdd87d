"""Results over HTTP: who sees what when, every number explained, documents from their stored bytes."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.exports import safe
from cycle.models import Feedback, Grade, Publication, Subject
from tests.cast import signed_in
from tests.county import County

YEAR = 2026
BUDGET = 20


def groups(username: str) -> list[str]:
    return [table.group for table in signed_in(username).get(f"/results/{YEAR}/").context["tables"]]


def test_before_the_publicity_only_overseers_see_results(assessed: County) -> None:
    signed_in("jxb-clerk").post("/office/stage/assessment/score/")
    assert groups("jxb-chief") == ["township", "department", "heritage"]
    assert groups("nanniu-head") == []
    assert "结果还没有公布" in signed_in("nanniu-head").get(f"/results/{YEAR}/").content.decode()
    for username in ("nanniu-head", "leader", "collector"):
        assert signed_in(username).get(f"/results/{YEAR}/nanniu/").status_code == 404


def test_from_the_publicity_on_a_unit_sees_its_own_group(published: County) -> None:
    assert groups("nanniu-head") == ["township"]
    assert groups("caizheng-head") == ["department"]
    page = signed_in("nanniu-head").get(f"/results/{YEAR}/")
    (table,) = page.context["tables"]
    assert [line.grade.subject.code for line in table.rows if line.linked] == ["nanniu"]
    assert table.state == "公示中"
    assert signed_in("nanniu-head").get(f"/results/{YEAR}/nanniu/").status_code == 200
    assert signed_in("nanniu-head").get(f"/results/{YEAR}/xinchengpu/").status_code == 404
    assert signed_in("nanniu-head").get(f"/results/{YEAR}/caizheng/").status_code == 404


def test_ranks_run_down_the_table(published: County) -> None:
    for table in signed_in("auditor").get(f"/results/{YEAR}/").context["tables"]:
        ranks = [line.grade.rank for line in table.rows]
        assert ranks == sorted(ranks)
        totals = [Decimal(line.grade.total) for line in table.rows]
        assert totals == sorted(totals, reverse=True)


def leaves(node: dict[str, object]) -> list[Decimal]:
    children = node["children"]
    assert isinstance(children, list)
    return (
        [value for child in children for value in leaves(child)]
        if children
        else [Decimal(str(node["value"]))]
    )


@pytest.mark.parametrize("code", ["nanniu", "caizheng", "zhujian"])
def test_the_explanation_adds_up_to_the_published_total(published: County, code: str) -> None:
    body = signed_in("jxb-chief").get(f"/results/{YEAR}/{code}/?format=json").json()
    total = Grade.objects.get(subject__code=code).total
    assert body["explanation"]["value"] == total
    assert sum(leaves(body["explanation"]), Decimal(0)) == Decimal(total)
    assert body["demo"] is True


def test_the_text_and_the_page_say_the_same(published: County) -> None:
    client, total = signed_in("nanniu-head"), Grade.objects.get(subject__code="nanniu").total
    text = client.get(f"/results/{YEAR}/nanniu/?format=txt").content.decode()
    assert text.startswith("演示数据，非真实考核结果")
    assert f"= {total}" in text
    page = client.get(f"/results/{YEAR}/nanniu/")
    assert page.context["tree"]["value"] == total
    assert page.context["reproduced"] is True
    assert "重新计算一致" in page.content.decode()


def test_tables_keep_within_their_queries(published: County) -> None:
    client = signed_in("jxb-chief")
    client.get(f"/results/{YEAR}/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/results/{YEAR}/")
    assert len(captured) <= BUDGET


def test_the_table_as_csv_is_what_the_office_may_see(published: County) -> None:
    content = signed_in("nanniu-head").post(f"/results/{YEAR}/export/csv/").content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows[0] == ["演示数据，非真实考核结果"]
    assert {row[2] for row in rows[2:]} == {"南牛乡", "新城铺镇"}
    assert rows[2][3] == Grade.objects.get(subject__title=rows[2][2]).total


def test_xlsx_is_written_for_those_who_want_a_spreadsheet(published: County) -> None:
    assert signed_in("jxb-chief").post(f"/results/{YEAR}/export/xlsx/").content[:2] == b"PK"
    assert signed_in("jxb-chief").get(f"/results/{YEAR}/export/xlsx/").status_code == 405


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-0.5", "-0.5"), ("-cmd|x", "'-cmd|x"), ("+86", "+86"),
     ("\t=x", "'\t=x"), ("南牛乡", "南牛乡"), (None, ""), (87.5, "87.5")],
)  # fmt: skip
def test_no_cell_is_a_formula(value: object, cell: str) -> None:
    assert safe(value) == cell


def test_the_notice_is_what_was_shown_even_if_the_records_change(published: County) -> None:
    notice = Publication.objects.get(key__startswith="township-")
    before = signed_in("nanniu-head").get(f"/publications/{notice.pk}/").content.decode()
    total = Grade.objects.get(subject__code="nanniu").total
    assert f">{total}</td>" in before
    Subject.objects.filter(code="nanniu").update(title="改了名的乡")
    assert signed_in("nanniu-head").get(f"/publications/{notice.pk}/").content.decode() == before
    assert signed_in("caizheng-head").get(f"/publications/{notice.pk}/").status_code == 404
    assert "演示数据，非真实考核结果" in before


def test_a_letter_is_for_its_unit_and_only_once_served(feedback: County) -> None:
    letter = Feedback.objects.get(subject__code="nanniu")
    assert signed_in("nanniu-head").get(f"/letters/{letter.pk}/").status_code == 404
    feedback.do(
        feedback.matter("feedback", unit="nanniu"), "serve", problems="调度不够。", advice="逐月调度。"
    )
    letter = Feedback.objects.get(subject__code="nanniu")
    page = signed_in("nanniu-head").get(f"/letters/{letter.pk}/").content.decode()
    assert letter.document_digest in page
    assert "逐月调度。" in page
    assert "签收只表示收到" in page
    assert signed_in("xinchengpu-head").get(f"/letters/{letter.pk}/").status_code == 404
    assert signed_in("auditor").get(f"/letters/{letter.pk}/").status_code == 200


def test_uses_are_seen_by_the_unit_the_executor_and_overseers(uses: County) -> None:
    def seen(username: str) -> set[str]:
        return {str(row.subject) for row in signed_in(username).get("/uses/").context["rows"]}

    assert seen("nanniu-head") == {"南牛乡"}
    assert len(seen("jxb-chief")) == 5
    assert seen("collector") == set()


def test_json_of_an_unknown_unit_is_not_found(published: County) -> None:
    assert signed_in("jxb-chief").get(f"/results/{YEAR}/nowhere/?format=json").status_code == 404
