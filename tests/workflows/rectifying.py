"""A rectification of the small county, carried as far as a test wants it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from audit import clock
from cycle.models import Rectification
from cycle.services import problem_lists
from cycle.services.problem_lists import Problem
from tests.county import County
from workflows.rehearsal.deeds import holder
from workflows.services import attaching

CLERK, SECOND, CHIEF = "jxb-clerk", "jxb-clerk-2", "jxb-chief"
PROBLEM = Problem("nanniu", "数据台账", "三月、四月的投资台账没有入库凭证。", "补齐凭证并建立月度核对制度。")


def listed(county: County, problem: Problem = PROBLEM, *, source: str = "monitoring") -> Rectification:
    """A problem that the performance office has put on the list; the unit is asked for its plan."""
    office = county.office("performance_office")
    (made,) = problem_lists.list_problems(
        county.cycle.pk, [problem], source=source, user_id=county.user(CLERK), office_id=office.pk
    )
    county.relay()
    return fresh(made)


def fresh(matter: Rectification) -> Rectification:
    """The record as it is now."""
    return Rectification.objects.select_related("cycle", "subject").get(pk=matter.pk)


def plan_form(county: County, days: int = 20) -> dict[str, Any]:
    """What a unit fills in for its plan."""
    today = clock.local_date(county.now)
    lines = {
        "m1": {"title": "补齐凭证", "due_on": (today + dt.timedelta(days=days // 2)).isoformat()},
        "m2": {"title": "建立核对制度", "due_on": (today + dt.timedelta(days=days)).isoformat()},
    }
    finish = (today + dt.timedelta(days=days)).isoformat()
    return {"plan": "逐笔补齐，按月核对。", "person": "分管副乡长", "finish_on": finish, "lines": lines}


def planned(county: County, matter: Rectification) -> Rectification:
    """The unit has handed in its plan."""
    county.do(matter, "plan", **plan_form(county))
    return fresh(matter)


def underway(county: County, matter: Rectification, *, by: str = CLERK) -> Rectification:
    """The plan is approved."""
    planned(county, matter)
    county.do(matter, "approve", as_=by)
    return fresh(matter)


def prove(county: County, matter: Rectification, name: str = "整改前后对比.pdf") -> None:
    """The unit attaches a document to the task that it has in hand."""
    item = county.item(matter)
    attaching.attach(item.pk, user_id=holder(item), name=name, size=3, chunks=[b"abc"])


def reported(county: County, matter: Rectification, *, by: str = CLERK) -> Rectification:
    """The unit has reported its result with a document."""
    underway(county, matter, by=by)
    prove(county, matter)
    county.do(matter, "result", result="凭证已补齐，制度已印发。")
    return fresh(matter)
