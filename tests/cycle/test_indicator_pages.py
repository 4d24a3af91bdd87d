"""Indicators over HTTP: who sees which, the newest figures, plan against actual, points by round."""

from __future__ import annotations

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cycle.models import Indicator, ReportLine
from cycle.queries.charts import line_chart
from tests.cast import signed_in
from tests.county import County

BUDGET = 16


def seen(username: str, query: str = "") -> set[tuple[str, str]]:
    rows = signed_in(username).get(f"/kpi/{query}").context["rows"]
    return {(row.indicator.subject.code, row.indicator.key) for row in rows}


def test_everybody_sees_what_is_theirs(monitoring: County) -> None:
    everything = set(Indicator.objects.values_list("subject__code", "key"))
    assert seen("jxb-clerk") == seen("auditor") == everything
    assert seen("nanniu-handler") == {pair for pair in everything if pair[0] == "nanniu"}
    assert seen("collector") == {("nanniu", "investment"), ("xinchengpu", "investment")}
    assert signed_in("sysadmin").get("/kpi/").status_code == 404


def test_the_list_can_be_narrowed_and_an_unknown_choice_narrows_nothing(monitoring: County) -> None:
    assert seen("jxb-clerk", "?unit=zhujian") == {("zhujian", "facades"), ("zhujian", "greening")}
    assert seen("jxb-clerk", "?q=投资") == {("nanniu", "investment"), ("xinchengpu", "investment")}
    assert seen("jxb-clerk", "?collector=shenji") == {("caizheng", "audit_fixes"), ("tongji", "audit_fixes")}
    assert len(seen("jxb-clerk", "?unit=atlantis")) == 11


def test_the_list_takes_the_same_queries_for_all(monitoring: County) -> None:
    client = signed_in("jxb-clerk")
    client.get("/kpi/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/kpi/")
    assert len(captured) <= BUDGET


def test_the_newest_figure_is_the_verified_one(yearend: County) -> None:
    report = yearend.matter("report", unit="nanniu", key="m03")
    lines = {str(line.pk): {"value": "3.1", "note": ""} for line in report.lines.all()}
    yearend.do(report, "fill", lines=lines)
    investment = yearend.indicator("nanniu", "investment")

    def newest() -> str:
        rows = signed_in("nanniu-handler").get("/kpi/?q=固定资产").context["rows"]
        return str(rows[0].newest)

    assert newest() == "3.1 万元"
    ReportLine.objects.filter(report=report.pk, indicator=investment).update(verified=Decimal("2.9"))
    assert newest() == "2.9 万元"


def test_one_indicator_shows_plan_and_actual(yearend: County) -> None:
    report = yearend.matter("report", unit="nanniu", key="m03")
    lines = {str(line.pk): {"value": "3.1", "note": ""} for line in report.lines.all()}
    yearend.do(report, "fill", lines=lines)
    page = signed_in("nanniu-handler").get(f"/kpi/{yearend.indicator('nanniu', 'investment').pk}/")
    chart = page.context["chart"]
    assert [dot.text for dot in chart.dots] == ["3.1"]
    assert chart.levels[-1].text == "12.5"
    assert "12.5 万元" in page.content.decode()
    assert page.context["scores"] == []


def test_points_by_round_are_for_those_who_may_see_the_result(published: County) -> None:
    pk = published.indicator("nanniu", "water").pk
    scores = signed_in("nanniu-head").get(f"/kpi/{pk}/").context["scores"]
    assert [(score.title, score.points, score.weight) for score in scores] == [
        ("中期评估", "30", "50%"),
        ("年终评估", "30", "50%"),
    ]
    assert signed_in("xinchengpu-head").get(f"/kpi/{pk}/").status_code == 404
    investment = published.indicator("nanniu", "investment").pk
    page = signed_in("collector").get(f"/kpi/{investment}/")
    assert (page.status_code, page.context["scores"]) == (200, [])


def test_a_chart_is_drawn_within_its_frame() -> None:
    chart = line_chart([(1, Decimal(1)), (12, Decimal(12))], [(1, Decimal("0.5")), (6, Decimal(-2))])
    assert chart is not None
    assert [(dot.x, dot.text) for dot in chart.dots] == [(52, "0.5"), (368, "-2")]
    assert chart.plan.startswith("M52 ")
    assert all(14 <= dot.y <= 148 for dot in chart.dots)
    assert line_chart([(1, Decimal(1))], []) is None
    flat = line_chart([], [(3, Decimal(0))])
    assert flat is not None
    assert flat.dots[0].y == 148
