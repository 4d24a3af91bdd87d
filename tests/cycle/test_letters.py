"""Feedback letters: every number is the engine's, the rights are the policy's, served bytes stay."""

from __future__ import annotations

import datetime as dt
import io
import json
import statistics
from decimal import Decimal
from fractions import Fraction
from typing import Any

import docx as reader
import pytest

from audit import blobs, clock, ledger
from cycle.documents import Table
from cycle.documents.letters import letter_paper
from cycle.models import AdjustmentClaim, Feedback, Reading, Score
from cycle.queries.letters import composed, rights
from cycle.queries.results import recomputed
from cycle.queries.suggesting import suggested_problems
from policies.exact import plain
from tests.cast import signed_in
from tests.county import County
from tests.small_county import MEMBERS, PASSWORD, edition

PROBLEMS = "★固定资产投资：上半年进度偏慢。\n台账不全。"
UNITS = ("nanniu", "xinchengpu", "caizheng", "tongji", "zhujian")


def served(county: County, unit: str = "nanniu") -> tuple[Any, dict[str, Any]]:
    county.do(county.matter("feedback", unit=unit), "serve", problems=PROBLEMS, advice="逐月调度。")
    matter = county.matter("feedback", unit=unit)
    return matter, json.loads(blobs.read(matter.document_digest))


@pytest.mark.parametrize("unit", UNITS)
def test_every_number_is_that_of_the_run(feedback: County, unit: str) -> None:
    matter, letter = served(feedback, unit)
    result = recomputed(matter.run_id)
    found = result.unit(unit)
    assert letter["total"] == result.total_text(found)
    assert sum(Decimal(line["value"]) for line in letter["account"]) == Decimal(letter["total"])
    for component in letter["components"]:
        exact = found.flat()[component["key"]]
        assert component["value"] == plain(exact.value or 0)
        assert component["value"] == Score.objects.get(
            run=matter.run, subject=matter.subject, component=component["key"]
        ).value.rstrip("0").rstrip(".")
        assert Fraction(component["points"]) == exact.points
        assert Fraction(component["lost"]) == Fraction(component["points"]) - Fraction(component["value"])
        planned = {one.id: one for ones in found.plan.get(component["key"], {}).values() for one in ones}
        assert {each["key"] for each in component["indicators"]} == set(planned)
        for each in component["indicators"]:
            assert Fraction(each["points"]) == planned[each["key"]].points
            scored = {name: one.indicators[each["key"]] for name, one in exact.rounds.items()}
            assert {one["round"]: one["score"] for one in each["rounds"]} == {
                name: plain(value) for name, value in scored.items() if value is not None
            }
            in_the_year = sum(Decimal(one["value"]) for one in each["rounds"])
            assert abs(Decimal(each["value"]) - in_the_year) < Decimal("1e-10")  # twelve decimals are kept
            assert all(one["reason"] for one in each["rounds"])


def test_the_collector_s_reason_for_lost_points_is_told(feedback: County) -> None:
    _, letter = served(feedback)
    (supervision,) = [each for each in letter["components"][0]["indicators"] if each["key"] == "supervision"]
    assert supervision["lost"] == "2.5"
    assert {one["note"] for one in supervision["rounds"]} == {"督查通报扣分。"}


def test_adjustments_and_vetoes_name_source_effect_and_article(feedback: County) -> None:
    _, letter = served(feedback)
    (bonus,) = letter["adjustments"]["bonus"]["lines"]
    claim = AdjustmentClaim.objects.get(subject__code="nanniu")
    assert (bonus["counted"], bonus["source"], bonus["cite"]) == ("2", claim.source, "五（四）1")
    _, fined = served(feedback, "caizheng")
    assert [line["cite"] for line in fined["adjustments"]["deduction"]["lines"]] == ["五（四）2"]
    _, barred = served(feedback, "tongji")
    assert barred["vetoes"] == [
        {
            "item": "public_security",
            "title": "社会治安综合治理黄牌警告或一票否决",
            "effect": "取消评为“先进”的资格",
            "cite": "六（二）1（2）",
        }
    ]


def test_the_group_is_compared_exactly(feedback: County) -> None:
    matter, letter = served(feedback)
    result = recomputed(matter.run_id)
    both = [result.unit(code).total for code in ("nanniu", "xinchengpu")]
    total = letter["standing"]["total"]
    assert letter["standing"]["units"] == 2
    assert Decimal(total["best"]) == Decimal(plain(max(both)))
    for name, value in (("mean", statistics.mean(both)), ("median", statistics.median(both))):
        assert abs(Fraction(total[name]) - Fraction(value)) <= Fraction(1, 200)


def test_last_year_is_compared_where_there_is_one(feedback: County, monkeypatch: pytest.MonkeyPatch) -> None:
    matter, letter = served(feedback)
    assert letter["history"] is None
    result = recomputed(matter.run_id)
    paper = letter_paper(
        letter | {"history": {"year": 2025, "total": "90.5", "rank": 3, "grade": "合格", "change": "-1.25",
                              "places": 2}},
        digest="", issuer="", served_on=None, receipt="",
    )  # fmt: skip
    words = " ".join(block.text for block in paper.blocks if hasattr(block, "text"))
    assert (
        "2025 年度综合得分 90.5，名列第 3，等次为“合格”。本年度综合得分下降 1.25 分，名次上升 2 位。" in words
    )
    assert result.facts.history == ()


def test_the_letter_says_how_where_and_until_when_to_appeal(feedback: County) -> None:
    """Default of the pack: three working days from service, to the office that reviews."""
    feedback.move_to(dt.date(2027, 2, 19))
    _, letter = served(feedback)
    first, second = letter["rights"]
    assert "自本反馈书送达之日起 3 个工作日内（送达当日不计，到 2027 年 2 月 24 日 24 时止）" in first
    assert "县绩效管理申诉复核组" in first
    assert "逾期提出的，不予受理" in second


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"office": "unit", "due": {"in": "5 wd", "from": "receipt"}, "cite": "九2"},
         "自签收本反馈书之日起 5 个工作日内（签收当日不计，到最后一日 24 时止）"),
        ({"skip": "true", "why": "方案未设申诉"}, "考核办法没有规定申诉程序"),
    ],
)  # fmt: skip
def test_the_rights_follow_the_policy(
    feedback: County, monkeypatch: pytest.MonkeyPatch, file: dict[str, Any], words: str
) -> None:
    data = json.loads(edition(MEMBERS).canonical)["process"]
    data["feedback"]["appeal"]["file"] = file
    pack = edition(MEMBERS, process=data)
    monkeypatch.setattr("cycle.queries.letters.rules_of", lambda cycle: pack)
    letter = Feedback.objects.select_related("cycle").get(subject__code="nanniu")
    said = rights(letter, at=feedback.now)
    assert words in said[0]
    assert ("九2" in said[0]) == ("cite" in file)


def test_served_letters_are_numbered_in_the_order_of_service(feedback: County) -> None:
    numbers = [served(feedback, unit)[1]["number"] for unit in UNITS]
    assert numbers == [f"正绩馈〔2027〕{count}号" for count in range(1, 6)]
    assert feedback.matter("feedback", unit="nanniu").text["number"] == numbers[0]


def test_suggestions_name_what_lost_most_and_nothing_else(feedback: County) -> None:
    letter = Feedback.objects.select_related("cycle", "subject", "run").get(subject__code="nanniu")
    content = composed(letter, at=feedback.now)
    found = suggested_problems(content)
    lost = {each["title"]: each["lost"] for each in content["components"][0]["indicators"]}
    assert len(found) == sum(value != "0" for value in lost.values())
    assert "督查落实：满分 30 分，得 27.5 分，失 2.5 分（中期评估：督查通报扣分）。" in found
    fined = Feedback.objects.select_related("cycle", "subject", "run").get(subject__code="caizheng")
    assert (
        suggested_problems(composed(fined, at=feedback.now))[-1] == "受县通报批评（县里的通报）：减 0.5 分。"
    )


def test_the_page_the_print_and_the_word_file_say_the_same(feedback: County) -> None:
    matter, letter = served(feedback)
    client = signed_in("nanniu-head")
    page = client.get(f"/letters/{matter.pk}/").content.decode()
    answer = client.get(f"/letters/{matter.pk}/docx/")
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    assert "2026%E5%B9%B4%E5%BA%A6" in answer["Content-Disposition"]
    assert client.get(f"/letters/{matter.pk}/docx/").content == answer.content
    document = reader.Document(io.BytesIO(answer.content))
    lines = [line.text for line in document.paragraphs if line.text]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for text in [*lines, *cells]:
        assert text in page or text.endswith("：")
    assert letter["number"] in lines
    assert f"反馈书内容摘要 sha256 {matter.document_digest}" in lines
    assert document.sections[0].header.paragraphs[0].text == "演示数据，非真实考核结果"


def test_a_letter_stays_as_it_was_served(feedback: County) -> None:
    matter, _ = served(feedback)
    client = signed_in("nanniu-head")
    before = client.get(f"/letters/{matter.pk}/").content
    Reading.objects.all().update(note="改过的说明")
    matter.subject.title = "改了名的乡"
    matter.subject.save(update_fields=["title"])
    assert client.get(f"/letters/{matter.pk}/").content == before
    feedback.do(matter, "sign", password=PASSWORD, digest=matter.document_digest)
    assert "由单位负责人签收" in client.get(f"/letters/{matter.pk}/").content.decode()


FIRST_VERSION = {
    "title": "2026 年度绩效考核结果反馈书", "unit": "南牛乡", "demo": True,
    "policy": {"title": "正定县政府绩效管理实施方案", "digest": "sha256:abc"},
    "run": {"number": 1, "result": "sha256:def"}, "total": "97.30", "rank": 1, "ranked": 7, "grade": "先进",
    "bonus": "4", "deduction": "1", "vetoes": [],
    "components": [{"title": "指标评估", "value": "85.5", "cite": "五（一）1"}],
    "problems": "进度偏慢。", "advice": "逐月调度。", "statement": "本人代表本单位确认收到上述考核结果。",
}  # fmt: skip


def test_letters_of_the_first_version_are_still_shown(feedback: County) -> None:
    matter, _ = served(feedback)
    blob = blobs.store([ledger.canonical(FIRST_VERSION).encode()])
    Feedback.objects.filter(pk=matter.pk).update(document_digest=blob.digest)
    page = signed_in("nanniu-head").get(f"/letters/{matter.pk}/").content.decode()
    for words in ("综合得分 97.30 分，在本组 7 家单位中名列第 1", "一、考核结果", "二、存在问题",
                  "三、意见和建议", "四、签收", ">五（一）1</td>", blob.digest):  # fmt: skip
        assert words in page
    task = feedback.item(matter, "sign")
    assert "进度偏慢。" in signed_in("nanniu-head").get(f"/t/{task.pk}/").content.decode()


def test_the_list_shows_served_letters_to_those_who_may_read_them(feedback: County) -> None:
    matter, letter = served(feedback)
    own = signed_in("nanniu-head").get("/letters/?year=2026").content.decode()
    assert f"/letters/{matter.pk}/" in own
    assert letter["number"] in own
    assert "待签收" in own
    assert "还没有送达的反馈书" in signed_in("xinchengpu-head").get("/letters/").content.decode()
    assert f"/letters/{matter.pk}/" in signed_in("auditor").get("/letters/").content.decode()
    for username, address in (
        ("nanniu-head", "/results/2026/nanniu/"),
        ("jxb-clerk", "/office/units/nanniu/"),
    ):
        assert f"/letters/{matter.pk}/" in signed_in(username).get(address).content.decode()


def test_the_office_previews_its_draft_and_nobody_else_does(feedback: County) -> None:
    matter = feedback.matter("feedback", unit="nanniu")
    item = feedback.item(matter, "serve")
    client = signed_in("jxb-clerk")
    task = client.get(f"/t/{item.pk}/").content.decode()
    assert "督查落实：满分 30 分" in task
    client.post(f"/t/{item.pk}/draft/", {"problems": "草稿里的问题。", "advice": "草稿里的建议。"})
    page = client.get(f"/t/{item.pk}/letter/").content.decode()
    for words in ("草稿里的问题。", "草稿里的建议。", "本页为送达前的预览"):
        assert words in page
    assert signed_in("nanniu-head").get(f"/t/{item.pk}/letter/").status_code == 404
    assert signed_in("auditor").get(f"/t/{item.pk}/letter/").status_code == 404
    served(feedback)
    assert client.get(f"/t/{item.pk}/letter/").status_code == 404


def test_every_table_of_the_paper_is_whole(feedback: County) -> None:
    _, letter = served(feedback, "zhujian")
    paper = letter_paper(letter, digest="", issuer="", served_on=clock.local_date(feedback.now), receipt="无")
    for block in paper.blocks:
        if isinstance(block, Table):
            assert {len(row) for row in block.rows} == {len(block.columns)} == {len(block.widths)}
