"""Listing problems: by the office or the auditors, one or several at once, and from a feedback letter."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Cycle, Feedback, Indicator, Matter, Rectification, Stage, Subject
from cycle.queries.problem_lines import problem_lines
from cycle.queries.recurrence import earlier, topic_of, years_before
from cycle.services.moving import record_creation
from offices.models import Office
from offices.queries.acting import acting
from offices.queries.directory import office_of

SOURCES: dict[str, tuple[str, ...]] = {
    "performance_office": ("feedback", "appeal", "monitoring"),
    "auditor": ("audit",),
}
"""Who may list problems, and from where they come."""
LISTING = (Stage.MONITORING, Stage.ASSESSMENT, Stage.FEEDBACK, Stage.USES)
MOST = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of a problem list (问题清单). `field` is the line's prefix in the form, for refusals."""

    unit: str
    topic: str
    problem: str
    requirement: str = ""
    is_key: bool = False
    indicator: str = ""
    field: str = ""


@ledger.service
def list_problems(
    cycle_id: UUID,
    problems: Sequence[Problem],
    *,
    source: str,
    user_id: UUID,
    office_id: UUID,
    origin_id: UUID | None = None,
) -> list[Rectification]:
    """Put problems on the list; each unit is asked for its plan. All lines, or none.

    Raises NotAllowed when the office may not list problems from there, NotPossible naming the line.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    by, at = acting(user_id, office_id)
    _need_capacity(cycle, by, source)
    if cycle.state not in LISTING:
        raise NotPossible(
            f"{cycle.title}目前处于“{cycle.get_state_display()}”，日常监测开始以后、归档以前才能列入整改；"
            "归档以后发现的问题请列入下一年度。"
        )
    if not problems:
        raise NotPossible("请至少填写一个问题，再列入整改清单。", field="lines-0-topic")
    if len(problems) > MOST:
        raise NotPossible(f"一次最多列入 {MOST} 个问题，现在有 {len(problems)} 个，请分几次列入。")
    origin = _origin(cycle, origin_id)
    units = _held_units(cycle, [each.unit for each in problems])
    made = [
        _list(_unit(units, each), each, source, origin, by=by, at=at, refuse_twice=True) for each in problems
    ]
    ledger.tell("matters.opened", cycle.pk, kind=Rectification.KIND)
    return [each for each in made if each]


@ledger.service
def list_from_letter(feedback: Feedback, *, by: Actor, at: dt.datetime) -> list[Rectification]:
    """Each problem of a served letter becomes a rectification; a line that begins with ★ is a key item.

    A problem that is on the unit's list of the year already is not listed again.
    """
    subject = feedback.unit
    lines = problem_lines(subject, feedback.text.get("problems", ""))
    units = _held_units(feedback.cycle, [subject.code])
    requirement = str(feedback.text.get("advice", "")).strip()
    made = []
    for line in lines:
        problem = Problem(
            subject.code,
            line.topic,
            line.text,
            requirement,
            line.is_key,
            line.indicator.key if line.indicator else "",
        )
        made.append(_list(units[subject.code], problem, "feedback", feedback, by=by, at=at))
    if any(made):
        ledger.tell("matters.opened", feedback.cycle_id, kind=Rectification.KIND)
    return [each for each in made if each]


def _need_capacity(cycle: Cycle, by: Actor, source: str) -> None:
    capacity = Office.objects.values_list("capacity", flat=True).get(pk=by.office)
    if capacity not in SOURCES or office_of(cycle.owner_id, capacity) != by.office:
        raise NotAllowed("整改问题由绩效办列入，审计监督发现的由审计监督机构列入，请换一个岗位办理。")
    if source not in SOURCES[capacity]:
        titles = "、".join(str(Rectification.Source(each).label) for each in SOURCES[capacity])
        raise NotAllowed(f"你目前的岗位可以列入来源为{titles}的问题，请重新选择问题来源。")


def _origin(cycle: Cycle, origin_id: UUID | None) -> Matter | None:
    if origin_id is None:
        return None
    found = Matter.objects.filter(pk=origin_id, cycle=cycle).first()
    if found is None:
        raise NotPossible(f"没有找到问题所依据的事项，它可能不属于{cycle.title}，请从该事项的页面重新进入。")
    return found


def _held_units(cycle: Cycle, codes: Sequence[str]) -> dict[str, Subject]:
    """The named units, held in their order: numbers on a unit's list are given one at a time."""
    rows = Subject.objects.filter(cycle=cycle, code__in=set(codes)).order_by("position")
    found = {each.code: each for each in rows.select_for_update(no_key=True, of=("self",))}
    for each in found.values():
        each.cycle = cycle
    return found


def _unit(units: dict[str, Subject], problem: Problem) -> Subject:
    if problem.unit not in units:
        raise NotPossible("请从列表中选择本年度的被考核单位。", field=f"{problem.field}unit")
    return units[problem.unit]


def _list(
    subject: Subject,
    problem: Problem,
    source: str,
    origin: Matter | None,
    *,
    by: Actor,
    at: dt.datetime,
    refuse_twice: bool = False,
) -> Rectification | None:
    topic, words = topic_of(problem.topic), problem.problem.strip()
    if not topic:
        raise NotPossible(
            "请写明问题类别，例如“数据台账”；以后年度据此识别重复出现的问题。", field=f"{problem.field}topic"
        )
    if not words:
        raise NotPossible("请写明存在的问题：在哪里、什么时候、差在哪里。", field=f"{problem.field}problem")
    listed = Rectification.objects.filter(cycle=subject.cycle, subject=subject)
    if listed.filter(topic=topic, problem=words).exclude(state="revoked").exists():
        if refuse_twice:
            raise NotPossible(
                f"{subject}的这个问题已经在本年度的整改清单上，不用重复列入。",
                field=f"{problem.field}problem",
            )
        return None
    indicator = _indicator(subject, problem)
    before = earlier(subject, topic, indicator.key if indicator else "")
    matter = Rectification(
        cycle=subject.cycle,
        kind=Rectification.KIND,
        stage=Rectification.STAGE,
        subject=subject,
        office_id=by.office,
        key=f"r{listed.count() + 1:03d}",
        title=f"{subject.title}整改：{topic}"[:200],
        state="listed",
        created_at=at,
        source=source,
        origin=origin,
        indicator=indicator,
        topic=topic,
        problem=words,
        requirement=problem.requirement.strip(),
        is_key=problem.is_key,
        recurs=before,
        text={"years": years_before(before)} if before else {},
    )
    matter.save(force_insert=True)
    record_creation(matter, by=by, at=at)
    return matter


def _indicator(subject: Subject, problem: Problem) -> Indicator | None:
    """The unit's indicator that the line names by key or title, its newest version."""
    named = problem.indicator.strip()
    if not named:
        return None
    known = Indicator.objects.filter(subject=subject).order_by("version")
    found = [each for each in known if named in (each.key, each.title)]
    if not found:
        titles = "、".join(dict.fromkeys(each.title for each in known))
        sentence = f"{subject}没有“{named[:40]}”这项指标，可以填：{titles or '（没有指标）'}。"
        raise NotPossible(sentence, field=f"{problem.field}indicator")
    return found[-1]
