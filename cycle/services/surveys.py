"""The public survey: its results are entered per round."""

import datetime as dt
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Subject, Survey, SurveyResult
from cycle.queries.packs import rules_of
from cycle.queries.rules import components_scored_by, rounds
from cycle.services.moving import hold, move
from cycle.services.numbers import percent, plain

Lines = dict[str, dict[str, str]]


def surveyed(survey: Survey) -> list[tuple[Subject, str]]:
    """The units and components that this survey round measures."""
    pack = rules_of(survey.cycle)
    return [
        (subject, component)
        for subject in Subject.objects.filter(cycle=survey.cycle_id).order_by("position")
        for component in components_scored_by(pack, subject.group, "survey")
        if survey.key in rounds(pack, subject.group, component)
    ]


@ledger.service
def record_results(matter_id: UUID, *, by: Actor, at: dt.datetime, lines: Lines, comment: str = "") -> None:
    """Enter the surveying body's results (正定 五（二）2). `lines`: unit code → `satisfaction`, `turnout`."""
    survey = hold(Survey, matter_id)
    results, values = [], {}
    for subject, component in surveyed(survey):
        line = lines.get(subject.code, {})
        for name, title in (("satisfaction", "满意度"), ("turnout", "回收率")):
            if not line.get(name, "").strip():
                raise NotPossible(f"请填写{subject}的{title}后再提交。", field=f"{subject.code}-{name}")
        result = SurveyResult(
            survey=survey,
            subject=subject,
            component=component,
            satisfaction=percent(
                line["satisfaction"], what=f"{subject}的满意度", field=f"{subject.code}-satisfaction"
            ),
            turnout=percent(line["turnout"], what=f"{subject}的回收率", field=f"{subject.code}-turnout"),
        )
        results.append(result)
        values[subject.code] = {"satisfaction": plain(result.satisfaction), "turnout": plain(result.turnout)}
    SurveyResult.objects.bulk_create(results)
    move(survey, "record_results", by=by, at=at, why=comment, values=values)
