"""Scoring runs: refused with what is missing, kept with their inputs, moved by recorded decisions only."""

import json
import zlib
from typing import Any
from uuid import UUID

import pytest

from audit.ids import uuid7
from audit.refusals import NotAllowed, NotFound
from cycle.models import Ballot, Decision, Grade, Reading, Score, ScoringRun, SurveyResult
from cycle.queries.facts import facts_of
from cycle.queries.packs import rules_of
from cycle.queries.results import digest_of, latest_run, recomputed
from cycle.services import publicity, scoring
from cycle.services.decisions import settle_tie
from policies.cases import facts_from_json, facts_to_json
from policies.scoring import score
from tests.county import County, refused
from tests.small_county import tie_townships

MEMBER = "lingdaoxiaozu-handler"


def run(county: County, cause: str = "年终计分", by: str = "jxb-clerk") -> ScoringRun:
    run_id = scoring.score_cycle(county.cycle.pk, cause=cause, user_id=county.user(by))
    return ScoringRun.objects.get(pk=run_id)


def grades(of: ScoringRun) -> dict[str, tuple[Any, ...]]:
    rows = Grade.objects.filter(run=of).select_related("subject")
    return {row.subject.code: (row.total, row.rank, row.grade) for row in rows}


def test_a_run_keeps_the_bytes_of_its_inputs(assessed: County) -> None:
    made = run(assessed)
    inputs = zlib.decompress(bytes(made.inputs))
    assert inputs == facts_to_json(facts_of(assessed.cycle))
    assert made.inputs_digest == digest_of(inputs)
    assert made.policy == assessed.cycle.policy_id
    result = score(rules_of(assessed.cycle), facts_from_json(inputs))
    assert result.to_json() == recomputed(made.pk).to_json()
    assert {row["unit"]: (row["total"], row["rank"], row["grade"]) for row in result.to_json()["units"]} == (
        grades(made)
    )
    event = assessed.last_event(f"run/{made.pk}")
    assert event["set"] == {"number": 1, "inputs": made.inputs_digest, "result": made.result_digest}
    assert event["why"] == "年终计分"


def test_scores_of_components_are_kept_exactly(assessed: County) -> None:
    made = run(assessed)
    kept = {(row.subject.code, row.component): row.value for row in Score.objects.filter(run=made)}
    units = recomputed(made.pk).to_json()["units"]
    computed = {(unit["unit"], key): value for unit in units for key, value in unit["components"].items()}
    assert kept == computed
    assert {component for unit, component in kept if unit == "caizheng"} == {
        "indicators",
        "public",
        "leaders",
    }


def test_the_same_facts_give_the_same_run(assessed: County) -> None:
    first, second = run(assessed), run(assessed, "复核")
    assert (second.number, second.cause) == (2, "复核")
    assert (first.inputs_digest, first.result_digest) == (second.inputs_digest, second.result_digest)
    assert latest_run(assessed.cycle) == second


def test_a_bar_keeps_a_unit_from_being_advanced(assessed: County) -> None:
    """正定 六（二）1（2）: the bar of 统计局 excludes it from the advanced, whatever its total."""
    row = Grade.objects.get(run=run(assessed), subject__code="tongji")
    assert row.barred == ["advanced"]
    assert row.grade != "advanced"
    assert [veto if isinstance(veto, str) else veto["item"] for veto in row.vetoes] == ["public_security"]


def test_bonus_and_deduction_enter_the_total(assessed: County) -> None:
    made = run(assessed)
    assert Grade.objects.get(run=made, subject__code="nanniu").bonus == "2"
    assert Grade.objects.get(run=made, subject__code="caizheng").deduction == "0.5"


def test_only_the_performance_office_scores(assessed: County) -> None:
    sentence = "此事项由县绩效办的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        run(assessed, by="nanniu-head")


@pytest.mark.parametrize(
    ("moment", "stage"), [("monitoring", "日常监测"), ("feedback", "绩效反馈"), ("archived", "已归档")]
)
def test_scoring_has_its_stage(moment: str, stage: str, request: pytest.FixtureRequest) -> None:
    county: County = request.getfixturevalue(moment)
    with refused(f"正定县 2026 年度绩效考核目前处于“{stage}”阶段，年终考核阶段才能计分。"):
        run(county)


def test_a_missing_reading_is_named(assessed: County) -> None:
    Reading.objects.filter(indicator=assessed.indicator("nanniu", "investment"), round="yearend").delete()
    with pytest.raises(Exception, match="^还不能计分：") as caught:
        run(assessed)
    assert str(caught.value).endswith("补齐后再计分。")
    assert "南牛乡" in str(caught.value)
    assert "固定资产投资" in str(caught.value)
    assert not ScoringRun.objects.exists()


def test_many_gaps_are_counted(assessed: County) -> None:
    Reading.objects.filter(round="yearend").delete()
    SurveyResult.objects.all().delete()
    with pytest.raises(Exception, match="^还不能计分：.*，另有 [0-9]+ 处。补齐后再计分。$"):
        run(assessed)


def test_too_few_ballots_do_not_count(assessed: County) -> None:
    rows = Ballot.objects.filter(subject__code="nanniu", round="yearend")
    Ballot.objects.filter(pk__in=rows.values_list("pk")[2:]).delete()
    with pytest.raises(Exception, match="^还不能计分：") as caught:
        run(assessed)
    assert "南牛乡" in str(caught.value)


# Ties


def tied(county: County) -> ScoringRun:
    """Make the two townships equal in everything that ranks them, and score."""
    tie_townships()
    made = run(county)
    totals = {code: row[0] for code, row in grades(made).items()}
    assert totals["nanniu"] == totals["xinchengpu"]
    return made


def order(county: County, *places: str) -> dict[UUID, str]:
    return dict(zip([county.unit("nanniu").pk, county.unit("xinchengpu").pk], places, strict=True))


def settle(county: County, *places: str, by: str = MEMBER, why: str = "领导小组会议研究决定。") -> None:
    settle_tie(
        county.cycle.pk,
        group="township",
        level="advanced",
        order=order(county, *places),
        why=why,
        user_id=county.user(by),
    )


def test_a_tie_at_the_cut_waits_for_a_decision(assessed: County) -> None:
    made = tied(assessed)
    assert {
        code: grade for code, (_, _, grade) in grades(made).items() if code in ("nanniu", "xinchengpu")
    } == {
        "nanniu": "",
        "xinchengpu": "",
    }
    assert [warning["code"] for warning in made.warnings if warning["group"] == "township"] == ["tie"]
    with refused(
        "南牛乡、新城铺镇等单位的等次还没有确定（并列待决定），请领导小组作出决定、重新计分后再公示。"
    ):
        publicity.prepare(assessed.cycle.pk, user_id=assessed.user("jxb-clerk"))


@pytest.mark.parametrize("places", [("2", "1"), ("1", "2")])
def test_the_decision_settles_it_as_recorded(assessed: County, places: tuple[str, str]) -> None:
    before = grades(tied(assessed))
    settle(assessed, *places)
    after = grades(run(assessed, "领导小组决定后重新计分"))
    winner = {"1": "advanced", "2": "qualified"}
    assert [after[code][2] for code in ("nanniu", "xinchengpu")] == [winner[place] for place in places]
    others = [code for code in before if code not in ("nanniu", "xinchengpu")]
    assert {code: before[code] for code in others} == {code: after[code] for code in others}
    assert before["nanniu"][0] == after["nanniu"][0]
    rows = Decision.objects.order_by("value")
    assert [row.why for row in rows] == ["领导小组会议研究决定。"] * 2
    event = assessed.last_event(f"decision/{rows[0].pk}")
    assert (event["type"], event["office"]["title"]) == ("decision.create", "县政府绩效管理工作领导小组")


@pytest.mark.parametrize("places", [("1", "1"), ("1", "3"), ("0", "1"), ("第一", "第二"), ("", "1")])
def test_places_are_1_2_3(assessed: County, places: tuple[str, str]) -> None:
    tied(assessed)
    with refused("请给每个单位排定先后，从 1 到 2，不重复、不空缺。"):
        settle(assessed, *places)


def test_a_decision_has_a_reason(assessed: County) -> None:
    tied(assessed)
    with refused("请写明作出这一决定的理由和会议依据。", field="why"):
        settle(assessed, "1", "2", why="   ")


def test_only_the_leading_group_decides(assessed: County) -> None:
    tied(assessed)
    sentence = "此事项由县政府绩效管理工作领导小组的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        settle(assessed, "1", "2", by="jxb-chief")


def test_decisions_have_their_stage(archived: County) -> None:
    with refused("正定县 2026 年度绩效考核不在年终考核阶段，不能再作这类决定。"):
        settle(archived, "1", "2")


def test_the_leading_group_may_change_its_mind(assessed: County) -> None:
    """Until the results are approved: the later decision counts, and the ledger keeps the earlier one."""
    tied(assessed)
    settle(assessed, "1", "2")
    assert grades(run(assessed))["nanniu"][2] == "advanced"
    settle(assessed, "2", "1", why="复核后重新研究决定。")
    assert grades(run(assessed))["nanniu"][2] == "qualified"
    decision = Decision.objects.get(subject__code="nanniu")
    event = assessed.last_event(f"decision/{decision.pk}")
    assert event["type"] == "decision.change"
    assert event["was"] == {"value": "1", "why": "领导小组会议研究决定。"}
    assert event["set"] == {"value": "2", "why": "复核后重新研究决定。"}


def test_ten_units_may_be_put_in_order(assessed: County) -> None:
    """Places are numbers: with ten units the tenth place is as good as any."""
    units = [uuid7() for _ in range(10)]
    with refused("请给每个单位排定先后，从 1 到 10，不重复、不空缺。"):
        settle_all(assessed, dict.fromkeys(units, "1"))
    with refused("没有找到这个单位，它可能不是本年度的被考核单位。", NotFound):
        settle_all(assessed, {unit: str(place) for place, unit in enumerate(units, start=1)})


def settle_all(county: County, places: dict[UUID, str]) -> None:
    settle_tie(
        county.cycle.pk,
        group="township",
        level="advanced",
        order=places,
        why="会议决定。",
        user_id=county.user(MEMBER),
    )


def test_what_is_decided_is_a_number(assessed: County) -> None:
    sentence = "决定的数值“三个”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。"
    with refused(sentence, field="value"):
        scoring.decide(
            assessed.cycle.pk,
            group="heritage",
            item="quota:advanced",
            value="三个",
            why="会议决定。",
            user_id=assessed.user(MEMBER),
        )


def test_a_decision_without_a_tie_changes_no_grade(assessed: County) -> None:
    before = grades(run(assessed))
    settle(assessed, "2", "1")
    assert grades(run(assessed, "再次计分")) == before


def test_inputs_are_readable_json(assessed: County) -> None:
    inputs = json.loads(zlib.decompress(bytes(run(assessed).inputs)))
    assert inputs["policy"] == "zhengding"
