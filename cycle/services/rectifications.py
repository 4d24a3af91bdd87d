"""Rectification: list, plan, approve, report, verify by somebody else, close (杭州 31 条, 督查条例 18 条)."""

import datetime as dt
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotFound, NotPossible
from cycle.models import Evidence, Milestone, Rectification
from cycle.queries.verifying import Verifying
from cycle.services.days import in_words
from cycle.services.moving import hold, move
from cycle.services.rectification_plans import finishing_day, latest_result, steps_of
from offices.models import Office
from offices.queries.acting import acting, acting_as

Lines = dict[str, dict[str, str]]


@ledger.service
def make_plan(
    matter_id: UUID,
    *,
    by: Actor,
    at: dt.datetime,
    plan: str = "",
    person: str = "",
    finish_on: str = "",
    lines: Lines | None = None,
    comment: str = "",
) -> None:
    """The unit hands in its plan: measures, the post that answers, the finishing day, steps with dates.

    Raises NotPossible naming the field that is missing or does not fit the policy's time (济南 27 条).
    """
    matter, today = hold(Rectification, matter_id), clock.local_date(at)
    if not plan.strip():
        raise NotPossible("请写明整改措施后再报送。", field="plan")
    if not person.strip():
        raise NotPossible("请写明责任人的岗位，例如“分管副局长”。", field="person")
    finish = finishing_day(matter.cycle, finish_on, today)
    steps = steps_of(lines or {}, today, finish)
    matter.milestones.all().delete()  # earlier plans stay in the ledger, word for word
    Milestone.objects.bulk_create(
        Milestone(rectification=matter, position=place, title=step.title, due_on=step.due_on)
        for place, step in enumerate(steps, start=1)
    )
    fields = {
        "plan": plan.strip(),
        "person": person.strip()[:80],
        "text": matter.text | {"finish_on": finish.isoformat()},
    }
    said = {f"step_{place}": f"{step.due_on}：{step.title}" for place, step in enumerate(steps, start=1)}
    values = {"plan": fields["plan"], "person": fields["person"]} | said
    move(matter, "make_plan", by=by, at=at, why=comment, fields=fields, values=values)


@ledger.service
def approve(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The performance office approves the plan; its finishing day is the result's deadline from now on."""
    matter = hold(Rectification, matter_id)
    finish = _finish(matter)
    if finish < clock.local_date(at):
        raise NotPossible(f"方案确定的完成日期 {in_words(finish)}已经过去，请退回单位重新排定日期。")
    due = {"due_on": finish.isoformat(), "rule_text": "整改方案确定的完成日期"}
    text = matter.text | {"due": matter.text.get("due", {}) | {"result": due}}
    move(matter, "approve", by=by, at=at, why=comment, fields={"text": text})


@ledger.service
def give_back_plan(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The plan goes back to the unit with a reason; a granted day that is over does not bind again."""
    matter = hold(Rectification, matter_id)
    due = dict(matter.text.get("due", {}))
    if due.get("plan", {}).get("due_on", "") <= clock.local_date(at).isoformat():
        due.pop("plan", None)
    fields = {"text": matter.text | {"due": due}}
    move(matter, "give_back_plan", by=by, at=at, why=comment, fields=fields)


@ledger.service
def tick(milestone_id: UUID, *, user_id: UUID, note: str) -> None:
    """The unit ticks off a step of its plan while the rectification is under way, and says what was done."""
    found = Milestone.objects.filter(pk=milestone_id).values_list("rectification_id", flat=True).first()
    if found is None:
        raise NotFound("没有找到这个进度节点，方案可能已经重新制定，请刷新页面后查看。")
    matter = hold(Rectification, found)
    by, at = acting(user_id, matter.unit.office_id)
    milestone = Milestone.objects.select_for_update(no_key=True).get(pk=milestone_id)
    if matter.state != "underway":
        raise NotPossible(f"“{matter.title}”目前的状态是“{matter.state_title}”，只有整改期间才能登记进度。")
    if milestone.done_on:
        raise NotPossible(f"“{milestone.title}”已于 {in_words(milestone.done_on)}登记完成，不用重复登记。")
    if not note.strip():
        raise NotPossible("请写明这个节点完成的情况后再登记。", field="note")
    milestone.done_on, milestone.note = clock.local_date(at), note.strip()[:500]
    milestone.save(update_fields=["done_on", "note"])
    ledger.record(
        "rectification.milestone",
        matter.stream,
        by=by,
        at=at,
        policy=matter.cycle.policy_id,
        milestone=milestone.pk,
        title=milestone.title,
        due_on=milestone.due_on,
        done_on=milestone.done_on,
        why=milestone.note,
    )


@ledger.service
def report(matter_id: UUID, *, by: Actor, at: dt.datetime, result: str = "", comment: str = "") -> None:
    """The unit reports the result; without evidence there is nothing that could be verified."""
    matter = hold(Rectification, matter_id)
    if not result.strip():
        raise NotPossible("请写明整改结果：做了什么、达到了什么程度后再报送。", field="result")
    if not Evidence.objects.filter(matter=matter, withdrawn_at__isnull=True).exists():
        raise NotPossible("请先上传能够证明整改到位的佐证材料，再报送结果。", field="evidence")
    fields = {"result": result.strip()}
    move(matter, "report", by=by, at=at, why=comment, fields=fields, values={"outcome": fields["result"]})


@ledger.service
def close(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Somebody else has verified that the problem is gone (销号); says what was looked at."""
    matter = hold(Rectification, matter_id)
    _need_somebody_else(matter, by, at)
    if not comment.strip():
        raise NotPossible("请写明核查的情况（看了什么、核对了什么）后再予销号。", field="comment")
    move(matter, "close", by=by, at=at, why=comment, fields={"closed_at": at})


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """Not rectified: back to the unit, with the agreed time or, where that is over, the policy's anew."""
    matter, today = hold(Rectification, matter_id), clock.local_date(at)
    _need_somebody_else(matter, by, at)
    due = dict(matter.text.get("due", {}))
    agreed = due.get("result", {}).get("due_on", "")
    if agreed <= today.isoformat():
        due.pop("result", None)
        latest = latest_result(matter.cycle, today)
        if latest:
            text = f"核查退回后重新计时：{latest.rule_text}"
            due["result"] = {"due_on": latest.due_on.isoformat(), "rule_text": text}
    move(matter, "give_back", by=by, at=at, why=comment, fields={"text": matter.text | {"due": due}})


@ledger.service
def revoke(matter_id: UUID, *, user_id: UUID, why: str) -> Actor:
    """Take a problem off the list: a decision removed what it rested on. The performance office does so.

    Returns who did. Raises NotPossible without a reason, or when it is closed already.
    """
    matter = hold(Rectification, matter_id)
    by, at = acting_as(user_id, matter.cycle.owner_id, "performance_office")
    if not why.strip():
        raise NotPossible("请写明撤销的理由和依据的决定，再撤销这项整改。", field="why")
    move(matter, "revoke", by=by, at=at, why=why.strip())
    return by


def _finish(matter: Rectification) -> dt.date:
    return dt.date.fromisoformat(matter.text["finish_on"])


def _need_somebody_else(matter: Rectification, by: Actor, at: dt.datetime) -> None:
    """Nobody verifies the own work, nor that of the unit where he sits or has sat this year."""
    verifying = Verifying(matter, at)
    for person, name in ((by.user_id, by.name), (by.behalf_id, by.behalf_name)):
        reason = verifying.reason(person)
        if reason:
            raise NotAllowed(
                f"整改结果应当由他人核查：{name}{reason}，不能核查这项整改。{_whom(verifying, by)}"
            )


def _whom(verifying: Verifying, by: Actor) -> str:
    others = [each.name for each in verifying.others(by.office)]
    title = Office.objects.values_list("title", flat=True).get(pk=by.office)
    if others:
        return f"请改由{title}的{'、'.join(others)}核查。"
    return f"{title}目前没有其他人可以核查，请先由系统管理员为{title}安排其他人员任职，再由其核查。"
