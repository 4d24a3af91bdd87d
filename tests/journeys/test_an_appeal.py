"""An objection as the unit and the reviewers walk it: from the letter to the decision that is signed for."""

import datetime as dt
from io import BytesIO

from docx import Document

from cycle.models import Appeal
from tests.county import County
from tests.journeys.cases import (
    CASE,
    FACTS,
    FINDINGS,
    POINT,
    REASONS,
    REQUEST,
    WINDOW,
    attach,
    decided,
    drafted,
    filed,
    form_opened,
    investigated,
    person,
    reapproved,
    served,
    written,
)

REVIEWER, HEAD, COLLECTOR = "appeal-reviewer", "fuhezu-head", "ducha-collector-handler"
LEADING = "lingdaoxiaozu-head"


def test_the_appellant(feedback: County) -> None:
    """From the letter to its changed result; a gap in the form costs nothing of what was typed."""
    served()
    unit = form_opened()
    page = unit.send(unit.here.url, "建立，去上传材料", ground="fact", facts=FACTS, request=" ")
    assert page.status == 422
    page.says("请写明复核请求后再提交。")
    assert page.form(page.url).fields["facts"] == FACTS
    page = unit.send(page.url, "建立，去上传材料", request=REQUEST)
    page.says("申诉的得分点", WINDOW, FACTS, REQUEST)
    attach(unit, "销号凭证.pdf").says("销号凭证.pdf")
    unit.send("/submit/", "提交申诉").says(f"“{CASE}”已办理。", "由县绩效申诉复核组办理")
    unit.follow("申诉复核").says(CASE, "待受理", "县绩效申诉复核组", "已经提出过申诉")
    decided(feedback)
    unit.open("/inbox/")
    unit.follow("申诉复核").says("已决定，待签收")
    unit.follow(CASE).says("变更", "第 2 次计分")
    number = Appeal.objects.get().number
    unit.follow("复核决定书").says(number, "正定县南牛乡人民政府：", FACTS, FINDINGS, REASONS)
    word = unit.client.get(unit.here.link("下载 Word 文件"))
    document = Document(BytesIO(word.content))
    body = "\n".join(each.text for each in document.paragraphs)
    assert [words for words in (number, FACTS, FINDINGS, REASONS) if words not in body] == []
    assert document.sections[0].header.paragraphs[0].text == "演示数据，非真实考核结果"
    head = person("nanniu-head")
    head.task(CASE).says(number, "签收只表示收到")
    head.send("/submit/", "签收").says(f"“{CASE}”已办理。")
    head.open("/inbox/")
    head.follow("考核结果")
    head.follow("南牛乡").says("南牛乡：98.95 分")
    reapproved()
    head.open("/inbox/")
    head.follow("考核结果")
    head.follow("南牛乡").says("南牛乡：100.95 分")
    unit.open("/inbox/")
    unit.follow("申诉复核")
    unit.follow(CASE)
    unit.follow("第 2 次计分").says("98.95", "100.95", number)


def test_a_draft_that_is_late_reads_how_the_window_was_counted(feedback: County) -> None:
    """A minute after the window the form comes back as it was typed, with the computation."""
    served()
    unit = form_opened()
    feedback.move_to(dt.date(2027, 2, 16), hour=0)
    page = written(unit)
    assert page.status == 422
    page.says("申诉期已经届满", WINDOW, FACTS, REQUEST)
    assert not Appeal.objects.exists()
    unit.follow("申诉复核").says("24 时届满", WINDOW)


def test_the_reviewer(feedback: County) -> None:
    """From the queue to the leading group; who had a hand in the score reviews nothing."""
    served()
    filed()
    feedback.move_to(dt.date(2027, 2, 11))
    head = person(HEAD)
    head.open("/inbox/")
    head.follow("申诉复核").says(CASE, "待受理", "剩 1 天")
    head.follow(f"受理 {CASE}").says(FACTS, REQUEST, "销号凭证.pdf")
    conflicted = str(feedback.user(COLLECTOR))
    page = head.send("/submit/", "受理", reviewer=conflicted, comment="符合受理条件。")
    assert page.status == 422
    page.says("演示·县委督查室数据采集员不能承办本案", "采集了数据")
    assert page.form("/submit/").fields["comment"] == "符合受理条件。"
    page = head.send("/submit/", "受理", reviewer=str(feedback.user(REVIEWER)))
    page.says("书面答复", "县委督查室（数据采集责任单位）")
    collector = person(COLLECTOR)
    collector.task(CASE).says(FACTS)
    collector.send("/submit/", "提交答复", answer=" ")
    assert collector.here.status == 422
    collector.send("/submit/", "提交答复", answer="得分取自督查通报。").says("已办理。")
    reviewer = person(REVIEWER)
    reviewer.task(CASE).says("得分取自督查通报。")
    reviewer.send("/submit/", "结束调查", findings=FINDINGS).says("拟定决定")
    assert "的影响" not in reviewer.task(CASE).text
    page = reviewer.send("/submit/", "提交批准", comment="请审定。")
    assert page.status == 422
    page.says("请先在案卷页保存拟作出的决定和理由，再提交批准。", "请审定。")


def test_the_preview_opens_after_a_draft_and_the_leading_group_reads_it(feedback: County) -> None:
    """The impact is closed until a draft is saved; then it says what moves, here and to whoever approves."""
    served()
    filed()
    reviewer = investigated(feedback)
    reviewer.task(CASE)
    page = reviewer.follow("还没有保存决定稿")
    assert not [form for form in page.forms.values() if form.action.endswith("/impact/")]
    page = reviewer.send("/proposal/", "保存决定稿", outcome="change", reasons=REASONS, cite="")
    assert page.status == 422
    page.says("请写明依据的条款后再保存。")
    assert page.form("/proposal/").fields["reasons"] == REASONS
    drafted(reviewer).says("第 1 稿")
    reviewer.send("/impact/", "查看第1稿的影响").says("第 1 稿的影响", "98.95", "100.95", "预览之后修改")
    reviewer.task(CASE).says(REASONS, POINT)
    reviewer.send("/submit/", "提交批准").says("批准决定", "县政府绩效管理工作领导小组")
    leading = person(LEADING)
    leading.task(CASE).says(FINDINGS, REASONS, "批准后的变化", "98.95 → 100.95")
    leading.send("/submit/", "批准并送达").says("签收决定书", "由南牛乡办理")
    assert Appeal.objects.get().state == "decided"
