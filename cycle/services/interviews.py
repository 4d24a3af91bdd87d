"""绩效面谈: the performance office talks a unit's result over with it, on record and confirmed."""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import clock, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotFound, NotPossible
from cycle.models import Cycle, Feedback, Interview
from cycle.services.days import day, in_words
from cycle.services.deeming import UNCONFIRMED, deemed
from cycle.services.moving import hold, move, record_creation
from offices.queries.directory import office_of

DURING = ("feedback", "uses")


@ledger.service
def plan(feedback_id: UUID, *, on: dt.date, place: str, by: Actor, topic: str = "") -> UUID:
    """Plan an interview about a served letter; return the matter's id.

    Raises NotPossible for a letter that is not served, a day in the past, or a talk that is not finished yet.
    """
    feedback = _held_letter(feedback_id)
    cycle, subject, at = feedback.cycle, feedback.unit, clock.now()
    if office_of(cycle.owner_id, "performance_office") != by.office:
        raise NotAllowed("绩效面谈由绩效办安排，请换一个岗位办理，或者联系绩效办。")
    if cycle.state not in DURING:
        raise NotPossible(f"{cycle.title}目前不在绩效反馈或者结果运用阶段，不能安排面谈。")
    if feedback.served_at is None:
        raise NotPossible(f"{subject.title}的反馈书还没有送达，请送达以后再安排面谈。")
    if on < clock.local_date(at):
        raise NotPossible(f"面谈日期 {in_words(on)}已经过去，请填写今天或者以后的日期。", field="on")
    if not place.strip():
        raise NotPossible("请写明面谈地点，再安排面谈。", field="place")
    earlier = Interview.objects.filter(cycle=cycle, subject=subject)
    unfinished = earlier.exclude(state__in=Interview.FINAL).first()
    if unfinished is not None:
        raise NotPossible(f"“{unfinished.title}”还没有办结，办结以后才能再次安排面谈。")
    number = earlier.count() + 1
    interview = Interview(
        cycle=cycle,
        kind=Interview.KIND,
        stage=Interview.STAGE,
        subject=subject,
        office_id=by.office,
        key=f"i{number:02d}",
        state="planned",
        created_at=at,
        title=f"{subject.title} {cycle.year} 年度绩效面谈" + (f"（第 {number} 次）" if number > 1 else ""),
        text={
            "letter": str(feedback.pk),
            "on": on.isoformat(),
            "place": place.strip(),
            "topic": topic.strip(),
            "anchors": {"service": on.isoformat()},
        },
    )
    interview.save(force_insert=True)
    record_creation(interview, by=by, at=at)
    return interview.pk


def _held_letter(feedback_id: UUID) -> Feedback:
    """The letter, its row held: of two plans for one unit the second sees the first."""
    rows = Feedback.objects.select_related("subject").select_for_update(no_key=True, of=("matter_ptr",))
    found = rows.filter(pk=feedback_id).first()
    if found is None:
        raise NotFound("没有找到这份反馈书，它可能不属于你的单位。")
    found.cycle = Cycle.objects.get(pk=found.cycle_id)
    return found


@ledger.service
def record_talk(
    matter_id: UUID,
    *,
    by: Actor,
    at: dt.datetime,
    on: str = "",
    place: str = "",
    present: str = "",
    said: str = "",
    measures: str = "",
    comment: str = "",
) -> None:
    """Put on record when and where the talk was, which posts took part, what was said and agreed.

    Raises NotPossible naming the field that is missing, or a day that is still to come.
    """
    interview = hold(Interview, matter_id)
    held_on = day(on or interview.text["on"], what="面谈日期", field="on")
    if held_on > clock.local_date(at):
        raise NotPossible(f"面谈日期 {in_words(held_on)}还没有到，面谈以后再填写记录。", field="on")
    record = {"place": place or interview.text["place"], "present": present, "said": said}
    for name, words in _NEEDED.items():
        if not record[name].strip():
            raise NotPossible(f"请写明{words}，再提交单位确认。", field=name)
    kept = {name: value for name, value in interview.text.items() if name != "anchors"}
    text = kept | {name: value.strip() for name, value in record.items()}
    text |= {"on": held_on.isoformat(), "measures": measures.strip()}
    move(interview, "record_talk", by=by, at=at, why=comment, fields={"text": text})


_NEEDED = {"place": "面谈地点", "present": "参加人员的职务", "said": "面谈的内容"}


@ledger.service
def confirm(matter_id: UUID, *, by: Actor, at: dt.datetime, opinion: str = "", comment: str = "") -> None:
    """The head of the unit confirms the record, with the unit's own opinion where it has one."""
    interview = hold(Interview, matter_id)
    confirmed: dict[str, Any] = {
        "opinion": opinion.strip(),
        "confirmed_on": clock.local_date(at).isoformat(),
        "confirmed_by": f"{by.office_title}负责人",
    }
    move(interview, "confirm", by=by, at=at, why=comment, fields={"text": interview.text | confirmed})


@ledger.service
def deem_received(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """The unit neither confirmed nor gave back in time: the record stands, as one without objection."""
    interview = hold(Interview, matter_id)
    fields = deemed(interview, at)
    move(interview, "deem_received", by=by, at=at, why=UNCONFIRMED, fields=fields)


@ledger.service
def give_back(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str) -> None:
    """The head of the unit does not recognise the record as it is, with the reason."""
    move(hold(Interview, matter_id), "give_back", by=by, at=at, why=comment)
