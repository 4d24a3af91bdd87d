"""What follows an objection as offices walk it: results approved again, units told, problems put right."""

from io import BytesIO

from python_calamine import CalamineWorkbook

from cycle.models import ChangeNotice, Consequence, Rectification
from tests.county import County
from tests.journeys.cases import (
    ADVICE,
    APPROVAL,
    CASE,
    LETTER,
    PROBLEM,
    attach,
    decided,
    filed,
    person,
    reapproved,
    served,
)
from tests.journeys.visitor import Visitor
from tests.small_county import PASSWORD
from workflows.services.ticking import tick_and_relay

NOTICE = "南牛乡 2026 年度考核结果变更告知"
REPAIR = f"南牛乡整改：{PROBLEM.removesuffix('。')}"
CLERK, SECOND, CHIEF = "jxb-clerk", "jxb-clerk-2", "jxb-chief"
WAITING = "等待办结的结果运用"


def test_the_office_has_changed_results_approved_and_served(feedback: County) -> None:
    """Uses wait while the appeal is open; then the change goes up, comes down and is signed for."""
    served()
    person("nanniu-head").done(LETTER, "签收", password=PASSWORD)
    chief = person(CHIEF)
    assert WAITING not in stage_page(chief)
    filed()
    assert f"等“{CASE}”办结" in stage_page(chief)
    chief.here.says(WAITING, "南牛乡：", "办结以前不能执行")
    decided(feedback)
    assert "变更审批" in stage_page(chief), "what was decided waits for its approval"
    assert not ChangeNotice.objects.exists()
    reapproved()
    assert WAITING not in stage_page(chief)
    head = person("nanniu-head")
    head.task(NOTICE).says("由 27.5 分改为 29.5 分", "98.95", "100.95", "签收只表示收到")
    page = head.send("/submit/", "签收", password="不是密码")
    assert page.status == 422
    page.says("密码不正确")
    head.send("/submit/", "签收", password=PASSWORD).says("事项已办结。")
    assert ChangeNotice.objects.get().state == "signed"
    assert APPROVAL not in person(CLERK).open("/inbox/").text


def stage_page(visitor: Visitor) -> str:
    """The console of the stage, found from the desk; its words."""
    visitor.open("/inbox/")
    visitor.follow("驾驶舱")
    return visitor.follow("绩效反馈").text


def test_a_use_waits_for_the_appeal_and_goes_on_without_it(uses: County) -> None:
    """Its task refuses while the appeal is open and keeps what was typed; a withdrawal sets it free."""
    unit = filed()
    use = Consequence.objects.get(use="staff_results", subject__code="nanniu")
    unit.task(use.title)
    page = unit.send("/submit/", "报送执行情况", result="已在乡政务公开栏公示。")
    assert page.status == 422
    page.says(f"等“{CASE}”办结", "办结以前不能执行")
    assert page.form("/submit/").fields["result"] == "已在乡政务公开栏公示。"
    unit.follow("申诉复核")
    unit.follow(CASE)
    unit.follow("撤回申诉")
    unit.send("/withdraw/", "撤回申诉", why="已与采集单位核对清楚。")
    tick_and_relay()
    unit.done(use.title, "报送执行情况", result="已在乡政务公开栏公示。")


def test_a_problem_of_the_letter_is_put_right(feedback: County) -> None:
    """Planned, approved, reported with evidence, checked by somebody else, closed, read in the register."""
    served()
    unit, clerk = person("nanniu-handler"), person(CLERK)
    unit.task(REPAIR).says("绩效反馈", PROBLEM, ADVICE)
    plan = "逐月监测乡界断面，结果报分管副乡长。"
    page = unit.send("/submit/", "报送整改方案", plan=plan)
    assert page.status == 422
    page.says("请写明责任人的岗位")
    assert page.form("/submit/").fields["plan"] == plan
    steps = {"m1-title": "补测三个断面", "m1-due_on": "2027-03-01"}
    page = unit.send("/submit/", "报送整改方案", person="分管副乡长", finish_on="2027-03-10", **steps)
    page.says("审批整改方案", "由县绩效办办理")
    clerk.task(REPAIR).says(plan, "补测三个断面", "2027-03-01")
    clerk.send("/submit/", "批准方案").says("落实整改", "由南牛乡办理")
    it_is_reported(unit)
    it_is_closed_by_somebody_else(clerk)
    row = register(clerk)
    for words in ("南牛乡", PROBLEM, plan, "已补测三个断面。", "已销号"):
        assert any(words in cell for cell in row), words


def it_is_reported(unit: Visitor) -> None:
    """Without a document the result is refused, and kept."""
    unit.task(REPAIR)
    page = unit.send("/submit/", "报送整改结果", result="已补测三个断面。")
    assert page.status == 422
    page.says("请先上传能够证明整改到位的佐证材料")
    assert page.form("/submit/").fields["result"] == "已补测三个断面。"
    unit.task(REPAIR)
    attach(unit, "监测记录.pdf").says("监测记录.pdf")
    unit.send("/submit/", "报送整改结果", result="已补测三个断面。").says("核查销号")


def it_is_closed_by_somebody_else(clerk: Visitor) -> None:
    """Whoever approved the plan cannot check what came of it; a colleague can."""
    clerk.task(REPAIR).says("监测记录.pdf")
    page = clerk.send("/submit/", "核查属实，予以销号", comment="已看现场。")
    assert page.status == 422
    page.says("整改结果应当由他人核查")
    assert page.form("/submit/").fields["comment"] == "已看现场。"
    page = person(SECOND).done(REPAIR, "核查属实，予以销号", comment="已看现场，数据连续。")
    page.says("事项已办结。")
    assert Rectification.objects.get().state == "closed"


def register(clerk: Visitor) -> list[str]:
    """The exported register's line of this problem."""
    clerk.open("/inbox/")
    clerk.follow("整改").says("已销号")
    (form,) = (form for form in clerk.here.forms.values() if "/export/xlsx/" in form.action)
    form.button("导出整改台账")
    answer = clerk.client.post(form.action, form.fields)
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert any("演示数据，非真实考核结果" in str(cell) for cell in rows[0])
    (line,) = (row for row in rows if any(PROBLEM in str(cell) for cell in row))
    return [str(cell) for cell in line]
