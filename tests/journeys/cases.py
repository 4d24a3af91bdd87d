"""An appeal of 南牛乡 as its people and their counterparts bring it on, leg by leg, in their browsers."""

import datetime as dt

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.county import County
from tests.journeys.visitor import Page, Visitor
from tests.small_county import PASSWORD
from workflows.services.ticking import tick_and_relay

LETTER = "南牛乡 2026 年度考核结果反馈"
POINT = "督查落实"
APPROVAL = "2026 年度考核结果变更审批"
CASE = f"南牛乡申诉：{POINT}"
WINDOW = (
    "绩效反馈书于 2027 年 2 月 10 日送达，当日不计，"
    "申诉期为 3 个工作日（2 月 11 日、2 月 12 日、2 月 15 日），到 2027 年 2 月 15 日 24 时止。"
)
FACTS, REQUEST = "通报的两件督办事项已经按期办结，有销号凭证。", "请按已经办结重新认定得分。"
FINDINGS, REASONS = "经核对销号凭证，两件督办事项确已按期办结。", "销号凭证齐全，予以采信。"
PROBLEM, ADVICE = "水质监测不够及时。", "补齐乡界断面监测。"


def person(username: str) -> Visitor:
    return Visitor(username, PASSWORD)


def attach(visitor: Visitor, name: str) -> Page:
    """Upload a document to the task that is open."""
    file = SimpleUploadedFile(name, b"%PDF-1.7", content_type="application/pdf")
    return visitor.send("/evidence/", files=file)


def served() -> None:
    """The office's clerk serves the unit's letter; what it lists as problems is to be put right."""
    person("jxb-clerk").done(LETTER, "送达", problems=PROBLEM, advice=ADVICE)
    tick_and_relay()


def form_opened() -> Visitor:
    """The unit's handler finds the point among its own and opens the form."""
    unit = person("nanniu-handler")
    unit.open("/inbox/")
    unit.follow("申诉复核").says(WINDOW, POINT, "27.5")
    unit.follow(f"对 {POINT} 提出申诉").says(WINDOW, "原认定", "27.5")
    return unit


def written(unit: Visitor) -> Page:
    """The form is filled in; the draft waits on its task's page."""
    return unit.send(unit.here.url, "建立，去上传材料", ground="fact", facts=FACTS, request=REQUEST)


def filed() -> Visitor:
    """The appeal is filed with a document; returns the unit's handler."""
    unit = form_opened()
    written(unit)
    attach(unit, "销号凭证.pdf").says("销号凭证.pdf")
    unit.send("/submit/", "提交申诉").says(f"“{CASE}”已办理。", "受理", "县绩效申诉复核组")
    return unit


def investigated(county: County) -> Visitor:
    """Accepted, answered by the collector, investigated; returns the reviewer, whose turn it is."""
    county.move_to(dt.date(2027, 2, 11))
    person("fuhezu-head").done(CASE, "受理", reviewer=str(county.user("appeal-reviewer")))
    person("ducha-collector-handler").done(CASE, "提交答复", answer="得分取自督查通报。")
    reviewer = person("appeal-reviewer")
    reviewer.done(CASE, "结束调查", findings=FINDINGS)
    return reviewer


def drafted(reviewer: Visitor) -> Page:
    """The reviewer saves a decision on the page of the case, which the task leads to."""
    reviewer.task(CASE)
    reviewer.follow("还没有保存决定稿")
    typed = {"midyear-value": "29.5", "yearend-value": "29.5"}
    return reviewer.send(
        "/proposal/", "保存决定稿", outcome="change", reasons=REASONS, cite="五（一）1", **typed
    )


def decided(county: County) -> None:
    """The draft is handed up and approved; the results are computed again."""
    reviewer = investigated(county)
    drafted(reviewer)
    reviewer.done(CASE, "提交批准")
    person("lingdaoxiaozu-head").done(CASE, "批准并送达")
    tick_and_relay()


def reapproved() -> None:
    """The office hands the changed results up; the county approves them; what follows is delivered."""
    person("jxb-clerk").done(APPROVAL, "报送审批", comment="复核决定已经送达。")
    government = person("xianweixianzhengfu-head")
    government.task(APPROVAL).says("原批准", "报批", "南牛乡", "98.95 → 100.95")
    government.send("/submit/", "批准").says("事项已办结。")
    tick_and_relay()
