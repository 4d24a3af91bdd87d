"""Interviews: planned about a served letter, recorded after the talk, confirmed by the unit's head."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import docx as reader
import pytest

from audit import clock
from audit.refusals import NotAllowed
from cycle.models import Feedback, Interview
from tests import moments
from tests.cast import signed_in
from tests.county import County, refused
from tests.workflows.interviewing import RECORD, interviewed, planned
from tests.workflows.racing import failures, race
from workflows.services import interviewing


def served(county: County, unit: str = "nanniu") -> None:
    county.do(county.matter("feedback", unit=unit), "serve", advice="逐月调度。")


def talk(county: County) -> Any:
    return county.matter("interview", unit="nanniu")


def test_the_whole_way_of_an_interview(feedback: County) -> None:
    served(feedback)
    friday = dt.date(2027, 2, 12)
    planned(feedback, "nanniu", on=friday)
    item = feedback.item(talk(feedback), "record")
    # Default of the pack: five working days from the day of the talk.
    assert item.basis["start"] == friday.isoformat()
    feedback.move_to(friday)
    feedback.do(talk(feedback), "record", **RECORD)
    item = feedback.item(talk(feedback), "confirm")
    assert (item.office.title, item.role) == ("南牛乡", "head")
    assert item.basis["served_on"] == item.basis["start"] == friday.isoformat()
    feedback.do(talk(feedback), "confirm", choice="back_record", comment="缺完成时限。")
    feedback.do(talk(feedback), "record", **RECORD | {"measures": "4 月底前补齐。"})
    feedback.do(talk(feedback), "confirm", opinion="同意。")
    found = talk(feedback)
    assert (found.state, found.text["measures"], found.text["opinion"]) == (
        "confirmed",
        "4 月底前补齐。",
        "同意。",
    )
    verbs = ["create", "record_talk", "give_back", "record_talk", "confirm"]
    assert feedback.events(found.stream) == [f"interview.{verb}" for verb in verbs]


def test_only_a_served_letter_is_talked_over(feedback: County) -> None:
    with refused("南牛乡的反馈书还没有送达，请送达以后再安排面谈。"):
        planned(feedback, "nanniu")


@pytest.mark.parametrize(
    ("more", "sentence", "field"),
    [
        (
            {"on": dt.date(2027, 2, 9)},
            "面谈日期 2027 年 2 月 9 日已经过去，请填写今天或者以后的日期。",
            "on",
        ),
        ({"place": "  "}, "请写明面谈地点，再安排面谈。", "place"),
    ],
)
def test_a_plan_has_a_day_and_a_place(
    feedback: County, more: dict[str, Any], sentence: str, field: str
) -> None:
    served(feedback)
    assert clock.local_date(feedback.now) == dt.date(2027, 2, 10)
    with refused(sentence, field=field):
        planned(feedback, "nanniu", **more)


def test_one_talk_at_a_time(feedback: County) -> None:
    served(feedback)
    planned(feedback, "nanniu")
    with refused("“南牛乡 2026 年度绩效面谈”还没有办结，办结以后才能再次安排面谈。"):
        planned(feedback, "nanniu")
    feedback.do(talk(feedback), "record", **RECORD)
    feedback.do(talk(feedback), "confirm")
    planned(feedback, "nanniu")
    assert feedback.matter("interview", key="i02").title == "南牛乡 2026 年度绩效面谈（第 2 次）"


def test_two_plans_at_the_same_moment_make_one_talk(small_year: None) -> None:
    with moments.committed("feedback") as county:
        served(county)
        results = race([lambda: planned(county, "nanniu")] * 4)
        assert len(failures(results)) == 3
        assert all("还没有办结" in str(failure) for failure in failures(results))
        assert Interview.objects.count() == 1


def test_nobody_else_plans_a_talk(feedback: County) -> None:
    served(feedback)
    unit, letter = feedback.of_unit("nanniu", "head"), Feedback.objects.get(subject__code="nanniu")
    with refused("绩效面谈由绩效办安排，请换一个岗位办理，或者联系绩效办。", NotAllowed):
        interviewing.plan_and_start(
            letter.pk, on=dt.date(2027, 2, 12), place="乡政府", user_id=unit.user, office_id=unit.office
        )


@pytest.mark.parametrize(
    ("form", "sentence", "field"),
    [
        ({"present": " "}, "请写明参加人员的职务，再提交单位确认。", "present"),
        ({"said": ""}, "请写明面谈的内容，再提交单位确认。", "said"),
        ({"on": "2027-02-30"}, "面谈日期“2027-02-30”这一天不存在，请核对月份和日期。", "on"),
        ({"on": "2027-02-11"}, "面谈日期 2027 年 2 月 11 日还没有到，面谈以后再填写记录。", "on"),
    ],
)
def test_a_record_is_whole(feedback: County, form: dict[str, str], sentence: str, field: str) -> None:
    served(feedback)
    planned(feedback, "nanniu")
    with refused(sentence, field=field):
        feedback.do(talk(feedback), "record", **RECORD | form)


def test_from_the_list_to_the_task_and_the_record(feedback: County) -> None:
    served(feedback)
    letter = Feedback.objects.get(subject__code="nanniu")
    clerk, unit = signed_in("jxb-clerk"), signed_in("nanniu-head")
    assert f"/letters/{letter.pk}/interview/" in clerk.get("/letters/").content.decode()
    assert f"/letters/{letter.pk}/interview/" in clerk.get(f"/letters/{letter.pk}/").content.decode()
    assert "安排面谈" not in unit.get(f"/letters/{letter.pk}/").content.decode()
    assert "安排面谈" not in unit.get("/letters/").content.decode()
    late = clerk.post(f"/letters/{letter.pk}/interview/", {"on": "2027-02-01", "place": "会议室"})
    assert late.status_code == 422
    assert "面谈日期 2027 年 2 月 1 日已经过去" in late.content.decode()
    assert 'value="会议室"' in late.content.decode()
    made = clerk.post(f"/letters/{letter.pk}/interview/", {"on": "2027-02-10", "place": "会议室"})
    assert made["Location"] == f"/t/{feedback.item(talk(feedback), 'record').pk}/"
    assert "安排面谈" not in clerk.get(f"/letters/{letter.pk}/").content.decode()
    assert "2027-02-10，会议室" in unit.get("/letters/").content.decode()
    assert unit.get(f"/interviews/{talk(feedback).pk}/").status_code == 404
    clerk.post(
        f"{made['Location']}submit/", {"choice": "next", "on": "2027-02-10", "place": "会议室"} | RECORD
    )
    task = feedback.item(talk(feedback), "confirm")
    assert "反馈了固定资产投资进度偏慢的问题。" in unit.get(f"/t/{task.pk}/").content.decode()
    unit.post(f"/t/{task.pk}/submit/", {"choice": "next", "opinion": "照此办理。"})
    page = unit.get(f"/interviews/{talk(feedback).pk}/").content.decode()
    for words in ("照此办理。", "会议室", "南牛乡乡长", "演示数据，非真实考核结果"):
        assert words in page
    assert signed_in("xinchengpu-head").get(f"/interviews/{talk(feedback).pk}/").status_code == 404


def test_the_record_is_a_document(feedback: County) -> None:
    served(feedback)
    matter = interviewed(feedback, "nanniu")
    content = signed_in("auditor").get(f"/interviews/{matter.pk}/docx/").content
    lines = [line.text for line in reader.Document(io.BytesIO(content)).paragraphs]
    assert "本记录尚未经单位确认。" in lines
    assert "县绩效办负责人" in lines
