"""What costs a unit points is told when it is recorded: with its day, reason, article and remedy."""

from __future__ import annotations

from fractions import Fraction

from cycle.models import AdjustmentClaim, Reading
from cycle.queries.facts import facts_of
from cycle.queries.packs import rules_of
from cycle.queries.results import latest_run, recomputed
from cycle.queries.told import told
from policies.scoring.readings import score_readings
from tests.cast import signed_in
from tests.county import County
from tests.cycle.test_claims import brought_to


def test_single_readings_score_as_the_run_scores_them(published: County) -> None:
    run = latest_run(published.cycle)
    assert run is not None
    result, facts = recomputed(run.pk), facts_of(published.cycle)
    for unit in ("nanniu", "xinchengpu", "caizheng", "tongji", "zhujian"):
        found = {
            (each.component, each.indicator, each.round): each.score
            for each in score_readings(rules_of(published.cycle), facts, unit)
        }
        assert found == {
            (component, indicator, name): score
            for component, one in result.unit(unit).flat().items()
            for name, each in one.rounds.items()
            for indicator, score in each.indicators.items()
        }


def test_a_deduction_is_told_from_the_day_on_which_it_is_handed_in(monitoring: County) -> None:
    subject = monitoring.unit("nanniu")
    assert told(subject) == []
    claim = brought_to(monitoring, "answer", sort="deduction", item="county_criticism")
    (line,) = told(subject)
    assert (line.title, line.points, line.cite) == ("受县通报批评", "减 0.5 分", "五（四）2")
    assert line.on is not None
    assert line.on.isoformat() == "2026-02-10"
    assert line.reason == claim.source
    assert "请在待办中陈述意见" in line.remedy
    monitoring.do(claim, "answer", accepts="accepts")
    monitoring.do(claim, "verify")
    monitoring.do(claim, "confirm", choice="reject", comment="通报对象有误。")
    assert [each.remedy for each in told(subject)] == ["不予认定，不扣分。"]


def test_a_bonus_and_a_draft_are_not_told(monitoring: County) -> None:
    brought_to(monitoring, "verify")
    claim = brought_to(monitoring, "answer", sort="veto", item="corruption")
    monitoring.do(claim, "answer", accepts="accepts")
    monitoring.do(claim, "verify", choice="back_submit", comment="补文件。")
    assert AdjustmentClaim.objects.count() == 2
    assert told(monitoring.unit("nanniu")) == []


def test_lost_points_are_told_once_the_round_is_checked(assessed: County) -> None:
    subject = assessed.unit("nanniu")
    lost = [each for each in told(subject) if each.sort == "失分"]
    assert lost
    for each in lost:
        assert each.indicator is not None
        assert each.indicator.collector is not None
        assert each.indicator.collector.organisation.title in each.remedy
    supervision = [each for each in lost if each.indicator and each.indicator.key == "supervision"]
    assert [each.points for each in supervision] == ["得 27.5 分，失 2.5 分"] * 2
    assert all("督查通报扣分。" in each.reason and each.cite for each in supervision)
    found = {
        (each.indicator.key, each.round): each for each in Reading.objects.filter(indicator__subject=subject)
    }
    full = score_readings(rules_of(assessed.cycle), facts_of(assessed.cycle), "nanniu")
    assert len(full) == len(found)
    assert len(lost) == sum(each.lost > Fraction(0) for each in full)


def test_what_is_not_checked_yet_is_not_told(assessed: County) -> None:
    before = len(told(assessed.unit("nanniu")))
    matter = assessed.matter("collection", key="yearend", office=assessed.office("collector", "ducha"))
    type(matter).objects.filter(pk=matter.pk).update(state="approved")
    assert len(told(assessed.unit("nanniu"))) == before - 1


def test_a_unit_reads_its_own_page(assessed: County) -> None:
    page = signed_in("caizheng-head").get("/told/?year=2026").content.decode()
    for words in ("本年扣分告知", "受县通报批评", "减 0.5 分", "五（四）2", "演示数据，非真实考核结果"):
        assert words in page
    assert "受县通报批评" not in signed_in("nanniu-head").get("/told/").content.decode()
    assert "/told/?year=2026" in signed_in("nanniu-handler").get("/claims/").content.decode()
