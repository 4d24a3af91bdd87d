"""Problems of a letter, and problems that come back: what counts as the same, and how it is said."""

from __future__ import annotations

import pytest

from cycle.models import Cycle, Rectification
from cycle.queries.problem_lines import problem_lines
from cycle.queries.recurrence import earlier, repeat_words
from cycle.services import problem_lists, setup
from cycle.services.problem_lists import Problem
from policies.packs import load_pack
from tests.county import County
from tests.small_county import MEMBERS, edition
from tests.workflows import rectifying
from workflows.services import revoking


@pytest.mark.parametrize(
    ("typed", "text", "topic", "is_key"),
    [
        ("数据台账：三月缺凭证。", "数据台账：三月缺凭证。", "数据台账", False),
        (
            "★ 1. 资金支付进度偏慢，年底集中支付。",
            "资金支付进度偏慢，年底集中支付。",
            "资金支付进度偏慢",
            True,
        ),
        ("（一）★督查反馈不及时", "督查反馈不及时", "督查反馈不及时", True),
        ("2、固定资产投资只完成目标的九成。", "固定资产投资只完成目标的九成。", "固定资产投资", False),
    ],
)
def test_a_line_says_its_topic_and_whether_it_is_a_key_item(
    feedback: County, typed: str, text: str, topic: str, is_key: bool
) -> None:
    (line,) = problem_lines(feedback.unit("nanniu"), typed)
    assert (line.text, line.topic, line.is_key) == (text, topic, is_key)
    assert (line.indicator is not None) == (topic == "固定资产投资")


def test_nothing_is_no_problem_and_a_line_counts_once(feedback: County) -> None:
    unit = feedback.unit("nanniu")
    assert problem_lines(unit, "无。\n\n 没有 \n") == []
    assert len(problem_lines(unit, "数据台账：缺凭证。\n★数据台账：缺凭证。")) == 1


def test_each_problem_of_a_served_letter_is_listed_and_the_unit_asked(feedback: County) -> None:
    letter = feedback.matter("feedback", unit="nanniu")
    problems = "★固定资产投资：没有完成目标。\n数据台账：缺凭证。"
    feedback.do(letter, "serve", problems=problems, advice="按月调度。")
    feedback.relay()
    first, second = Rectification.objects.filter(subject__code="nanniu").order_by("key")
    assert (first.topic, first.is_key, first.source) == ("固定资产投资", True, "feedback")
    assert (second.topic, second.is_key, second.requirement) == ("数据台账", False, "按月调度。")
    assert first.origin_id == letter.pk
    assert feedback.item(second, "plan").office == feedback.unit("nanniu").office


def test_a_letter_does_not_list_again_what_is_on_the_list(feedback: County) -> None:
    problem = Problem("nanniu", "数据台账", "数据台账：缺凭证。")
    rectifying.listed(feedback, problem)
    letter = feedback.matter("feedback", unit="nanniu")
    feedback.do(letter, "serve", problems=problem.problem, advice="按月调度。")
    assert Rectification.objects.filter(subject__code="nanniu").count() == 1


# --- across years ------------------------------------------------------------------------------------------


def next_year(county: County, year: int) -> Cycle:
    """Another cycle of the same county with the same units, as far as monitoring."""
    clerk = county.user("jxb-clerk")
    owner = Cycle.objects.get(year=2026).owner_id
    pk = setup.create_cycle(edition(MEMBERS), owner_id=owner, year=year, user_id=clerk)
    setup.add_subjects(pk, attributes={}, user_id=clerk)
    Cycle.objects.filter(pk=pk).update(state="monitoring")
    return Cycle.objects.get(pk=pk)


def made(county: County, cycle: Cycle, topic: str) -> Rectification:
    """A problem of the first township, put on the list of a year."""
    office = county.office("performance_office")
    problem = Problem("nanniu", topic, f"{cycle.year} 年度的{topic}问题。")
    (found,) = problem_lists.list_problems(
        cycle.pk, [problem], source="monitoring", user_id=county.user("jxb-clerk"), office_id=office.pk
    )
    return found


def test_the_same_topic_in_another_year_comes_back_and_again(monitoring: County) -> None:
    first = rectifying.listed(monitoring)
    second = made(monitoring, next_year(monitoring, 2027), "　数据台账 ")
    third = made(monitoring, next_year(monitoring, 2028), "数据台账")
    assert (second.recurs_id, third.recurs_id) == (first.pk, second.pk)
    assert repeat_words(second.text["years"]) == "重复出现：2026 年度已经列入过整改"
    assert repeat_words(third.text["years"]) == "多次重复出现：2026、2027 年度都列入过整改，这是第 3 次"


def test_another_unit_another_topic_and_a_revoked_problem_are_not_the_same(monitoring: County) -> None:
    first = rectifying.listed(monitoring)
    units = next_year(monitoring, 2027).subjects
    assert earlier(units.get(code="nanniu"), "数据台账") == first
    assert earlier(units.get(code="xinchengpu"), "数据台账") is None
    assert earlier(units.get(code="nanniu"), "督查") is None
    revoking.revoke_rectification(first.pk, user_id=monitoring.user("jxb-clerk"), why="不存在这一问题。")
    assert earlier(units.get(code="nanniu"), "数据台账") is None


def test_what_comes_back_after_its_closing_comes_back_in_the_same_year_too(monitoring: County) -> None:
    first = rectifying.reported(monitoring, rectifying.listed(monitoring))
    unit = monitoring.unit("nanniu")
    assert earlier(unit, "数据台账") is None, "it is still being rectified"
    monitoring.do(first, "check", as_="jxb-clerk-2", comment="查阅材料，问题已经解决。")
    again = made(monitoring, monitoring.cycle, "数据台账")
    assert again.recurs_id == first.pk
    assert repeat_words(again.text["years"]) == "重复出现：2026 年度已经列入过整改"


def test_the_same_indicator_counts_as_the_same_problem(monitoring: County) -> None:
    first = rectifying.listed(monitoring, Problem("nanniu", "投资", "没有完成。", indicator="investment"))
    unit = next_year(monitoring, 2027).subjects.get(code="nanniu")
    assert earlier(unit, "别的说法", "investment") == first


def test_the_letter_says_that_a_problem_came_back(monitoring: County) -> None:
    rectifying.listed(monitoring)
    unit = next_year(monitoring, 2027).subjects.get(code="nanniu")
    (line,) = problem_lines(unit, "★数据台账：仍缺凭证。")
    assert line.in_letter == "★数据台账：仍缺凭证。（重复出现：2026 年度已经列入过整改）"


def test_the_scheme_names_whom_the_progress_is_shown_to() -> None:
    rule = load_pack("zhengding").step("feedback", "rectification", "result")
    assert rule.audience == "units"
