"""An appeal from its filing to the signed decision; what is wrong is refused with a sentence."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from audit import blobs, clock
from audit.models import Event
from audit.refusals import NotAllowed, NotFound
from cycle.models import Appeal, Correction, Grade, Proposal, Recheck
from cycle.queries.points import is_frozen, points_of
from cycle.queries.results import latest_run
from cycle.services import proposals
from tests.county import County, refused
from tests.workflows.appealing import (
    FACTS,
    REQUEST,
    REVIEWER,
    at,
    brought_to,
    fresh,
    opened,
    point_id,
    propose,
    served,
)
from workflows.services import appealing, tasks


@pytest.fixture
def county(feedback: County) -> County:
    """A county in which 南牛乡's letter was served today."""
    served(feedback)
    return feedback


# What can be contested, and by whom


def test_points_are_the_units_indicators_adjustments_vetoes_and_its_grade(county: County) -> None:
    run = latest_run(county.cycle)
    assert run is not None
    titles = {
        code: [each.title for each in points_of(county.unit(code), run)] for code in ("nanniu", "tongji")
    }
    assert titles["nanniu"] == [
        "固定资产投资",
        "督查落实",
        "水质达标",
        "加分：受市委、市政府表彰或作为典型推广",
        "考核等次和名次",
    ]
    assert titles["tongji"][-2].startswith("否决：社会治安综合治理黄牌警告")


def test_a_points_score_is_the_engines(county: County) -> None:
    run = latest_run(county.cycle)
    assert run is not None
    scores = {each.title: each.score for each in points_of(county.unit("nanniu"), run) if each.indicator}
    component = run.scores.get(subject__code="nanniu", component="indicators").value
    assert sum(map(Decimal, scores.values())) == Decimal(component)


def test_nobody_contests_another_units_point(county: County) -> None:
    theirs = f"indicator:{county.indicator('xinchengpu', 'investment').pk}"
    with refused("没有找到这个得分点，它可能不属于你的单位，或者不是可以申诉的事项。", NotFound):
        opened(county, point=theirs)
    with refused("此事项由新城铺镇的工作人员办理，你目前没有这一任职，请联系本单位负责人。", NotAllowed):
        appealing.open_and_start(
            county.unit("xinchengpu").pk, point="grade", ground="fact", facts="x", request="y",
            user_id=county.user("nanniu-handler"),
        )  # fmt: skip


def test_one_point_is_contested_once(county: County) -> None:
    appeal = brought_to(county, "accept")
    sentence = "“固定资产投资”已经申诉过（待受理），同一得分点只能申诉一次。"
    with refused(sentence):
        opened(county)
    appealing.withdraw(appeal.pk, why="材料不足。", user_id=county.user("nanniu-handler"))
    with refused(sentence.replace("待受理", "已撤回")):
        opened(county)


@pytest.mark.parametrize(
    ("said", "sentence", "field"),
    [
        ({"ground": "mood"}, "请从列表中选择申诉理由。", "ground"),
        ({"facts": "  "}, "请写明事实和理由后再提交。", "facts"),
        ({"request": ""}, "请写明复核请求后再提交。", "request"),
    ],
)
def test_an_appeal_says_why_and_what(county: County, said: dict[str, str], sentence: str, field: str) -> None:
    with refused(sentence, field=field):
        opened(county, **said)


def test_new_evidence_is_attached_before_filing(county: County) -> None:
    appeal = opened(county, ground="evidence")
    with refused("申诉理由是有新的佐证材料，请先上传材料再提交。", field="evidence"):
        county.do(appeal, "file")


def test_filing_is_dated_and_freezes_the_point(county: County) -> None:
    appeal = brought_to(county, "accept")
    assert (appeal.state, appeal.facts, appeal.request) == ("filed", FACTS, REQUEST)
    assert appeal.filed_at == at(county, appeal).served_at
    assert appeal.text["anchors"] == {"filing": "2027-02-10"}
    assert appeal.indicator is not None
    assert is_frozen(county.cycle, subject_id=county.unit("nanniu").pk, indicator_key=appeal.indicator.key)


# Acceptance, and the clock that stands still


def test_material_is_asked_for_once_and_the_clocks_stand_still(county: County) -> None:
    appeal = brought_to(county, "accept")
    assert at(county, appeal).due_at == clock.at(dt.date(2027, 2, 13))
    county.do(appeal, "accept", choice="ask", comment="请补充入库凭证。")
    assert at(county, appeal).step == "supplement"
    county.move_to(dt.date(2027, 2, 12))
    with refused("请写明补正了哪些材料、说明了什么。", field="supplement"):
        county.do(appeal, "supplement")
    county.do(appeal, "supplement", supplement="补充凭证两份。")
    item = at(county, appeal)
    assert item.basis["paused"] == ["2027-02-11", "2027-02-12"]
    assert item.due_at == clock.at(
        dt.date(2027, 2, 17)
    )  # 2 working days from the 10th without the 11th and 12th
    with refused("本案已经要求补正过一次，不能再次要求，请直接受理或者不予受理。"):
        county.do(appeal, "accept", choice="ask", comment="再补。")
    county.do(appeal, "accept", reviewer=str(county.user(REVIEWER)))
    county.do(appeal, "answer", answer="情况属实。")
    county.do(appeal, "investigate", findings="属实。")
    decide = at(county, appeal)
    assert decide.due_at == clock.at(dt.date(2027, 2, 25))  # 8 working days from filing, two of them paused
    assert "2027-02-11" in decide.basis["paused"]


def test_silence_is_no_answer_and_holds_nothing_up(county: County) -> None:
    appeal = brought_to(county, "accept")
    county.do(appeal, "accept", choice="ask", comment="请补充入库凭证。")
    for step in ("supplement", "answer"):
        if step == "answer":
            county.do(appeal, "accept", reviewer=str(county.user(REVIEWER)))
        item = at(county, appeal)
        assert item.step == step
        clock.move_to(item.due_at)  # type: ignore[arg-type]
        assert tasks.lapse(item.pk)
    assert at(county, appeal).step == "investigate"
    closed = appeal.items.get(step="answer")
    assert (closed.closed_by, closed.opened_at, closed.outcome) == (None, None, "lapse")


def test_a_refusal_says_why_and_ends_the_case(county: County) -> None:
    appeal = brought_to(county, "accept")
    with refused("请写明理由后再不予受理，对方要据此修改。", field="comment"):
        county.do(appeal, "accept", choice="reject")
    county.do(appeal, "accept", choice="reject", comment="所述事项不是得分点。")
    found = fresh(appeal)
    assert (found.state, found.text["refusal"]) == ("refused", "所述事项不是得分点。")
    assert not found.items.filter(state="open").exists()


# Investigation and proposal


def test_only_the_named_reviewer_investigates_and_drafts(county: County) -> None:
    appeal = brought_to(county, "investigate")
    with refused(
        "本案由演示·申诉复核员承办，其他人不能代为调查和拟定决定；需要换人的，请先重新指定承办人。",
        NotAllowed,
    ):
        county.do(appeal, "investigate", as_="fuhezu-head", findings="x")
    appealing.assign(
        appeal.pk,
        reviewer=str(county.user("fuhezu-head")),
        why="原承办人休假。",
        user_id=county.user("fuhezu-head"),
    )
    county.do(appeal, "investigate", as_="fuhezu-head", findings="经查属实。")
    with refused("本案由指定的承办人拟定决定，其他人不能代拟。", NotAllowed):
        propose(county, appeal)


def test_nothing_is_handed_up_without_saved_reasons(county: County) -> None:
    appeal = brought_to(county, "decide")
    with refused("请先在案卷页保存拟作出的决定和理由，再提交批准。"):
        county.do(appeal, "decide")
    with refused("请写明决定的理由后再保存。", field="reasons"):
        propose(county, appeal, reasons=" ")
    with refused("请写明依据的条款后再保存。", field="cite"):
        propose(county, appeal, cite="")


def test_the_impact_is_closed_until_a_proposal_is_saved(county: County) -> None:
    appeal = brought_to(county, "decide", title="督查落实")
    with refused("请先保存拟作出的决定和理由，再查看影响。"):
        proposals.preview(appeal.pk, user_id=county.user(REVIEWER))
    first = propose(county, appeal)
    second = propose(county, appeal, reasons="补充理由。")
    seen = proposals.preview(appeal.pk, user_id=county.user(REVIEWER))
    third = propose(county, appeal, outcome="uphold", reasons="改为维持。")
    assert [each.after_preview for each in (first, second, third)] == [False, False, True]
    assert Proposal.objects.get(pk=second.pk).previewed_at is not None
    assert seen.of("nanniu") is not None
    assert Event.objects.filter(stream=appeal.stream, type="appeal.preview").count() == 1


def test_the_impact_writes_nothing_and_is_what_the_decision_does(county: County) -> None:
    appeal = brought_to(county, "decide", title="督查落实")
    propose(county, appeal)
    runs = county.cycle.runs.count()
    moved = proposals.preview(appeal.pk, user_id=county.user(REVIEWER)).of("nanniu")
    assert county.cycle.runs.count() == runs
    assert not Correction.objects.exists()
    county.do(appeal, "decide")
    county.do(appeal, "approve")
    run = latest_run(county.cycle)
    assert run is not None
    assert moved is not None
    assert Grade.objects.get(run=run, subject__code="nanniu").total == moved.total[1]


@pytest.mark.parametrize(
    ("title", "changes", "sentence"),
    [
        ("督查落实", {"yearend": {"value": "30.5"}}, "“督查落实”年终评估的得分应当在 0 到 30 分之间。"),
        ("督查落实", {"yearend": {"value": "-1"}}, "“督查落实”年终评估的得分应当在 0 到 30 分之间。"),
        ("水质达标", {"yearend": {"value": "best"}}, "“水质达标”年终评估只能选：优良、未达优良。"),
        ("固定资产投资", {"yearend": {"value": "很多"}}, None),
        ("固定资产投资", {"q9": {"value": "1"}}, "没有这一评估期次，请刷新页面后重新填写。"),
        ("固定资产投资", {}, "选择变更的，请填写至少一个与原来不同的数值。"),
    ],
)
def test_a_decision_stays_inside_the_rules(
    county: County, title: str, changes: dict[str, dict[str, str]], sentence: str | None
) -> None:
    appeal = brought_to(county, "decide", title=title)
    words = sentence or (
        "“固定资产投资”年终评估的实绩“很多”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"
    )
    with refused(words):
        propose(county, appeal, changes=changes)


def test_a_grade_is_computed_never_decreed(county: County) -> None:
    appeal = brought_to(county, "decide", title="考核等次")
    with refused(
        "等次和名次由得分计算产生，不能直接变更；认定程序有误的，请选择退回重新核验。", field="outcome"
    ):
        propose(county, appeal)


# The decision


def test_a_change_is_carried_out_numbered_and_served(county: County) -> None:
    appeal = brought_to(county, "sign")
    assert (appeal.state, appeal.outcome, appeal.number) == ("decided", "change", "正绩复〔2027〕1号")
    content = json.loads(blobs.read(appeal.document_digest))
    assert content["decision"] == (
        "变更“固定资产投资”的认定：中期评估实绩认定为 5.9 万元，年终评估实绩认定为 12.5 万元，"
        "并据此重新计算得分、名次和等次。"
    )
    assert content["remedy"] == "本决定为最终决定，自送达之日起生效。"
    made = Correction.objects.filter(because_of=appeal).order_by("round")
    assert [(each.round, each.actual) for each in made] == [("midyear", "5.9"), ("yearend", "12.5")]
    run = latest_run(county.cycle)
    assert run is not None
    assert (run.number, run.because_of_id) == (2, appeal.pk)
    assert at(county, appeal).role == "head"
    county.do(appeal, "sign")
    assert fresh(appeal).state == "signed"


def test_an_upheld_result_changes_nothing(county: County) -> None:
    before = county.cycle.runs.count()
    appeal = brought_to(county, "sign", outcome="uphold")
    assert county.cycle.runs.count() == before
    assert json.loads(blobs.read(appeal.document_digest))["decision"] == "维持“固定资产投资”的原考核结果。"


def test_a_point_sent_back_is_measured_again(county: County) -> None:
    appeal = brought_to(county, "sign", outcome="return")
    recheck = Recheck.objects.get(case=appeal)
    assert (recheck.state, recheck.indicator_id) == ("open", appeal.indicator_id)


def test_a_proposal_goes_back_with_a_reason(county: County) -> None:
    appeal = brought_to(county, "approve")
    county.do(appeal, "approve", choice="back_decide", comment="理由没有回应程序问题。")
    assert fresh(appeal).state == "investigated"
    propose(county, appeal, outcome="uphold")
    county.do(appeal, "decide")
    assert fresh(appeal).state == "proposed"


# Withdrawal


@pytest.mark.parametrize("step", ["file", "accept", "answer", "investigate", "decide", "approve"])
def test_withdrawal_is_free_until_the_decision(county: County, step: str) -> None:
    appeal = brought_to(county, step)
    appealing.withdraw(appeal.pk, why="已经与采集单位核对一致。", user_id=county.user("nanniu-head"))
    found = fresh(appeal)
    assert (found.state, found.items.filter(state="open").count()) == ("withdrawn", 0)


def test_a_decision_is_not_withdrawn_from(county: County) -> None:
    appeal = brought_to(county, "sign")
    with refused("本案已决定，待签收，不能再撤回。"):
        appealing.withdraw(appeal.pk, why="算了。", user_id=county.user("nanniu-head"))
    with refused("此事项由南牛乡的工作人员办理，你目前没有这一任职，请联系本单位负责人。", NotAllowed):
        appealing.withdraw(appeal.pk, why="算了。", user_id=county.user("xinchengpu-head"))


def test_all_states_of_an_appeal_are_named() -> None:
    assert set(Appeal.UNDECIDED) | set(Appeal.FINAL) | {"decided"} == set(Appeal.STATES)


def test_other_points_stay_free(county: County) -> None:
    brought_to(county, "accept")
    assert opened(county, title="督查落实").state == "draft"
    assert point_id(county, title="水质达标").startswith("indicator:")
