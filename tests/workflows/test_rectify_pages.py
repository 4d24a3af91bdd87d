"""整改 on pages: the board, one problem, listing, asking for more time, the register, public progress."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from audit.models import Event
from cycle.models import AdoptedPolicy, Cycle, Rectification
from cycle.services import problem_lists
from cycle.services.problem_lists import Problem
from policies.packs import pack_from_bytes
from tests.cast import signed_in, submit
from tests.county import County
from tests.small_county import MEMBERS, edition
from tests.workflows import rectifying
from tests.workflows.rectifying import CLERK, SECOND

UNIT, OTHER = "nanniu-handler", "xinchengpu-handler"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def many(county: County, count: int, **more: Any) -> None:
    """That many problems of both townships."""
    office = county.office("performance_office")
    problems = [
        Problem(("nanniu", "xinchengpu")[n % 2], f"类别{n}", f"第 {n} 个问题。", **more) for n in range(count)
    ]
    problem_lists.list_problems(
        county.cycle.pk, problems, source="monitoring", user_id=county.user(CLERK), office_id=office.pk
    )
    county.relay()


# --- the board ---------------------------------------------------------------------------------------------


def test_the_board_shows_a_column_for_each_state_and_a_unit_its_own(monitoring: County) -> None:
    rectifying.underway(monitoring, rectifying.listed(monitoring))
    rectifying.listed(monitoring, Problem("xinchengpu", "督查", "没有反馈。"))
    page = signed_in(CLERK).get("/rectify/")
    counts = {each["title"]: each["count"] for each in page.context["columns"]}
    assert counts == {"待制定方案": 1, "待批准方案": 0, "整改中": 1, "待核查": 0, "已销号": 0}
    own = signed_in(OTHER).get("/rectify/")
    assert own.context["found"] == 1
    assert "数据台账" not in text(own)


def test_what_is_overdue_comes_first_and_can_be_asked_for_alone(monitoring: County) -> None:
    rectifying.listed(monitoring, Problem("xinchengpu", "督查", "没有反馈。"))
    late = rectifying.listed(monitoring)
    monitoring.move_to(dt.date(2026, 3, 20))
    rectifying.listed(monitoring, Problem("nanniu", "新问题", "刚刚发现。"))
    client = signed_in(CLERK)
    first = client.get("/rectify/").context["columns"][0]
    assert [card.matter.topic for card in first["cards"]] == ["数据台账", "督查", "新问题"]
    assert first["late"] == 2
    narrowed = client.get("/rectify/", {"late": "1", "unit": "nanniu"})
    assert [card.matter.pk for card in narrowed.context["columns"][0]["cards"]] == [late.pk]
    table = client.get("/rectify/", {"state": "listed", "key": "1"})
    assert "没有“待制定方案”的问题" in text(table)


def test_the_board_asks_as_many_questions_for_forty_problems_as_for_two(monitoring: County) -> None:
    client = signed_in(CLERK)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/rectify/").status_code == 200
        return len(asked)

    many(monitoring, 2)
    questions()  # what a process remembers is asked once
    few = questions()
    Rectification.objects.update(state="revoked")
    many(monitoring, 40)
    assert questions() == few <= 16


def test_unknown_filters_narrow_nothing(monitoring: County) -> None:
    many(monitoring, 2)
    page = signed_in(CLERK).get("/rectify/", {"state": "nowhere", "unit": "mars", "source": "x", "page": "9"})
    assert (page.status_code, page.context["found"]) == (200, 2)


# --- one problem -------------------------------------------------------------------------------------------


def test_one_problem_in_full_for_those_who_may_see_it(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    monitoring.do(matter, "check", choice="back_result", comment="还差一份凭证。", as_=SECOND)
    page = signed_in(UNIT).get(f"/rectify/{matter.pk}/")
    shown = text(page)
    for words in (
        "三月、四月的投资台账没有入库凭证。",
        "分管副乡长",
        "补齐凭证",
        "整改前后对比.pdf",
        "还差一份凭证。",
    ):
        assert words in shown
    assert page.context["may_do"]
    assert signed_in(OTHER).get(f"/rectify/{matter.pk}/").status_code == 404
    assert signed_in("auditor").get(f"/rectify/{matter.pk}/").status_code == 200
    assert "登记完成" not in text(signed_in(CLERK).get(f"/rectify/{matter.pk}/"))


def test_a_step_is_ticked_off_on_the_page_and_a_refusal_keeps_the_note(monitoring: County) -> None:
    matter = rectifying.underway(monitoring, rectifying.listed(monitoring))
    step, other = matter.milestones.all()
    client, url = signed_in(UNIT), f"/rectify/{matter.pk}/milestones/"
    assert client.post(f"{url}{step.pk}/", {"note": "已补齐 12 份。"}).status_code == 302
    step.refresh_from_db()
    assert step.note == "已补齐 12 份。"
    answer = client.post(f"{url}{other.pk}/", {"note": "  "})
    assert answer.status_code == 422
    assert "请写明这个节点完成的情况后再登记。" in text(answer)
    again = client.post(f"{url}{step.pk}/", {"note": "又补了两份。"})
    assert (again.status_code, "不用重复登记" in text(again)) == (422, True)
    assert signed_in(OTHER).post(f"{url}{other.pk}/", {"note": "别家的。"}).status_code == 404
    assert client.post(f"{url}{matter.pk}/", {"note": "没有这个节点。"}).status_code == 404


def test_a_problem_is_taken_off_the_list_on_its_page(monitoring: County) -> None:
    matter = rectifying.listed(monitoring)
    client, url = signed_in(CLERK), f"/rectify/{matter.pk}/revoke/"
    assert "请写明撤销的理由和依据的决定" in text(client.post(url, {"why": ""}))
    assert client.post(url, {"why": "复核决定认定不存在这一问题。"}).status_code == 302
    assert rectifying.fresh(matter).state == "revoked"
    assert "目前的状态是“已撤销”" in text(client.post(url, {"why": "再来一次。"}, follow=True))


# --- listing -----------------------------------------------------------------------------------------------


def lines(*problems: tuple[str, str, str], **more: str) -> dict[str, str]:
    data = {"source": "monitoring", "count": str(len(problems)), **more}
    for place, (unit, topic, problem) in enumerate(problems):
        data |= {
            f"lines-{place}-unit": unit,
            f"lines-{place}-topic": topic,
            f"lines-{place}-problem": problem,
        }
    return data


def test_several_problems_are_listed_at_once_and_empty_blocks_are_passed_over(monitoring: County) -> None:
    client = signed_in(CLERK)
    assert "问题 1" in text(client.get("/rectify/new/?unit=nanniu"))
    posted = lines(("nanniu", "台账", "缺凭证。"), ("", "", ""), ("caizheng", "督查", "没有反馈。"))
    answer = client.post("/rectify/new/", posted, follow=True)
    assert "已列入 2 个问题" in text(answer)
    assert set(Rectification.objects.values_list("subject__code", flat=True)) == {"nanniu", "caizheng"}


def test_more_blocks_keep_what_was_typed_and_judge_nothing(monitoring: County) -> None:
    answer = signed_in(CLERK).post("/rectify/new/", lines(("nanniu", "", "缺凭证。"), more="1"))
    shown = text(answer)
    assert (answer.status_code, "缺凭证。" in shown, "问题 5" in shown) == (200, True, True)
    assert "请写明问题类别" not in shown
    assert not Rectification.objects.exists()


def test_a_bad_block_keeps_all_and_names_the_place(monitoring: County) -> None:
    posted = lines(("nanniu", "台账", "缺凭证。"), ("caizheng", "", "没有反馈。"))
    answer = signed_in(CLERK).post("/rectify/new/", posted)
    shown = text(answer)
    assert answer.status_code == 422
    assert "第 2 个问题 问题类别：请写明问题类别，例如“数据台账”。" in shown
    assert "缺凭证。" in shown
    assert not Rectification.objects.exists()


def test_a_refusal_of_the_service_stands_at_its_field(monitoring: County) -> None:
    posted = lines(("nanniu", "台账", "缺凭证。")) | {"lines-0-indicator": "古城绿化"}
    shown = text(signed_in(CLERK).post("/rectify/new/", posted))
    assert "南牛乡没有“古城绿化”这项指标，可以填：固定资产投资、督查落实、水质达标。" in shown
    assert 'href="#id_lines-0-indicator"' in shown


def test_an_auditor_lists_what_the_audit_found_and_a_hostile_source_is_refused(monitoring: County) -> None:
    client = signed_in("auditor")
    assert "审计监督" in text(client.get("/rectify/new/"))
    answer = client.post("/rectify/new/", lines(("nanniu", "台账", "缺凭证。")))
    assert answer.status_code == 422
    posted = lines(("nanniu", "台账", "缺凭证。")) | {"source": "audit"}
    assert client.post("/rectify/new/", posted).status_code == 302
    assert Rectification.objects.get().source == "audit"


def test_a_matter_that_a_problem_rests_on_is_carried_along(monitoring: County) -> None:
    origin = monitoring.matter("sheet", unit="nanniu")
    client = signed_in(CLERK)
    page = client.get(f"/rectify/new/?origin={origin.pk}")
    assert origin.title in text(page)
    posted = lines(("nanniu", "台账", "缺凭证。")) | {"origin": str(origin.pk)}
    client.post("/rectify/new/", posted)
    assert Rectification.objects.get().origin_id == origin.pk
    assert client.get("/rectify/new/?origin=nonsense").status_code == 404


# --- the task's pages --------------------------------------------------------------------------------------


def test_the_unit_fills_in_its_plan_on_the_tasks_page(monitoring: County) -> None:
    matter = rectifying.listed(monitoring)
    item = monitoring.item(matter, "plan")
    client = signed_in(UNIT)
    page = text(client.get(f"/t/{item.pk}/"))
    assert 'type="date" id="id_m1-due_on"' in page
    form = rectifying.plan_form(monitoring)
    typed = {
        f"{key}-{name}": value for key, line in form.pop("lines").items() for name, value in line.items()
    }
    bad = client.post(f"/t/{item.pk}/submit/", {"choice": "next", **form, **typed, "finish_on": "2026-12-01"})
    assert bad.status_code == 422
    assert "超过了时限，请提前" in text(bad)
    assert "建立核对制度" in text(bad)
    assert client.post(f"/t/{item.pk}/submit/", {"choice": "next", **form, **typed}).status_code == 302
    assert rectifying.fresh(matter).state == "planned"


def test_more_time_is_asked_for_on_its_page(monitoring: County) -> None:
    item = monitoring.item(rectifying.listed(monitoring), "plan")
    client, url = signed_in(UNIT), f"/t/{item.pk}/extend/"
    assert url in text(client.get(f"/t/{item.pk}/"))
    assert "计入的 10 天" in text(client.get(url))
    refused = client.post(url, {"until": "2026-02-20", "why": "采购尚未完成。"})
    assert refused.status_code == 422
    assert "应当晚于目前的到期日 2026 年 3 月 2 日" in text(refused)
    assert "采购尚未完成。" in text(refused)
    assert client.post(url, {"until": "2026-03-20", "why": "采购尚未完成。"}).status_code == 302
    assert "已申请延期到 2026-03-20，等待决定" in text(client.get(f"/t/{item.pk}/"))
    assert signed_in(OTHER).get(url).status_code == 404
    assert signed_in(CLERK).get(url).status_code == 404
    monitoring.move_to(dt.date(2026, 3, 4))
    assert url not in text(client.get(f"/t/{item.pk}/"))


def test_the_office_decides_on_the_request_where_it_can_read_it(monitoring: County) -> None:
    item = monitoring.item(rectifying.listed(monitoring), "plan")
    signed_in(UNIT).post(f"/t/{item.pk}/extend/", {"until": "2026-03-20", "why": "采购尚未完成。"})
    asked = item.matter.extensions.get()
    decision = monitoring.item(asked, "decide")
    client = signed_in(CLERK)
    page = text(client.get(f"/t/{decision.pk}/"))
    for words in ("采购尚未完成。", "2026-03-02", "2026-03-20", "制定整改方案", "不予延期"):
        assert words in page
    refused = submit(client, decision, choice="reject")
    assert (refused.status_code, "请写明理由后再不予延期" in text(refused)) == (422, True)
    assert submit(client, decision, comment="同意。").status_code == 302
    item.refresh_from_db()
    assert item.basis["due_on"] == "2026-03-20"


# --- the register ------------------------------------------------------------------------------------------


def test_the_register_as_a_workbook_and_as_csv(monitoring: County) -> None:
    matter = rectifying.reported(monitoring, rectifying.listed(monitoring))
    monitoring.do(matter, "check", comment="已核对。", as_=SECOND)
    rectifying.listed(monitoring, Problem("xinchengpu", "督查", "=1+1 没有反馈。", is_key=True))
    client = signed_in(CLERK)
    answer = client.post("/rectify/export/xlsx/")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "演示数据，非真实考核结果"
    head = rows[1]
    found = {row[head.index("单位")]: dict(zip(head, row, strict=True)) for row in rows[2:]}
    done = found["南牛乡"]
    assert (done["状态"], done["进度节点"], done["计划完成日期"]) == ("已销号", "0/2", "2026-03-02")
    assert (done["销号日期"], done["核查人"].endswith("（县绩效办）")) == ("2026-02-10", True)
    assert found["新城铺镇"]["列入下年度指标"] == "尚未列入"
    csv = client.post("/rectify/export/csv/?unit=xinchengpu").content
    assert csv.startswith(b"\xef\xbb\xbf")
    assert "'=1+1 没有反馈。" in csv.decode()
    assert "南牛乡" not in csv.decode()
    made = Event.objects.filter(type="export.made").latest("recorded_at").facts
    assert (made["what"], made["rows"], made["filter"]) == ("2026 年度整改台账", 1, {"unit": "xinchengpu"})
    own = signed_in(OTHER).post("/rectify/export/csv/").content.decode()
    assert "南牛乡" not in own


# --- progress for the public -------------------------------------------------------------------------------


def shown_to(county: County, audience: str) -> None:
    """Let the year's policy name another audience."""
    data = json.loads(edition(MEMBERS).canonical)
    data["process"]["feedback"]["rectification"]["result"]["audience"] = audience
    pack = pack_from_bytes(json.dumps(data, ensure_ascii=False).encode())
    AdoptedPolicy.objects.get_or_create(
        digest=pack.digest,
        defaults={"pack": pack.id, "title": pack.title, "content": pack.canonical, "adopted_at": county.now},
    )
    Cycle.objects.update(policy=pack.digest)


@pytest.mark.parametrize(
    ("audience", "open_to"),
    [
        ("inside", set()),
        ("units", {UNIT, "collector", "auditor"}),
        ("public", {"", UNIT, "auditor", "sysadmin"}),
    ],
)
def test_progress_is_open_to_whom_the_policy_names(
    monitoring: County, audience: str, open_to: set[str]
) -> None:
    shown_to(monitoring, audience)
    for who in ("", UNIT, "collector", "auditor", "sysadmin"):
        client = signed_in(who) if who else Client()
        status = client.get("/public/rectify/2026/").status_code
        assert status == (200 if who in open_to or audience == "public" else 404), who


def test_the_public_page_shows_key_items_and_nothing_else(monitoring: County) -> None:
    rectifying.listed(monitoring)
    rectifying.listed(monitoring, Problem("xinchengpu", "督查反馈", "内部情况不公开。", is_key=True))
    shown_to(monitoring, "public")
    answer = Client().get("/public/rectify/2026/")
    shown = text(answer)
    assert "督查反馈" in shown
    assert "新城铺镇" in shown
    assert "演示数据，非真实考核结果" in shown
    for hidden in ("内部情况不公开。", "数据台账", "/inbox/", "我的待办"):
        assert hidden not in shown
    assert Client().get("/public/rectify/2019/").status_code == 404
