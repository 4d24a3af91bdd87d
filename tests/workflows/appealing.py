"""An appeal brought as far as a test needs it, through the product's own services."""

from __future__ import annotations

from typing import Any

from cycle.models import Appeal, Proposal
from cycle.queries.points import points_of
from cycle.queries.windows import windows_of
from cycle.services import proposals
from tests.county import County
from workflows.models import WorkItem
from workflows.services import appealing

REVIEWER, REVIEW_HEAD = "appeal-reviewer", "fuhezu-head"
FACTS, REQUEST = "统计口径漏计了两个已入库项目。", "请按实际入库数重新认定。"
WAY = ("file", "accept", "answer", "investigate", "decide", "approve", "sign")


def served(county: County, code: str = "nanniu") -> None:
    """The unit's letter is served: its window for appeals begins."""
    county.do(county.matter("feedback", unit=code), "serve", advice="继续保持。")


def point_id(county: County, code: str = "nanniu", title: str = "固定资产投资") -> str:
    """The id of one contestable point of a unit, by (part of) its title."""
    unit = county.unit(code)
    run = windows_of(unit)[0].run
    return next(each.id for each in points_of(unit, run) if title in each.title)


def opened(county: County, code: str = "nanniu", title: str = "固定资产投资", **said: str) -> Appeal:
    """A draft of an appeal on the unit's desk."""
    words = {"ground": "fact", "facts": FACTS, "request": REQUEST} | said
    matter_id = appealing.open_and_start(
        county.unit(code).pk,
        point=words.pop("point", "") or point_id(county, code, title),
        user_id=county.user(words.pop("as_", f"{code}-handler")),
        **words,
    )
    return Appeal.objects.select_related("cycle", "subject", "run", "reviewer").get(pk=matter_id)


def fresh(appeal: Appeal) -> Appeal:
    """The appeal as it is now."""
    return Appeal.objects.select_related("cycle", "subject", "run", "reviewer").get(pk=appeal.pk)


def propose(county: County, appeal: Appeal, outcome: str = "change", **said: Any) -> Proposal:
    """The reviewer saves a proposed decision; a change raises the indicator by default."""
    judged = appeal.indicator is not None and appeal.indicator.method == "given"
    changes = (
        {"yearend": {"value": "29.5"}}
        if judged
        else {"midyear": {"value": "5.9"}, "yearend": {"value": "12.5"}}
    )
    values = {
        "changes": changes if outcome == "change" else {},
        "reasons": "证据充分，予以采信。",
        "cite": "五（一）1",
    }
    number = proposals.save(
        appeal.pk, user_id=county.user(REVIEWER), outcome=outcome, **(values | said)
    )  # fmt: skip
    return Proposal.objects.get(appeal=appeal, number=number)


def brought_to(county: County, step: str, *, outcome: str = "change", **said: Any) -> Appeal:
    """An appeal that waits at a step; what comes before was done by whoever it was served on."""
    appeal = opened(county, **said)
    forms: dict[str, Any] = {
        "accept": lambda: {"reviewer": str(county.user(REVIEWER))},
        "answer": lambda: {"answer": "数据取自联网直报平台。"},
        "investigate": lambda: {"findings": "经核对入库凭证，两个项目确应计入。"},
    }
    for each in WAY[: WAY.index(step)]:
        if each == "decide":
            propose(county, appeal, outcome)
        who = f"{said.get('code', 'nanniu')}-handler" if each == "file" else ""
        county.do(appeal, each, as_=who, **forms.get(each, dict)())
    return fresh(appeal)


def at(county: County, appeal: Appeal) -> WorkItem:
    """The open task of an appeal."""
    return WorkItem.objects.get(matter=appeal.pk, state="open")
