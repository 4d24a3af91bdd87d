"""Indicator setting: declare, review, decide, issue, sign."""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Indicator, Sheet
from cycle.services import opinions
from cycle.services.definitions import need_complete, need_points
from cycle.services.moving import hold, move, save_all
from cycle.services.numbers import decimal, plain

Lines = dict[str, dict[str, str]]


@ledger.service
def declare(matter_id: UUID, *, by: Actor, at: dt.datetime, lines: Lines, comment: str = "") -> None:
    """The unit declares targets and work plan (正定 八（三）: within 7 working days of the scheme's issue).

    `lines` maps an indicator's id to `target`, `measures`, `milestones`, `sections`.
    """
    sheet = hold(Sheet, matter_id)
    indicators = list(_drafts(sheet))
    changed = {str(each.key): _declare_line(each, lines.get(str(each.pk), {})) for each in indicators}
    save_all(indicators, ["target"])
    save_all([each.plan for each in indicators], ["measures", "milestones", "sections"])
    move(sheet, "declare", by=by, at=at, why=comment, lines={k: v for k, v in changed.items() if v})


def _declare_line(indicator: Indicator, line: dict[str, str]) -> dict[str, str]:
    """Take over one line; return what it changed. A target must be a number; measures must be stated."""
    plan, changed = indicator.plan, {}
    if "target" in line and line["target"].strip() != indicator.target:
        target = line["target"].strip()
        if target or indicator.target:
            target = plain(
                decimal(target, what=f"“{indicator.title}”的目标值", field=f"{indicator.pk}-target")
            )
        if target != indicator.target:
            changed["target"] = indicator.target = target
    for name in ("measures", "milestones", "sections"):
        value = line.get(name, getattr(plan, name)).strip()
        if value != getattr(plan, name):
            changed[name] = value
            setattr(plan, name, value)
    if not plan.measures:
        raise NotPossible(f"请填写“{indicator.title}”的工作措施后再申报。", field=f"{indicator.pk}-measures")
    return changed


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The head of the unit approves the declaration."""
    move(hold(Sheet, matter_id), "approve", by=by, at=at, why=comment)


@ledger.service
def review(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """First review by the performance office."""
    move(hold(Sheet, matter_id), "review", by=by, at=at, why=comment)


@ledger.service
def opine(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """One office of the joint review agrees (会签)."""
    sheet = hold(Sheet, matter_id)
    if sheet.state != "reviewed":
        raise NotPossible(f"“{sheet.title}”已不在会审中，请刷新页面后查看。")
    opinions.give(sheet, by=by, at=at, agrees=True, text=comment)


@ledger.service
def disagree(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """One office of the joint review does not agree: the sheet goes back to the unit, a new round follows."""
    _give_back(matter_id, "give_back", by=by, at=at, comment=comment, disagrees=True)


@ledger.service
def disagree_to_head(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """One office of the joint review does not agree: the sheet goes back to the head of the unit."""
    _give_back(matter_id, "give_back_to_head", by=by, at=at, comment=comment, disagrees=True)


@ledger.service
def close_review(matter_id: UUID, *, by: Actor, at: dt.datetime) -> None:
    """The last office has agreed: the joint review is closed."""
    move(hold(Sheet, matter_id), "close_review", by=by, at=at)


@ledger.service
def decide(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The leading group decides on the indicators."""
    move(hold(Sheet, matter_id), "decide", by=by, at=at, why=comment)


@ledger.service
def issue(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Issue the indicators to the unit.

    Refused when one lacks its acceptance standard, scoring rule or collector, when a unit would collect its
    own data, or when points do not add up to the component's (正定 四; 五（一）1).
    """
    sheet = hold(Sheet, matter_id)
    indicators = list(_drafts(sheet))
    need_complete(sheet.unit, indicators, then="下达")
    need_points(sheet.cycle, sheet.unit, indicators, then="下达")
    move(sheet, "issue", by=by, at=at, why=comment)
    for indicator in indicators:
        indicator.effective_on = dt.date(sheet.cycle.year, 1, 1)
        indicator.issue()
        ledger.record(
            "indicator.issue",
            f"indicator/{indicator.pk}",
            by=by,
            at=at,
            policy=sheet.cycle.policy_id,
            was={"state": "draft"},
            set={"state": "issued", "effective_on": indicator.effective_on, "target": indicator.target},
        )
    save_all(indicators, ["state", "effective_on"])


@ledger.service
def sign(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The head of the unit signs for the issued indicators."""
    move(hold(Sheet, matter_id), "sign", by=by, at=at, why=comment)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """A reviewer returns the sheet to the unit with a reason."""
    _give_back(matter_id, "give_back", by=by, at=at, comment=comment)


@ledger.service
def give_back_to_review(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """A later reviewer returns the sheet to the performance office."""
    _give_back(matter_id, "give_back_to_review", by=by, at=at, comment=comment)


def _give_back(
    matter_id: UUID, verb: str, *, by: Actor, at: dt.datetime, comment: str, disagrees: bool = False
) -> None:
    """Return the sheet; who was asked for an opinion will be asked again, in a new round."""
    sheet = hold(Sheet, matter_id)
    if disagrees:
        opinions.give(sheet, by=by, at=at, agrees=False, text=comment)
    move(sheet, verb, by=by, at=at, why=comment, fields=opinions.next_round(sheet))


def _drafts(sheet: Sheet) -> Any:
    rows = Indicator.objects.filter(cycle=sheet.cycle, subject=sheet.subject, state="draft")
    return rows.select_related("plan", "collector")
