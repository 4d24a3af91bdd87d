"""Bonus, deduction and veto: who may bring it, what it rests on, who decides."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from audit import clock
from audit.actor import Actor
from audit.refusals import NotAllowed
from cycle.models import AdjustmentClaim, VetoFact
from cycle.queries.facts import facts_of
from cycle.services import claims
from tests.cast import signed_in
from tests.county import County, refused
from workflows.services import attaching, claiming
from workflows.services.lapsing import lapse_due

WHO = "加分由被考核单位申报，减分和否决事项由绩效办提出。"
SOURCE = "冀政字〔2026〕18 号"


def bring(county: County, sort: str = "bonus", item: str = "city_commendation", **more: Any) -> Any:
    """Bring a claim the usual way: a bonus by 南牛乡, anything else by the performance office."""
    by = county.of_unit("nanniu") if sort == "bonus" else county.clerk()
    matter_id = claiming.open_and_start(
        county.unit(more.pop("unit", "nanniu")).pk,
        user_id=by.user,
        office_id=by.office,
        sort=sort,
        item=item,
        source=more.pop("source", SOURCE),
        **more,
    )
    return AdjustmentClaim.objects.get(pk=matter_id)


def open_as(county: County, by: Actor, sort: str, item: str, unit: str = "nanniu", **more: Any) -> UUID:
    return claims.open_claim(
        county.unit(unit).pk, sort=sort, item=item, source=more.pop("source", SOURCE), by=by, **more
    )


def proven(county: County, claim: Any) -> None:
    item = county.item(claim, "submit")
    content = "表彰决定".encode()
    attaching.attach(
        item.pk,
        user_id=county.user("nanniu-handler" if claim.sort == "bonus" else "jxb-clerk"),
        name="表彰决定.txt",
        size=len(content),
        chunks=[content],
    )


def brought_to(county: County, step: str, **more: Any) -> Any:
    claim = bring(county, **more)
    proven(county, claim)
    county.do(claim, "submit")
    if claim.sort != "bonus" and step != "answer":
        county.do(claim, "answer", accepts="accepts")
    if step == "confirm":
        county.do(claim, "verify")
    return AdjustmentClaim.objects.get(pk=claim.pk)


def test_the_whole_way_of_a_bonus(monitoring: County) -> None:
    """正定 五（四）1: two points for a commendation by the city."""
    claim = brought_to(monitoring, "confirm", happened_on=dt.date(2026, 2, 1))
    assert claim.title == "南牛乡加分：受市委、市政府表彰或作为典型推广"
    assert facts_of(monitoring.cycle).adjustments == ()
    monitoring.do(claim, "confirm")
    (row,) = facts_of(monitoring.cycle).adjustments
    assert (row.unit, row.kind, row.item, row.source, row.count) == (
        "nanniu",
        "bonus",
        "city_commendation",
        SOURCE,
        1,
    )
    verbs = ["create", "submit", "verify", "confirm"]
    assert monitoring.events(claim.stream) == [f"claim.{verb}" for verb in verbs]


def test_a_unit_claims_bonuses_only(monitoring: County) -> None:
    unit, clerk = monitoring.of_unit("nanniu"), monitoring.clerk()
    for sort, item in (("deduction", "county_criticism"), ("veto", "corruption")):
        with refused(WHO, NotAllowed):
            open_as(monitoring, unit, sort, item)
    with refused(WHO, NotAllowed):
        open_as(monitoring, clerk, "bonus", "city_commendation")


def test_a_unit_claims_for_itself_only(monitoring: County) -> None:
    with refused("只能为本单位申报加分。", NotAllowed):
        open_as(monitoring, monitoring.of_unit("nanniu"), "bonus", "city_commendation", unit="xinchengpu")


@pytest.mark.parametrize(
    ("unit", "item"),
    [("nanniu", "moon_landing"), ("nanniu", "county_criticism"), ("zhujian", "city_commendation")],
)
def test_the_policy_knows_the_item_for_the_units_group(monitoring: County, unit: str, item: str) -> None:
    """正定 五（四）: bonuses are for townships and departments; the heritage group has none."""
    title = monitoring.unit(unit).title
    with refused(f"考核办法没有对{title}规定这一事项，请重新选择。", field="item"):
        open_as(monitoring, monitoring.of_unit(unit), "bonus", item, unit=unit)


def test_a_source_is_named(monitoring: County) -> None:
    with refused("请写明依据的文件或证书名称、文号。", field="source"):
        open_as(monitoring, monitoring.of_unit("nanniu"), "bonus", "city_commendation", source="  ")


@pytest.mark.parametrize("moment", ["preparation", "feedback", "uses", "archived"])
def test_claims_have_their_time(moment: str, request: pytest.FixtureRequest) -> None:
    county: County = request.getfixturevalue(moment)
    with refused("正定县 2026 年度绩效考核的结果已经审定或者尚未开始，不能再提出加减分事项。"):
        open_as(county, county.of_unit("nanniu"), "bonus", "city_commendation")


def test_a_claim_rests_on_a_file(monitoring: County) -> None:
    claim = bring(monitoring)
    with refused("请先上传表彰文件、证书或通报等佐证材料，再提交。", field="evidence"):
        monitoring.do(claim, "submit")


def test_a_file_that_was_taken_back_proves_nothing(monitoring: County) -> None:
    claim = bring(monitoring)
    proven(monitoring, claim)
    item = monitoring.item(claim, "submit")
    attaching.withdraw(item.pk, claim.evidence.get().pk, user_id=monitoring.user("nanniu-handler"))
    with refused("请先上传表彰文件、证书或通报等佐证材料，再提交。", field="evidence"):
        monitoring.do(claim, "submit")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4.5", "分值应当在 0 到 4 分之间。"),
        ("-1", "分值应当在 0 到 4 分之间。"),
        ("", "申请分值“”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"),
    ],
)
def test_points_that_are_given_stay_in_their_range(monitoring: County, typed: str, sentence: str) -> None:
    """正定 五（四）1: an outstanding contribution is worth what the county decides, within the cap."""
    claim = bring(monitoring, item="outstanding")
    proven(monitoring, claim)
    with refused(sentence, field="points"):
        monitoring.do(claim, "submit", points=typed)
    monitoring.do(claim, "submit", points="１．５")
    assert str(AdjustmentClaim.objects.get(pk=claim.pk).points) == "1.5000"


@pytest.mark.parametrize(
    ("item", "office"), [("outstanding", "县委、县政府"), ("city_commendation", "县绩效办")]
)
def test_the_office_that_the_policy_names_decides(monitoring: County, item: str, office: str) -> None:
    claim = bring(monitoring, item=item)
    proven(monitoring, claim)
    monitoring.do(claim, "submit", **({"points": "1"} if item == "outstanding" else {}))
    monitoring.do(claim, "verify")
    assert monitoring.item(claim, "confirm").office.title == office


def test_main_leaders_decide_on_dereliction(monitoring: County) -> None:
    """正定 六（二）3（2）: this veto is the main leaders' to establish."""
    claim = brought_to(monitoring, "confirm", sort="veto", item="dereliction")
    assert monitoring.item(claim, "confirm").office.title == "县委、县政府主要领导"


@pytest.mark.parametrize("step", ["verify", "confirm"])
def test_a_claim_may_be_rejected_with_a_reason(monitoring: County, step: str) -> None:
    claim = brought_to(monitoring, step)
    with refused("请写明理由后再不予认定，对方要据此修改。", field="comment"):
        monitoring.do(claim, step, choice="reject")
    monitoring.do(claim, step, choice="reject", comment="不是正式文件。")
    found = AdjustmentClaim.objects.get(pk=claim.pk)
    assert (found.state, found.is_final) == ("rejected", True)
    assert monitoring.last_event(claim.stream)["why"] == "不是正式文件。"
    assert facts_of(monitoring.cycle).adjustments == ()
    assert not claim.items.filter(state="open").exists()


@pytest.mark.parametrize("step", ["verify", "confirm"])
def test_a_claim_may_be_sent_back_for_better_documents(monitoring: County, step: str) -> None:
    claim = brought_to(monitoring, step)
    monitoring.do(claim, step, choice="back_submit", comment="请补证书原件。")
    assert AdjustmentClaim.objects.get(pk=claim.pk).state == "draft"
    monitoring.do(claim, "submit")
    assert AdjustmentClaim.objects.get(pk=claim.pk).state == "submitted"


def test_a_confirmed_veto_is_a_fact_of_the_unit(monitoring: County) -> None:
    claim = brought_to(monitoring, "confirm", sort="veto", item="corruption")
    assert not VetoFact.objects.exists()
    monitoring.do(claim, "confirm")
    fact = VetoFact.objects.get()
    assert (fact.subject.code, fact.item, fact.claim_id) == ("nanniu", "corruption", claim.pk)
    (row,) = facts_of(monitoring.cycle).vetoes
    assert (row.unit, row.item) == ("nanniu", "corruption")


def test_the_same_veto_is_established_once(monitoring: County) -> None:
    monitoring.do(brought_to(monitoring, "confirm", sort="veto", item="corruption"), "confirm")
    second = brought_to(monitoring, "confirm", sort="veto", item="corruption")
    with refused("南牛乡的这一否决事项已经认定过，不能重复认定。"):
        monitoring.do(second, "confirm")
    other = brought_to(monitoring, "confirm", sort="veto", item="corruption", unit="caizheng")
    monitoring.do(other, "confirm")
    assert VetoFact.objects.count() == 2
    with pytest.raises(IntegrityError, match="cycle_veto_once"), transaction.atomic():
        VetoFact.objects.filter(subject__code="caizheng").update(subject=monitoring.unit("nanniu"))


def test_claims_are_numbered_in_order(monitoring: County) -> None:
    first, second = bring(monitoring), bring(monitoring, "deduction", "county_criticism")
    assert [first.key, second.key] == ["c0001", "c0002"]


def test_a_stranger_cannot_bring_a_claim_for_an_office(monitoring: County) -> None:
    office = monitoring.office("unit", "nanniu")
    sentence = "此事项由南牛乡的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        claiming.open_and_start(
            monitoring.unit("nanniu").pk,
            user_id=monitoring.user("xinchengpu-handler"),
            office_id=office.pk,
            sort="bonus",
            item="city_commendation",
            source=SOURCE,
        )
    assert not AdjustmentClaim.objects.exists()


@pytest.mark.parametrize(("column", "value"), [("sort", "gift"), ("count", 0)])
def test_the_database_knows_what_a_claim_is(monitoring: County, column: str, value: Any) -> None:
    bring(monitoring)
    with pytest.raises(IntegrityError, match="cycle_claim_"), transaction.atomic():
        AdjustmentClaim.objects.update(**{column: value})


# What is recorded against a unit is told to it


def against(county: County) -> Any:
    return brought_to(county, "answer", sort="deduction", item="county_criticism")


def test_a_deduction_is_told_to_the_unit_when_it_is_recorded(monitoring: County) -> None:
    claim = against(monitoring)
    item = monitoring.item(claim, "answer")
    assert (item.office.title, item.due_at) == ("南牛乡", clock.end_of(dt.date(2026, 2, 13)))
    monitoring.do(claim, "answer", accepts="objects", statement=" 通报对象不是本单位。 ")
    found = AdjustmentClaim.objects.get(pk=claim.pk)
    assert (found.state, found.text["answer"]["statement"]) == ("answered", "通报对象不是本单位。")
    page = signed_in("jxb-clerk").get(f"/t/{monitoring.item(claim, 'verify').pk}/").content.decode()
    for words in ("单位陈述意见", "有异议", "通报对象不是本单位。", "演示·南牛乡经办员，2026-02-10"):
        assert words in page
    monitoring.do(claim, "verify")
    assert (
        "通报对象不是本单位。"
        in signed_in("jxb-clerk").get(f"/t/{monitoring.item(claim, 'confirm').pk}/").content.decode()
    )
    monitoring.do(claim, "confirm", choice="reject", comment="陈述属实，不予认定。")


@pytest.mark.parametrize(
    ("form", "sentence", "field"),
    [
        ({}, "请选择对这一事项是否认可，再提交。", "accepts"),
        ({"accepts": "maybe"}, "请选择对这一事项是否认可，再提交。", "accepts"),
        (
            {"accepts": "objects", "statement": "  "},
            "有异议的，请写明陈述和申辩的事实、理由，再提交。",
            "statement",
        ),
    ],
)
def test_an_answer_says_yes_or_why_not(
    monitoring: County, form: dict[str, str], sentence: str, field: str
) -> None:
    claim = against(monitoring)
    with refused(sentence, field=field):
        monitoring.do(claim, "answer", **form)


def test_silence_is_no_confession_and_holds_nothing_up(monitoring: County) -> None:
    claim = against(monitoring)
    item = monitoring.item(claim, "answer")
    monitoring.move_to(dt.date(2026, 2, 13), 23)
    assert lapse_due() == 0
    with refused("这一步骤没有这种办理方式，请刷新页面后重新选择。"):
        monitoring.do(claim, "answer", choice="lapse", as_="nanniu-handler")
    page = signed_in("nanniu-handler").get(f"/t/{item.pk}/").content.decode()
    assert 'value="lapse"' not in page
    monitoring.move_to(dt.date(2026, 2, 14), 0)
    assert lapse_due() == 1
    assert monitoring.item(claim, "verify").office.capacity == "performance_office"
    event = monitoring.last_event(claim.stream)
    assert event["by"]["id"] is None
    assert "不视为认可" in event["why"]
    page = signed_in("jxb-clerk").get(f"/t/{monitoring.item(claim, 'verify').pk}/").content.decode()
    assert "没有陈述意见，不视为认可" in page


def test_what_is_submitted_anew_is_answered_anew(monitoring: County) -> None:
    claim = against(monitoring)
    monitoring.do(claim, "answer", accepts="objects", statement="缺通报原件。")
    monitoring.do(claim, "verify", choice="back_submit", comment="请补通报原件。")
    monitoring.do(claim, "submit")
    found = AdjustmentClaim.objects.get(pk=claim.pk)
    assert "answer" not in found.text
    assert [each["statement"] for each in found.text["earlier_answers"]] == ["缺通报原件。"]
    monitoring.do(claim, "answer", accepts="accepts")


def test_a_bonus_needs_no_answer(monitoring: County) -> None:
    assert monitoring.item(brought_to(monitoring, "verify"), "verify")
