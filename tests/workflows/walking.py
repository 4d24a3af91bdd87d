"""How a path through a flow of repair is walked: the situation it begins in, what its steps are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from audit import clock
from cycle.models import ChangeNotice, Indicator, Matter
from cycle.services import proposals
from offices.services import postings
from tests.county import County
from tests.cycle import repairing
from tests.cycle.test_adjustments import ask_for, line, proven, with_season
from tests.small_county import PASSWORD
from tests.workflows import appealing, rectifying
from workflows.models import WorkItem
from workflows.nodes import LAPSE
from workflows.services import extending, tasks
from workflows.services.appealing import ask_recusal

PASS = "pass"
"""No way of the flow: the token goes past a step that this matter does not need."""
DEPUTY = "jxb-clerk-2"
"""Whom the leading group appoints when nobody in the reviewing office is without a conflict."""


class Way(NamedTuple):
    """One leg of a path: at which step, which way out."""

    step: str
    choice: str


Path = tuple[Way, ...]


def appeal(county: County, path: Path) -> Any:
    appealing.served(county)
    if Way("appoint", "next") in path:
        for name in (appealing.REVIEWER, appealing.REVIEW_HEAD):
            postings.seat(
                county.user(name), county.unit("nanniu").office_id, role="handler",
                until=dt.date(2027, 12, 31), why="挂职", by=county.clerk(), at=county.now,
            )  # fmt: skip
    return appealing.opened(county)


def recusal(county: County, path: Path) -> Any:
    appealing.served(county)
    case = appealing.brought_to(county, "investigate")
    ask_recusal(
        case.pk, person_id=county.user(appealing.REVIEWER), why="亲属在申诉单位任职。",
        user_id=county.user("nanniu-head"), office_id=case.unit.office_id,
    )  # fmt: skip
    return county.matter("recusal")


def extension(county: County, path: Path) -> Any:
    item = county.item(rectifying.underway(county, rectifying.listed(county)), "result")
    extending.ask(item.pk, user_id=county.user("nanniu-handler"), until="2026-03-20", why="设备在采购。")
    return county.matter("extension")


def adjustment(county: County, path: Path) -> Any:
    with_season(county, due={"by": "08-31"})
    if Way("approve_key", PASS) not in path:
        Indicator.objects.filter(pk=county.indicator("nanniu", "investment").pk).update(is_key=True)
    return ask_for(county)


def recheck(county: County, path: Path) -> Any:
    return repairing.opened(county, indicator_id=county.indicator("nanniu", "investment").pk)


def reapproval(county: County, path: Path) -> Any:
    repairing.raised(county, yearend="12")
    return repairing.reapproval(county, 2)


def change_notice(county: County, path: Path) -> Any:
    repairing.bar_lifted(county)
    repairing.approved(county, 2)
    return county.matter("change_notice", unit="caizheng")


BEGUN: dict[str, tuple[str, Callable[[County, Path], Any]]] = {
    "appeal": ("feedback", appeal),
    "recusal": ("feedback", recusal),
    "rectification": ("monitoring", lambda county, _: rectifying.listed(county)),
    "extension": ("monitoring", extension),
    "adjustment": ("monitoring", adjustment),
    "recheck": ("feedback", recheck),
    "reapproval": ("uses", reapproval),
    "change_notice": ("uses", change_notice),
}


def reviewer(county: County, matter: Matter) -> str:
    """Who takes the case on: the appointed deputy, where there is one."""
    appointed = WorkItem.objects.filter(matter=matter, step="appoint").exists()
    return DEPUTY if appointed else appealing.REVIEWER


def proposed(county: County, matter: Matter) -> dict[str, Any]:
    said = {"outcome": "uphold", "changes": {}, "reasons": "已经计入。", "cite": "五（一）1"}
    proposals.save(matter.pk, user_id=appealing.fresh(matter).reviewer_id, **said)  # type: ignore[arg-type]
    return {}


def requested(county: County, matter: Any) -> dict[str, Any]:
    proven(county, matter)
    return {"lines": {str(line(matter, "investment").pk): {"target": "10"}}}


def reported(county: County, matter: Any) -> dict[str, Any]:
    rectifying.prove(county, matter)
    return {"result": "凭证已补齐，制度已印发。"}


FORMS: dict[tuple[str, str, str], Callable[[County, Any], dict[str, Any]]] = {
    ("appeal", "appoint", "next"): lambda *_: {"person": DEPUTY, "until": "2027-06-30"},
    ("appeal", "supplement", "next"): lambda *_: {"supplement": "补充凭证两份。"},
    ("appeal", "accept", "next"): lambda county, matter: {
        "reviewer": str(county.user(reviewer(county, matter))),
    },
    ("appeal", "answer", "next"): lambda *_: {"answer": "数据取自联网直报平台。"},
    ("appeal", "investigate", "next"): lambda *_: {"findings": "经核对，已经计入。"},
    ("appeal", "decide", "next"): proposed,
    ("recusal", "decide", "next"): lambda county, _: {"reviewer": str(county.user(appealing.REVIEW_HEAD))},
    ("rectification", "plan", "next"): lambda county, _: rectifying.plan_form(county),
    ("rectification", "result", "next"): reported,
    ("adjustment", "request", "next"): requested,
    ("recheck", "measure", "next"): lambda *_: {
        "finding": repairing.FINDING, "lines": {"yearend": {"value": "12"}},
    },
    ("change_notice", "sign", "next"): lambda _, matter: {
        "password": PASSWORD, "digest": ChangeNotice.objects.get(pk=matter.pk).document_digest,
    },
}  # fmt: skip


def _nothing(county: County, matter: Any) -> dict[str, Any]:
    return {}


def go(county: County, matter: Matter, flow: str, way: Way) -> None:
    """Do what is to be done at a step, or wait until its time is over."""
    if way.choice == LAPSE:
        item = county.item(matter, way.step)
        clock.move_to(item.due_at)  # type: ignore[arg-type]
        assert tasks.lapse(item.pk)
    elif way.choice != PASS:
        form = FORMS.get((flow, *way), _nothing)(county, matter)
        who = reviewer(county, matter) if (flow, way.step) == ("appeal", "accept") else ""
        county.do(matter, way.step, choice=way.choice, comment="理由和情况见附件。", as_=who, **form)
