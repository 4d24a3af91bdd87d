"""Claims: a unit brings its bonus, the performance office a deduction or a veto; each begins a task."""

from __future__ import annotations

from typing import Any

import pytest

from cycle.models import AdjustmentClaim
from tests.cast import signed_in
from tests.county import County
from workflows.models import WorkItem
from workflows.services import attaching

GOOD = {
    "item": "bonus:city_commendation",
    "source": "表彰决定（演示文件）",
    "happened_on": "2026-02-03",
    "count": "1",
}


def bring(username: str, county: County, unit: str, **typed: str) -> Any:
    subject = str(county.unit(unit).pk)
    return signed_in(username).post("/claims/new/", GOOD | {"subject": subject} | typed)


def test_a_unit_s_bonus_lands_on_its_task(monitoring: County) -> None:
    answer = bring("nanniu-handler", monitoring, "nanniu", fact="先进乡镇")
    claim = AdjustmentClaim.objects.get()
    item = WorkItem.objects.get(matter=claim, state="open")
    assert answer["Location"] == f"/t/{item.pk}/"
    assert (claim.sort, claim.item, claim.fact) == ("bonus", "city_commendation", "先进乡镇")
    page = signed_in("nanniu-handler").get(answer["Location"]).content.decode()
    assert "《正定县政府绩效管理实施方案》五（四）1" in page
    listed = signed_in("nanniu-handler").get("/claims/").content.decode()
    assert claim.title in listed
    assert claim.title not in signed_in("xinchengpu-handler").get("/claims/").content.decode()
    assert claim.title in signed_in("jxb-clerk").get("/claims/").content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"source": ""}, "请写明依据的文件或证书名称、文号。"),
        ({"happened_on": "2026-12-31"}, "发生日期不能晚于今天"),
        ({"happened_on": "2025-12-31"}, "只受理 2026 年度内的事项"),
        ({"happened_on": "昨天"}, "请填写日期，例如 2026-03-05。"),
        ({"item": "bonus:nonsense"}, "请从列表中选择事项。"),
        ({"item": "deduction:county_criticism"}, "请从列表中选择事项。"),
        ({"count": "0"}, "请填写 1 到 50 的整数。"),
    ],
)
def test_a_bad_claim_is_refused_in_its_field(
    monitoring: County, typed: dict[str, str], sentence: str
) -> None:
    answer = bring("nanniu-handler", monitoring, "nanniu", **typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not AdjustmentClaim.objects.exists()


def test_a_unit_claims_for_itself_only(monitoring: County) -> None:
    assert bring("nanniu-handler", monitoring, "xinchengpu").status_code == 422
    assert not AdjustmentClaim.objects.exists()


def test_the_office_brings_deductions_and_vetoes_for_any_unit(monitoring: County) -> None:
    for item in ("deduction:county_criticism", "veto:public_security"):
        assert bring("jxb-clerk", monitoring, "caizheng", item=item).status_code == 302
    assert set(AdjustmentClaim.objects.values_list("sort", flat=True)) == {"deduction", "veto"}


def test_an_item_that_the_unit_s_group_does_not_have_is_refused(monitoring: County) -> None:
    answer = bring("jxb-clerk", monitoring, "zhujian", item="deduction:county_criticism")
    assert answer.status_code == 422
    assert "考核办法没有对住建局规定这一事项" in answer.content.decode()


@pytest.mark.parametrize("username", ["collector", "leader", "auditor", "sysadmin"])
def test_nobody_else_brings_claims(monitoring: County, username: str) -> None:
    assert signed_in(username).get("/claims/new/").status_code == 404


def test_without_a_document_nothing_is_submitted(monitoring: County) -> None:
    path = bring("nanniu-handler", monitoring, "nanniu")["Location"]
    answer = signed_in("nanniu-handler").post(f"{path}submit/", {"choice": "next", "source": "表彰决定"})
    assert answer.status_code == 422
    assert "请先上传表彰文件、证书或通报等佐证材料，再提交。" in answer.content.decode()


def test_a_unit_hears_of_a_deduction_when_it_is_recorded_not_before(monitoring: County) -> None:
    path = bring("jxb-clerk", monitoring, "caizheng", item="deduction:county_criticism")["Location"]
    claim = AdjustmentClaim.objects.get()
    unit = signed_in("caizheng-handler")
    assert claim.title not in unit.get("/claims/").content.decode()
    item = WorkItem.objects.get(matter=claim, state="open")
    text = "通报".encode()
    attaching.attach(
        item.pk, user_id=monitoring.user("jxb-clerk"), name="通报.txt", size=len(text), chunks=[text]
    )
    signed_in("jxb-clerk").post(f"{path}submit/", {"choice": "next", "source": "县里的通报"})
    assert claim.title in unit.get("/claims/").content.decode()
    task = WorkItem.objects.get(matter=claim, state="open")
    assert f"/t/{task.pk}/" in unit.get("/inbox/").content.decode()
    typed = {"choice": "next", "accepts": "objects", "statement": ""}
    answer = unit.post(f"/t/{task.pk}/submit/", typed)
    assert answer.status_code == 422
    assert "请写明陈述和申辩的事实、理由" in answer.content.decode()
    unit.post(f"/t/{task.pk}/submit/", typed | {"statement": "通报对象不是本单位。"})
    assert AdjustmentClaim.objects.get().state == "answered"
