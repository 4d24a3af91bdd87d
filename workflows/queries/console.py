"""The office's year-end console: each button, who may press it, what it needs and what it does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cycle.models import Cycle, Publication, Stage
from cycle.queries.preconditions import NEXT, Condition, holds, to_approve, to_go_on, to_publish, to_score
from cycle.queries.publicity import takes_place
from cycle.services import approvals, publicity, scoring, stages


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that the office can do to the whole cycle."""

    action: str
    title: str
    who: str
    conditions: list[Condition]
    consequences: tuple[str, ...]
    does: Callable[[UUID], object]
    done: str

    @property
    def ready(self) -> bool:
        """Whether everything that it needs is there."""
        return holds(self.conditions)


_OPENING: dict[Stage, tuple[str, ...]] = {
    Stage.SETTING: (
        "每家考核对象收到一份指标申报任务，时限自送达之日起算。",
        "考核对象名单和指标草案不能再改动。",
    ),
    Stage.MONITORING: ("已签收的指标开始按月报送完成情况。", "指标设置阶段不再开放。"),
    Stage.ASSESSMENT: ("每家考核对象收到年度自评任务。", "年终轮次的数据采集、领导评估、公众评估随即开始。"),
    Stage.FEEDBACK: (
        "按批准的结果为每家考核对象生成反馈书，由县绩效办逐份送达、单位负责人签收。",
        "考核结果只能依照复核决定、更正或者重新核验重新计分，经重新批准后变更。",
    ),
    Stage.USES: ("按考核办法为每家考核对象生成结果运用事项，送有关机构执行。",),
}


_ANNOUNCED: dict[Stage, tuple[str, str]] = {
    Stage.MONITORING: (Publication.What.TARGETS, "为各组生成年度目标公布任务，由县绩效办核对后公布。"),
    Stage.ASSESSMENT: (Publication.What.NOTICE, "为各组生成考核预告任务，由县绩效办核对后公布。"),
    Stage.FEEDBACK: (Publication.What.FINAL, "为各组生成考核结果公布任务，由县绩效办核对后公布。"),
}


def _consequences(cycle: Cycle, target: Stage) -> tuple[str, ...]:
    """What opening a stage brings about, with what the policy publishes then."""
    what, sentence = _ANNOUNCED.get(target, ("", ""))
    return (*_OPENING[target], *([sentence] if what and takes_place(cycle, what) else []))


def deeds(cycle: Cycle, stage: str, today: dt.date, user_id: UUID) -> list[Deed]:
    """The decisions that the console of a stage offers now, the next step of the year last."""
    offered: list[Deed] = []
    if stage == Stage.ASSESSMENT and cycle.state == Stage.ASSESSMENT:
        shows = [_publish(cycle, user_id)] if takes_place(cycle, Publication.What.SHOW) else []
        offered += [_score(cycle, user_id), *shows, _approve(cycle, user_id)]
    belongs = cycle.state == stage or (cycle.state == Cycle.State.PREPARATION and stage == Stage.SETTING)
    if belongs:
        offered.append(_go_on(cycle, today, user_id))
    return offered


def _go_on(cycle: Cycle, today: dt.date, user_id: UUID) -> Deed:
    target = NEXT[cycle.state]
    conditions = to_go_on(cycle, today)
    if target is None:
        return Deed(
            "archive",
            "归档",
            "县绩效办负责人",
            conditions,
            (
                "本年度考核全部结束，各项记录不再改动，随时可以查阅。",
                "还没有销号的整改继续办理，不受归档影响。",
            ),
            lambda pk: stages.archive(pk, user_id=user_id),
            "本年度考核已归档。",
        )
    return Deed(
        "open",
        f"进入{target.label}",
        "县绩效办负责人",
        conditions,
        _consequences(cycle, target),
        lambda pk: stages.open_stage(pk, target.value, user_id=user_id),
        f"已进入{target.label}，任务正在送达各单位。",
    )


def _score(cycle: Cycle, user_id: UUID) -> Deed:
    return Deed(
        "score",
        "立即计分",
        "县绩效办",
        to_score(cycle),
        ("按目前已核定的数据计算全部单位的得分、名次和等次，另存为新的一次计分，以前的计分保留。",),
        lambda pk: scoring.score_cycle(pk, cause="县绩效办按最新数据计分", user_id=user_id),
        "计分完成，请核对各组结果。",
    )


def _publish(cycle: Cycle, user_id: UUID) -> Deed:
    return Deed(
        "publish",
        "准备公示",
        "县绩效办",
        to_publish(cycle),
        (
            "按最近一次计分，为结果还没有公示或者有变化的组生成公示任务，由县绩效办逐组开始公示。",
            "公示开始后，考核办法规定的公开范围内可以看到该组的得分、名次和等次，公示期满自动结束。",
        ),
        lambda pk: publicity.prepare(pk, user_id=user_id),
        "已生成公示任务，请在待办中逐组开始公示。",
    )


def _approve(cycle: Cycle, user_id: UUID) -> Deed:
    return Deed(
        "approve",
        "报请批准",
        "县绩效办",
        to_approve(cycle),
        ("生成结果审批任务，先由县绩效办汇总报送，再由县委、县政府批准。",),
        lambda pk: approvals.open_approval(pk, user_id=user_id),
        "已生成结果审批任务，请在待办中汇总报送。",
    )
