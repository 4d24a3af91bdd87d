"""What each decision of the performance office needs, in words, before the button is pressed.

The services decide; these sentences say beforehand what they will find, so that nobody runs into a refusal.
"""

import datetime as dt
import re
from dataclasses import dataclass

from audit import clock
from cycle.models import Approval, Cycle, Grade, Indicator, Matter, Publication, ScoringRun, Stage
from cycle.queries.carrying import waiting_items
from cycle.queries.freezing import reason, waiting
from cycle.queries.gates import obstacles, open_matters
from cycle.queries.packs import rules_of
from cycle.queries.publicity import groups_to_show, newest_of, publications_of, rule_of, takes_place
from cycle.queries.results import approved_run, latest_run, locked_run
from cycle.queries.settling import finishing, obstacles_to_lock, running_on

NEXT: dict[str, Stage | None] = {
    "preparation": Stage.SETTING,
    Stage.SETTING.value: Stage.MONITORING,
    Stage.MONITORING.value: Stage.ASSESSMENT,
    Stage.ASSESSMENT.value: Stage.FEEDBACK,
    Stage.FEEDBACK.value: Stage.USES,
    Stage.USES.value: None,
}
_FED_BY = ("collection", "turnout", "survey", "claim", "self_assessment")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold, as it stands; one that is not `binding` is only worth a look."""

    text: str
    met: bool
    binding: bool = True


@dataclass(frozen=True, slots=True)
class Tie:
    """Units of a group whose grade waits for a decision on their order."""

    group: str
    level: str
    units: list[Grade]


def holds(conditions: list[Condition]) -> bool:
    """Whether nothing binding is missing."""
    return all(each.met for each in conditions if each.binding)


def to_go_on(cycle: Cycle, today: dt.date) -> list[Condition]:
    """What opening the next stage (or the archive) needs."""
    target = NEXT.get(cycle.state)
    if cycle.state == Cycle.State.PREPARATION:
        return _to_begin(cycle)
    found = [_nothing_open(cycle, today)]
    if target == Stage.ASSESSMENT:
        first = dt.date(cycle.year + 1, 1, 1)
        asked = Matter.objects.filter(cycle=cycle, kind="report", key="m12").exists()
        found.append(Condition(f"{first:%Y 年 %m 月 %d 日}起才能进入年终考核", today >= first))
        found.append(
            Condition("12 月的完成情况已经要求报送" if asked else "12 月的完成情况还没有要求报送", asked)
        )
    if target == Stage.FEEDBACK:
        approved = approved_run(cycle) is not None
        found.append(
            Condition("考核结果已经批准" if approved else "考核结果还没有批准：先计分、公示、报批", approved)
        )
    if target == Stage.USES:
        found += _frozen(cycle)
    if target is None and cycle.state == Stage.USES:
        found += _to_archive(cycle)
    return found


def _frozen(cycle: Cycle) -> list[Condition]:
    """Uses that will have to wait for appeals: the stage may open all the same."""
    waits = waiting(cycle)
    if not waits:
        return []
    causes = {each.pk: each for causes in waits.values() for each in causes}
    text = f"{reason(list(causes.values())[:3])}{f'等 {len(causes)} 件' if len(causes) > 3 else ''}还没有办结"
    return [Condition(f"{text}，有 {len(waits)} 项结果运用要等它们办结才能执行，其余不受影响", False, False)]


def _to_archive(cycle: Cycle) -> list[Condition]:
    left, locked = finishing(cycle), locked_run(cycle)
    found = [
        Condition(f"申诉、核验、面谈等还有 {len(left)} 件没有办结", False)
        if left
        else Condition("申诉、核验、面谈等事项全部办结", True)
    ]
    why = [] if locked else obstacles_to_lock(cycle, clock.now())
    found.append(
        Condition(f"结果还没有锁定：{'；'.join(why)}" if why else "结果已经锁定或者可以锁定", not why)
    )
    running = running_on(cycle)
    if running:
        found.append(Condition(f"有 {running} 项整改还在进行，归档以后继续办理", False, False))
    return found


def _to_begin(cycle: Cycle) -> list[Condition]:
    units = cycle.subjects.count()
    drafts = Indicator.objects.filter(cycle=cycle).count()
    return [
        Condition(f"已列入考核对象 {units} 家" if units else "还没有列入考核对象", units > 0),
        Condition(f"已导入指标草案 {drafts} 项" if drafts else "还没有导入指标草案", drafts > 0),
        *_carried_over(cycle),
    ]


def _carried_over(cycle: Cycle) -> list[Condition]:
    """A warning for key items of earlier years that nobody has taken over or declined (济南 27 条)."""
    waiting = len(waiting_items(cycle))
    if not waiting:
        return []
    text = (
        f"以前年度的重点整改还有 {waiting} 项没有列入本年度指标，也没有说明理由：见“整改”页的“列入下年度指标”"
    )
    return [Condition(text, False, binding=False)]


def _nothing_open(cycle: Cycle, today: dt.date) -> Condition:
    stage = Stage(cycle.state)
    waiting = len(obstacles(cycle, today))
    waived = len(open_matters(cycle, stage.value)) - waiting
    pardon = f"，另有 {waived} 项已豁免" if waived else ""
    if waiting:
        return Condition(f"“{stage.label}”还有 {waiting} 项没有办完{pardon}", False)
    return Condition(f"“{stage.label}”的事项全部办完{pardon}", True)


def to_score(cycle: Cycle) -> list[Condition]:
    """What a scoring run needs; data that is still missing is named by the run itself."""
    right = cycle.state == Stage.ASSESSMENT
    waiting = sum(each.kind in _FED_BY for each in open_matters(cycle, Stage.ASSESSMENT.value))
    text = (
        f"采集、评分、调查、认定、自评还有 {waiting} 项没有办结"
        if waiting
        else "采集、评分、调查、认定、自评都已办结"
    )
    return [
        Condition("目前处于年终考核阶段" if right else "进入年终考核阶段后才能计分", right),
        Condition(text, not waiting, binding=False),
    ]


def to_publish(cycle: Cycle) -> list[Condition]:
    """What preparing the publicity needs."""
    rule = rule_of(cycle, Publication.What.SHOW)
    if rule.skip:
        return [Condition(f"{rule.why or '考核办法没有规定公示考核结果。'}计分后可以直接报批", False)]
    run = latest_run(cycle)
    if run is None:
        return [Condition("还没有计分", False)]
    undecided = Grade.objects.filter(run=run, grade="").count()
    return [
        Condition(f"最近一次是{run}", True),
        Condition(
            f"有 {undecided} 家单位的等次因并列没有确定" if undecided else "各单位等次已经确定", not undecided
        ),
        *_to_show(run),
    ]


def _to_show(run: ScoringRun) -> list[Condition]:
    """Which groups have results that were not shown, and whether one of them is still shown others."""
    groups, newest = groups_to_show(run), newest_of(run.cycle, Publication.What.SHOW)
    titles = rules_of(run.cycle).groups
    names = "、".join(titles[group].title for group in groups)
    running = "、".join(
        newest[group].title for group in groups if group in newest and newest[group].state == "published"
    )
    again = f"{names}的结果有变化，需要重新公示" if newest else "这次计分的结果还没有公示过"
    return [
        Condition(again if groups else "这次计分的结果已经在公示或者公示过", bool(groups)),
        Condition(f"{running}还没有结束" if running else "没有正在公示的其他结果", not running),
    ]


def to_approve(cycle: Cycle) -> list[Condition]:
    """What asking for approval needs."""
    run = latest_run(cycle)
    asked = run and Approval.objects.filter(cycle=cycle, run__result_digest=run.result_digest).exists()
    return [
        _shown(cycle, run),
        Condition(
            f"{run}的结果已经在报批或者已经批准" if asked else "最近一次计分的结果还没有报批", not asked
        ),
    ]


def _shown(cycle: Cycle, run: ScoringRun | None) -> Condition:
    """Whether every group was shown the newest results to the end, where the policy has a publicity."""
    if not takes_place(cycle, Publication.What.SHOW):
        return Condition("已经计分，考核办法没有规定公示" if run else "还没有计分", run is not None)
    if run is None or groups_to_show(run):
        return Condition("最新的计分结果还没有公示", False)
    waiting = "、".join(each.title for each in publications_of(run) if not each.is_final)
    return Condition(f"{waiting}还没有结束" if waiting else "公示已经结束", not waiting)


def ties(run: ScoringRun | None) -> list[Tie]:
    """The ties that a run reported and that wait for the leading group's decision."""
    if run is None:
        return []
    undecided = list(
        Grade.objects.filter(run=run, grade="").select_related("subject").order_by("subject__position")
    )
    found = []
    for warning in run.warnings:
        level = re.search(r"tie:([\w-]+)", warning["message"])
        if warning["code"] == "tie" and level:
            units = [
                each
                for each in undecided
                if each.subject.group == warning["group"] and each.subject.title in warning["message"]
            ]
            found.append(Tie(warning["group"], level[1], units))
    return [tie for tie in found if tie.units]
