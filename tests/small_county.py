"""A small edition of the county: the published scheme with five units and a few indicators each.

It lives its year through the product's own services, hurriedly: whatever is on a desk is done at once. The
database is kept at certain moments of the year (see `tests.moments`), so that a test begins where it wants.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from audit import clock
from cycle.models import AdjustmentClaim, Ballot, Collection, Cycle, Grade, Reading, Stage
from cycle.services import approvals, publicity, scoring, setup, stages
from cycle.services.collections import indicators_of
from cycle.services.setup import IndicatorDraft
from offices.models import Office
from policies.packs import Pack, load_pack, pack_from_bytes
from workflows.models import WorkItem
from workflows.rehearsal import county
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.county import CHIEF, CLERK, user
from workflows.rehearsal.deeds import Deed, holder, name_of
from workflows.rehearsal.deeds import Stage as Scene
from workflows.rehearsal.performers import PERFORMERS, achieved, agree
from workflows.services import claiming, relaying, tasks
from workflows.services.ticking import tick_and_relay

SCHEME, YEAR, PASSWORD = "zhengding", 2026, "small-county"
MEMBERS = {
    "township": ["南牛乡", "新城铺镇"],
    "department": ["财政局", "统计局"],
    "heritage": ["住建局"],
}
LEADING_MEMBER = "lingdaoxiaozu-handler"
MOMENTS = (
    "preparation",
    "setting",
    "monitoring",
    "yearend",
    "assessment",
    "assessed",
    "published",
    "feedback",
    "uses",
    "archived",
)

Keep = Callable[[str], None]


def edition(members: dict[str, list[str]], **changes: Any) -> Pack:
    """Return the scheme of Zhengding with fewer units; `changes` set whole sections anew."""
    data = json.loads(load_pack(SCHEME).canonical)
    for group, names in members.items():
        data["subjects"]["groups"][group] |= {"members": names, "count": str(len(names))}
    return pack_from_bytes(json.dumps(data | changes, ensure_ascii=False).encode())


def draft(
    unit: str, key: str, title: str, points: str, collector: str, method: str = "ratio", **more: Any
) -> IndicatorDraft:
    """Return an indicator's draft with everything that it needs to be issued."""
    return IndicatorDraft(
        unit=unit,
        key=key,
        component="indicators",
        heading=more.pop("heading", "economy"),
        title=title,
        unit_of_measure=more.pop("unit_of_measure", "万元"),
        points=Decimal(points),
        method=method,
        target=more.pop("target", "100" if method == "ratio" else ""),
        params=more.pop("params", {}),
        standard=more.pop("standard", "以年度目标值为准，达到目标值的认定为完成。"),
        rule=more.pop("rule", "按实际完成值与目标值之比计分。"),
        source="统计月报",
        collector=collector,
        plan={"measures": "每月调度一次。", "milestones": "", "sections": "办公室"},
        **more,
    )


def drafts() -> list[IndicatorDraft]:
    """Return the small county's indicators; three methods, four collectors."""
    grades = {
        "levels": {"good": {"score": "100%", "title": "优良"}, "poor": {"score": "60%", "title": "未达优良"}}
    }
    return [
        draft("nanniu", "investment", "固定资产投资", "30", "tongji",
              target="12.5", round_values={"midyear": {"target": "5.9", "last_year": "5.42"}}),
        draft("nanniu", "supervision", "督查落实", "30", "ducha", "given", heading="livelihood"),
        draft("nanniu", "water", "水质达标", "30", "huanbao", "levels", params=grades, heading="livelihood"),
        draft("xinchengpu", "investment", "固定资产投资", "60", "tongji", target="9"),
        draft("xinchengpu", "revenue", "一般公共预算收入", "30", "caizheng", target="4860"),
        draft("caizheng", "audit_fixes", "审计整改", "30", "shenji", heading="business"),
        draft("caizheng", "supervision", "督查落实", "30", "ducha", heading="business"),
        draft("tongji", "budget", "预算执行率", "30", "caizheng", heading="business", unit_of_measure="%"),
        draft("tongji", "audit_fixes", "审计整改", "30", "shenji", heading="business"),
        draft("zhujian", "facades", "立面整治", "40", "guchengban", heading="heritage", unit_of_measure="处"),
        draft("zhujian", "greening", "古城绿化", "30", "ducha", heading="heritage", unit_of_measure="亩"),
    ]  # fmt: skip


def attributes() -> dict[str, dict[str, str]]:
    """Return the facts of the units that rules use."""
    rows = county.table(SCHEME, "profile")
    return {row["unit"]: {"staff": row["staff"], "monthly_payroll": row["monthly_payroll"]} for row in rows}


def prepare(pack: Pack | None = None) -> Cycle:
    """Set the county up on the first working day of the year; the cycle is in preparation."""
    clock.move_to(clock.at(dt.date(YEAR, 1, 5), 8, 30))
    owner = county.people(SCHEME, since=dt.date(YEAR - 1, 1, 1), password=PASSWORD)
    clerk = user(CLERK)
    cycle_id = setup.create_cycle(
        pack or edition(MEMBERS), owner_id=owner.pk, year=YEAR, user_id=clerk, is_demo=True
    )
    setup.add_subjects(cycle_id, attributes=attributes(), user_id=clerk)
    setup.draft_indicators(cycle_id, drafts(), user_id=clerk)
    return Cycle.objects.get(pk=cycle_id)


def live(keep: Keep) -> None:
    """Live the year from preparation to archive; `keep` is called at each of `MOMENTS`."""
    cycle = prepare()
    keep("preparation")
    enter(cycle, Stage.SETTING)
    keep("setting")
    work(cycle)
    clock.move_to(clock.at(dt.date(YEAR, 2, 10), 9))
    enter(cycle, Stage.MONITORING)
    keep("monitoring")
    make_public(cycle, "post")
    bring_claims(cycle)
    clock.move_to(clock.at(dt.date(YEAR + 1, 1, 8), 9))
    tick_and_relay()
    keep("yearend")
    work(cycle)
    enter(cycle, Stage.ASSESSMENT)
    keep("assessment")
    work(cycle)
    keep("assessed")
    publish(cycle)
    keep("published")
    clock.move_to(clock.at(dt.date(YEAR + 1, 2, 10), 9))
    work(cycle)
    approvals.open_approval(cycle.pk, user_id=user(CLERK))
    relaying.drain()
    work(cycle)
    enter(cycle, Stage.FEEDBACK)
    keep("feedback")
    work(cycle)
    enter(cycle, Stage.USES)
    keep("uses")
    work(cycle)
    clock.move_to(clock.at(dt.date(YEAR + 1, 3, 8), 9))  # every window for appeals is over
    tick_and_relay()
    stages.archive(cycle.pk, user_id=user(CHIEF))
    keep("archived")


def enter(cycle: Cycle, stage: Stage) -> None:
    """Open a stage and let everything that follows from it happen."""
    stages.open_stage(cycle.pk, stage.value, user_id=user(CHIEF))
    tick_and_relay()


def bring_claims(cycle: Cycle) -> None:
    """One bonus, one deduction, one bar: they are confirmed when somebody works."""
    unit = cycle.subjects.get(code="nanniu")
    claiming.open_and_start(
        unit.pk,
        user_id=user("nanniu-handler"),
        office_id=unit.office_id,
        sort="bonus",
        item="city_commendation",
        source="市委、市政府表彰决定（演示文件）",
    )
    office = Office.objects.get(capacity="performance_office")
    found_facts = (("caizheng", "deduction", "county_criticism"), ("tongji", "veto", "public_security"))
    for code, sort, item in found_facts:
        found = cycle.subjects.get(code=code)
        claiming.open_and_start(
            found.pk, user_id=user(CLERK), office_id=office.pk, sort=sort, item=item, source="县里的通报"
        )


def publish(cycle: Cycle) -> None:
    """Score, let the leading group settle ties, and show the results."""
    scoring.score_cycle(cycle.pk, cause="年终计分", user_id=user(CLERK))
    undecided = Grade.objects.filter(run__cycle=cycle, grade="")
    if undecided.exists():
        raise AssertionError("the small county was made without ties")
    publicity.prepare(cycle.pk, user_id=user(CLERK))
    relaying.drain()
    make_public(cycle, "publish")


def make_public(cycle: Cycle, step: str) -> None:
    """The office shows (publish, close) or posts whatever waits for it."""
    for item in open_items(cycle).filter(flow="publicity", step=step):
        tasks.complete(item.pk, user_id=holder(item))


def tie_townships() -> None:
    """Make the two townships equal in everything that ranks them: full marks and no adjustment."""
    full: dict[str, dict[str, Any]] = {
        "ratio": {"actual": "99999"},
        "given": {"score": 30},
        "levels": {"actual": "good"},
    }
    for reading in Reading.objects.filter(indicator__subject__group="township").select_related("indicator"):
        Reading.objects.filter(pk=reading.pk).update(**full[reading.indicator.method])
    Ballot.objects.filter(subject__group="township").update(score=90)
    AdjustmentClaim.objects.filter(subject__group="township").update(state="rejected")


def open_items(cycle: Cycle) -> Any:
    """Return the open work items, with what performers look at."""
    rows = WorkItem.objects.filter(cycle=cycle, state=WorkItem.State.OPEN)
    return rows.select_related(
        "matter__subject", "matter__adjustmentclaim", "matter__consequence", "subject", "office__organisation"
    ).prefetch_related("office__postings")


def work(cycle: Cycle, *, but: str = "") -> None:
    """Everybody does whatever is on the desk, until nothing is left; what follows is relayed.

    What concerns the unit `but` is left alone.
    """
    scene = Scene(Chance(7), SCHEME, PASSWORD)
    while items := list(open_items(cycle).exclude(subject__code=but)):
        for item in sorted(items, key=lambda item: tuple(map(str, name_of(item, 0)))):
            perform(item, scene)
        relaying.drain()


def perform(item: WorkItem, scene: Scene) -> None:
    """Do one task as the post that holds it would, without returning anything."""
    performer = OWN.get((item.flow, item.step)) or PERFORMERS.get((item.flow, item.step), agree)
    deed = performer(item, scene, name_of(item, 2))  # the second visit: nobody returns anything any more
    tasks.complete(item.pk, user_id=holder(item), choice=deed.choice, comment=deed.comment, form=deed.form)


def _collect(item: WorkItem, scene: Scene, name: tuple[object, ...]) -> Deed:
    """Readings for every method of the small county."""
    collection = Collection.objects.select_related("cycle", "office").get(pk=item.matter_id)
    lines = {}
    for each in indicators_of(collection):
        known = {"given": {"actual": "27.5", "note": "督查通报扣分。"}, "levels": {"actual": "good"}}
        lines[str(each.pk)] = known.get(each.method) or {
            "actual": achieved(each, collection.key, scene.chance)
        }
    return Deed(form={"lines": lines})


def _verify_claim(item: WorkItem, scene: Scene, name: tuple[object, ...]) -> Deed:
    """Every claim of the small county rests on a good document."""
    return Deed(comment="原件已核对。")


def _check_report(item: WorkItem, scene: Scene, name: tuple[object, ...]) -> Deed:
    """Every figure agrees with the collector's."""
    return Deed(form={"lines": {}})


OWN = {
    ("data_verification", "collect"): _collect,
    ("claim", "verify"): _verify_claim,
    ("report", "verify"): _check_report,
}
