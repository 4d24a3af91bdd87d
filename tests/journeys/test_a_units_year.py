"""One unit's year as its people and their counterparts walk it, page by page, from declaration to archive.

Everything that concerns 南牛乡 is done in a browser; the other units live their year beside it.
"""

import datetime as dt
import re

from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from cycle.models import AdjustmentClaim, Consequence, Indicator, ReportLine
from tests.county import County
from tests.journeys.visitor import Page, Visitor
from tests.small_county import PASSWORD, work
from workflows.models import WorkItem
from workflows.services.ticking import tick_and_relay

UNIT = "nanniu"
SHEET = "南牛乡 2026 年度指标申报"
REPORT = "南牛乡 1 月完成情况报告"
SELF = "南牛乡 2026 年度自评"
LETTER = "南牛乡 2026 年度考核结果反馈"


def person(username: str) -> Visitor:
    return Visitor(username, PASSWORD)


def id_of(key: str) -> str:
    return str(Indicator.objects.get(subject__code=UNIT, key=key).pk)


def line_of(key: str) -> str:
    found = ReportLine.objects.get(report__subject__code=UNIT, report__key="m01", indicator__key=key)
    return str(found.pk)


def decide(stage: str, action: str, title: str, who: str = "jxb-chief") -> Page:
    """One of the performance office's decisions about the whole year, from its console."""
    visitor = person(who)
    visitor.open(f"/office/stage/{stage}/")
    visitor.follow(title)
    page = visitor.send(f"/office/stage/{stage}/{action}/?year=2026", title)
    tick_and_relay()
    return page


def test_a_units_year(preparation: County) -> None:
    """The journey; each leg leaves the county where the next begins."""
    county = preparation
    decide("indicator_setting", "open", "进入指标设置").says("已进入指标设置，任务正在送达各单位。")
    indicators_are_set()
    work(county.cycle, but=UNIT)
    county.move_to(dt.date(2026, 2, 10))
    decide("indicator_setting", "open", "进入日常监测")
    a_month_is_reported(county)
    a_bonus_is_claimed()
    county.move_to(dt.date(2027, 1, 8))
    tick_and_relay()
    work(county.cycle)
    decide("monitoring", "open", "进入年终考核")
    the_year_is_accounted_for()
    a_leader_votes_by_link(county)
    work(county.cycle)
    results_are_shown_and_approved(county)
    decide("assessment", "open", "进入绩效反馈")
    the_letter_is_signed()
    work(county.cycle, but=UNIT)
    decide("feedback", "open", "进入结果运用")
    the_result_is_used()
    work(county.cycle)
    county.move_to(dt.date(2027, 3, 8))  # every window for objections is over, and the results are locked
    tick_and_relay()
    decide("uses", "archive", "归档").says("本年度考核已归档。")
    assert county.cycle.state == "archived"
    assert not WorkItem.objects.filter(state="open").exists()
    assert not Event.objects.filter(body__contains=PASSWORD).exists()


def indicators_are_set() -> None:
    """Declared, refused for a gap, approved, sent back with a reason, declared again, issued, signed."""
    handler, head, clerk = person("nanniu-handler"), person("nanniu-head"), person("jxb-clerk")
    handler.task(SHEET).says("固定资产投资", "验收标准", "八（三）")
    water = id_of("water")
    page = handler.send("/submit/", "提交单位负责人审批", **{f"{water}-measures": " "})
    assert page.status == 422
    page.says("请填写“水质达标”的工作措施后再申报。")
    page = handler.send("/submit/", "提交单位负责人审批", **{f"{water}-measures": "沿河排查。"})
    page.says(f"“{SHEET}”已办理。", "单位负责人审批")
    head.done(SHEET, "同意并报送绩效办", comment="同意。")
    clerk.task(SHEET)
    assert clerk.send("/submit/", "退回申报").says("请写明理由后再退回申报，对方要据此修改。")
    reason = "水质目标没有写明断面，请补充后再报。"
    clerk.send("/submit/", "退回申报", comment=reason, concerns=[water]).says("已办理。")
    page = handler.task(SHEET)
    page.says("县绩效办退回", reason, "涉及的条目已在下面标出。")
    assert page.form("/submit/").fields[f"{water}-measures"] == "沿河排查。"
    handler.send("/submit/", "提交单位负责人审批", **{f"{water}-measures": "在乡界断面逐月监测。"})
    head.done(SHEET, "同意并报送绩效办")
    clerk.task(SHEET).says("在乡界断面逐月监测。")
    clerk.send("/submit/", "初审通过")
    person("lingdaoxiaozu-handler").done(SHEET, "审定通过")
    clerk.done(SHEET, "下达")
    head.done(SHEET, "签收")
    handler.open("/kpi/").says("固定资产投资", "督查落实", "水质达标")


def a_month_is_reported(county: County) -> None:
    """A wrong figure is refused in its place; nothing happened is a report; collectors confirm."""
    handler = person("nanniu-handler")
    handler.task(REPORT)
    good = {
        f"{line_of('investment')}-value": "１．０５",
        f"{line_of('supervision')}-value": "30",
        f"{line_of('water')}-value": "",
        f"{line_of('water')}-note": "本月没有监测安排。",
    }
    page = handler.send("/submit/", "提交单位负责人审核", **good | {f"{line_of('investment')}-value": "1e3"})
    assert page.status == 422
    page.says("“固定资产投资”的完成数“1e3”不是有效的数字")
    assert page.form("/submit/").fields[f"{line_of('water')}-note"] == "本月没有监测安排。"
    handler.send("/submit/", "提交单位负责人审核", **good).says("已办理。")
    person("nanniu-head").done(REPORT, "同意并报送核验")
    collector = person("collector")
    page = collector.task(REPORT)
    page.says("固定资产投资", "1.05")
    assert f"{line_of('water')}-verified" not in page.form("/submit/").fields
    collector.send("/submit/", "核验无误").says("等待其他会办单位办理。")
    work(county.cycle)
    assert county.matter("report", unit=UNIT, key="m01").state == "compiled"


def a_bonus_is_claimed() -> None:
    """A claim without its document is refused; with it the office checks and confirms."""
    handler, clerk = person("nanniu-handler"), person("jxb-clerk")
    handler.open("/claims/new/")
    page = handler.send(
        "/claims/new/",
        "建立，去上传材料",
        item="bonus:city_commendation",
        source="市政发〔2026〕12 号",
        happened_on="2026-02-06",
    )
    page.says("受市委、市政府表彰或作为典型推广", "五（四）1")
    title = "南牛乡加分：受市委、市政府表彰或作为典型推广"
    page = handler.send("/submit/", "提交核实")
    page.says("请先上传表彰文件、证书或通报等佐证材料，再提交。")
    file = SimpleUploadedFile("表彰决定.pdf", b"%PDF-1.7", content_type="application/pdf")
    handler.send("/evidence/", files=file).says("表彰决定.pdf")
    handler.send("/submit/", "提交核实").says("已办理。")
    clerk.task(title).says("表彰决定.pdf", "市政发〔2026〕12 号")
    download = clerk.client.get(clerk.here.link("表彰决定.pdf"))
    assert b"".join(download.streaming_content) == b"%PDF-1.7"  # type: ignore[attr-defined]
    clerk.send("/submit/", "核实无误")
    clerk.done(title, "认定")
    assert AdjustmentClaim.objects.get().state == "confirmed"


def the_year_is_accounted_for() -> None:
    handler = person("nanniu-handler")
    handler.task(SELF)
    long = "全年各项指标按进度完成，重点项目全部开工建设，群众反映的问题件件有着落。"
    page = handler.send("/submit/", "提交单位负责人审批", summary=long, problems="没有。", plans=long)
    page.says("“存在问题”至少写 20 个字，写清做了什么、做到什么程度。")
    handler.send("/submit/", "提交单位负责人审批", problems=long)
    person("nanniu-head").done(SELF, "同意并报送绩效办")


def a_leader_votes_by_link(county: County) -> None:
    """The clerk makes the link, the leader votes without an account, and the link is used up."""
    clerk = person("jxb-clerk")
    clerk.open("/office/rounds/yearend/ballots/")
    post = county.office("county_leader", "tongzhanbuzhang")
    turnout = county.matter("turnout", key="yearend", office=post)
    page = clerk.send(f"/office/turnouts/{turnout.pk}/link/")
    address = re.search(r"/vote/[\w-]+/", page.text)
    assert address
    leader = Visitor()
    leader.open(address[0]).says("南牛乡")
    page = leader.send(address[0], "提交评分", nanniu="101")
    page.says("南牛乡的评分应当在 0 到 100 之间，现在填的是 101。")
    page = leader.send(address[0], "提交评分", nanniu="92.5")
    assert page.status == 200
    Visitor().open(address[0], status=404).says(
        "这个评分链接已经使用过或者已经失效，请向绩效办索取新的链接。"
    )
    assert county.matter("turnout", office=post, key="yearend").state == "voted"


def results_are_shown_and_approved(county: County) -> None:
    """Nobody outside the office sees a result before the publicity, everybody of the group from then on."""
    handler, clerk = person("nanniu-handler"), person("jxb-clerk")
    decide("assessment", "score", "立即计分", "jxb-clerk").says("计分完成，请核对各组结果。")
    clerk.open("/results/2026/").says("南牛乡", "新城铺镇")
    handler.open("/results/2026/").says("结果还没有公布")
    decide("assessment", "publish", "准备公示", "jxb-clerk")
    handler.open("/results/2026/").says("结果还没有公布")
    title = "乡镇政府考核结果公示"
    clerk.done(title, "开始公示")
    page = handler.open("/results/2026/")
    page.says("南牛乡", "新城铺镇")
    assert "财政局" not in page.text
    clerk.task(title)
    clerk.send("/submit/", "结束公示").says("24 时结束，在此之前不能结束公示。")
    work_but_close(county)
    county.move_to(dt.date(2027, 2, 10))
    work(county.cycle)
    decide("assessment", "approve", "报请批准", "jxb-clerk")
    approval = "2026 年度考核结果审批"
    clerk.done(approval, "报送审批")
    person("xianweixianzhengfu-handler").done(approval, "批准", comment="同意。")


def work_but_close(county: County) -> None:
    """The other groups' publicity begins, too."""
    for item in WorkItem.objects.filter(flow="publicity", step="publish", state="open"):
        county.do_item(item)


def the_letter_is_signed() -> None:
    """The office serves, a handler cannot sign, a wrong password does not, the head does."""
    clerk, head = person("jxb-clerk"), person("nanniu-head")
    clerk.task(LETTER)
    clerk.send("/submit/", "送达").says("请写明对该单位的意见和建议后再送达。")
    clerk.send("/submit/", "送达", problems="水质监测不够及时。", advice="补齐乡界断面监测。")
    page = person("nanniu-handler").open("/results/2026/")
    page.says("南牛乡")
    page = head.task(LETTER)
    page.says("补齐乡界断面监测。", "签收只表示收到")
    head.send("/submit/", "签收", password="不是密码").says("密码不正确，请重新输入登录密码完成签收。")
    assert head.here.form("/submit/").fields["password"] == ""
    head.send("/submit/", "签收", password=PASSWORD).says("已办理。", "事项已办结。")


def the_result_is_used() -> None:
    """The unit reports how it used its result; the office checks and evaluates."""
    handler, clerk = person("nanniu-handler"), person("jxb-clerk")
    use = Consequence.objects.get(use="staff_results", subject__code=UNIT)
    handler.task(use.title)
    handler.send("/submit/", "报送执行情况", result=" ").says("请写明执行情况")
    handler.send("/submit/", "报送执行情况", result="已在乡政务公开栏公示。")
    clerk.done(use.title, "核查通过")
    clerk.done(use.title, "办结", comment="干部知道了努力方向。")
    assert Consequence.objects.get(pk=use.pk).state == "evaluated"
