"""Appeals in a rehearsed year: some units contest a point, reviewers decide, offices measure again."""

import datetime as dt
from decimal import Decimal

from audit import clock
from cycle.models import Appeal, ChangeNotice, Cycle, Feedback, Grade, Indicator, Matter, Recheck
from cycle.queries.conflicts import eligible
from cycle.queries.impact import impact
from cycle.queries.packs import rules_of
from cycle.queries.points import Point, point_contested, points_of
from cycle.services import proposals
from cycle.services.measuring import built, checked_rounds, recorded
from cycle.services.numbers import plain
from workflows.models import WorkItem
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.county import user
from workflows.rehearsal.deeds import Deed, Performer, Stage, holder
from workflows.services import appealing

APPEAL_PERCENT = 12
REFUSED, WITHDRAWN = 1, 2
"""Which appeal of five is not accepted, and which is taken back."""
NEAR = Decimal("1.5")
"""So many points below the last place of the best grade a unit still hopes for it."""
OUTCOMES = ("uphold", "change", "change", "return")


def bring(cycle: Cycle, chance: Chance, today: dt.date) -> list[str]:
    """Let units whose letter was served yesterday or today contest a point, and one take its appeal back.

    Who comes near the best grade contests what keeps it from there; others do by chance.
    """
    done = _withdrawn(cycle)
    letters = Feedback.objects.filter(cycle=cycle, served_at__gte=clock.at(today - dt.timedelta(days=1)))
    for letter in letters.select_related("cycle", "subject", "run").order_by("subject__position"):
        unit = letter.unit
        if unit.matters.filter(kind="appeal").exists():
            continue
        point = _lost(points_of(unit, letter.run))
        if point and (chance.happens(APPEAL_PERCENT, "appeal", unit.code) or _could_rise(letter, point)):
            appealing.open_and_start(
                unit.pk,
                point=point.id,
                ground="fact",
                facts="采集的数据漏计了年末已经完成、当月尚未入账的部分，有凭证可以核对（演示）。",
                request="请按实际完成数重新认定。",
                user_id=user(f"{unit.code}-handler"),
            )
            done.append(f"{unit}对“{point.title}”提出申诉")
    return done


def _withdrawn(cycle: Cycle) -> list[str]:
    """One unit in five finds, once the collector has answered, that the figures are right."""
    done = []
    for appeal in Appeal.objects.filter(cycle=cycle, state="answered").select_related("subject", "cycle"):
        if _turn(appeal) == WITHDRAWN and not _rises(appeal):
            by = user(f"{appeal.unit.code}-handler")
            appealing.withdraw(appeal.pk, why="与采集单位核对一致，不再申诉（演示）。", user_id=by)
            done.append(f"{appeal.unit}撤回申诉")
    return done


def _turn(appeal: Appeal) -> int:
    """The appeal's place among five: what becomes of it is not left to chance alone."""
    earlier = Appeal.objects.filter(cycle=appeal.cycle_id, created_at__lt=appeal.created_at)
    return earlier.count() % 5


def _could_rise(letter: Feedback, point: Point) -> bool:
    """Whether the unit just misses the best grade and full points would bring it there."""
    grades = Grade.objects.filter(run=letter.run, subject__group=letter.unit.group)
    best = next(iter(rules_of(letter.cycle).grades[letter.unit.group].levels))
    winners = [Decimal(each.total) for each in grades if each.grade == best]
    own = grades.get(subject=letter.subject)
    if own.grade == best or not winners or Decimal(own.total) < min(winners) - NEAR or own.barred:
        return False
    return point.indicator is not None and _moves_grade(letter, point.indicator)


def _rises(appeal: Appeal) -> bool:
    return appeal.indicator is not None and _moves_grade(appeal, appeal.indicator)


def _moves_grade(cause: Matter, indicator: Indicator) -> bool:
    """Whether reaching every target of the indicator would change the unit's grade."""
    changes = checked_rounds(indicator, _reached(indicator))
    if not changes:
        return False
    corrections = built(cause, changes, indicator=indicator, claim=None, note="演示")
    moved = impact(cause.cycle, corrections).of(indicator.subject.code)
    return moved is not None and moved.grade_moved


def _reached(indicator: Indicator) -> dict[str, dict[str, str]]:
    """Every round's target as its achievement, where it was missed."""
    targets = {
        key: indicator.round_values.get(key, {}).get("target") or indicator.target
        for key in recorded(indicator)
    }
    return {
        key: {"value": targets[key]}
        for key, text in recorded(indicator).items()
        if targets[key] and Decimal(text) < Decimal(targets[key])
    }


def _lost(points: list[Point]) -> Point | None:
    """The indicator that lost most points, if one that is measured lost any."""
    lost = [each for each in points if each.indicator and _measured(each.indicator) and _loss(each) > 0]
    return max(lost, key=_loss, default=None)


def _measured(indicator: Indicator) -> bool:
    return indicator.method in ("ratio", "step") and indicator.params.get("direction") != "down"


def _loss(point: Point) -> Decimal:
    return Decimal(point.full) - Decimal(point.score or point.full)


def file(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The unit hands its draft in."""
    return Deed()


def accept(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The reviewing office accepts; now and then it asks for material first."""
    appeal = _appeal(item)
    if _turn(appeal) == REFUSED and not _rises(appeal):
        return Deed(
            "reject", "所述事项在数据采集时已经核对并由单位确认，没有提出新的事实，不予受理（演示）。"
        )
    if not appeal.text.get("asked") and stage.chance.happens(30, "ask", *name):
        return Deed("ask", "请补充完成情况的原始凭证和入账时间说明。")
    people = eligible(appeal, item.office_id, clock.now())
    return Deed(form={"reviewer": str(people[0].pk)})


def supplement(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The unit brings what was asked for."""
    return Deed(form={"supplement": "补充提交原始凭证复印件和入账时间说明（演示）。"})


def answer(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The collector answers in writing."""
    return Deed(form={"answer": "数据取自统计月报，截止日后入账的部分没有计入；对补充凭证没有异议（演示）。"})


def investigate(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The reviewer puts the findings on record."""
    return Deed(form={"findings": "调阅了原始台账和凭证，听取了双方意见（演示）。"})


def propose(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The reviewer saves a proposal with its reasons, looks at its impact and hands it up."""
    appeal, person = _appeal(item), holder(item)
    outcome = "change" if _rises(appeal) else stage.chance.pick(OUTCOMES, "outcome", *name)
    said = {
        "changes": _raised(appeal) if outcome == "change" else {},
        "reasons": "经核对原始凭证，申诉理由与事实相符的部分予以采信（演示）。",
        "cite": point_contested(appeal).cite or "关于数据采集的规定",
    }
    proposals.save(appeal.pk, user_id=person, outcome=outcome, **said)  # type: ignore[arg-type]
    proposals.preview(appeal.pk, user_id=person)
    return Deed()


def _raised(appeal: Appeal) -> dict[str, dict[str, str]]:
    """What the decision puts in the place of the recorded achievement."""
    if appeal.indicator is None:
        return {}
    if _rises(appeal):
        return _reached(appeal.indicator)
    return {key: {"value": text} for key, text in _a_little_more(recorded(appeal.indicator)).items()}


def _a_little_more(rounds: dict[str, str]) -> dict[str, str]:
    """Two per cent more in every round than was recorded."""
    more = {key: Decimal(text) * Decimal("1.02") for key, text in rounds.items()}
    return {key: plain(value.quantize(Decimal("0.01"))) for key, value in more.items()}


def measure_again(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The collector measures a point again; every other time it finds a little more."""
    recheck = Recheck.objects.select_related("indicator").get(pk=item.matter_id)
    finding = {"finding": "按原始台账逐笔核对，结论如上（演示）。"}
    if recheck.claim_id:
        return Deed(form=finding | {"conclusion": "keep"})
    if recheck.indicator is None or stage.chance.happens(50, "same", *name):
        return Deed(form=finding)
    rounds = recorded(recheck.indicator)
    return Deed(
        form=finding | {"lines": {key: {"value": text} for key, text in _a_little_more(rounds).items()}}
    )


def sign_change(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The head of a unit reads what has changed and signs for its bytes."""
    notice = ChangeNotice.objects.get(pk=item.matter_id)
    return Deed(form={"password": stage.password, "digest": notice.document_digest})


def _appeal(item: WorkItem) -> Appeal:
    rows = Appeal.objects.select_related("cycle", "subject", "run", "indicator", "reviewer")
    return rows.get(pk=item.matter_id)


APPEALING: dict[tuple[str, str], Performer] = {
    ("appeal", "file"): file,
    ("appeal", "accept"): accept,
    ("appeal", "supplement"): supplement,
    ("appeal", "answer"): answer,
    ("appeal", "investigate"): investigate,
    ("appeal", "decide"): propose,
    ("recheck", "measure"): measure_again,
    ("change_notice", "sign"): sign_change,
}
