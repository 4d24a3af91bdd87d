"""One adjustment in a rehearsed year: in late August a unit asks for a lower key target, and gets it."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from audit.marks import DEMO_MARK
from cycle.models import AdjustmentLine, Cycle, Indicator, IndicatorAdjustment
from cycle.services.numbers import plain
from workflows.models import WorkItem
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.county import user
from workflows.rehearsal.deeds import Deed, Performer, Stage, holder
from workflows.services import adjusting, attaching

ASKED, IN_FORCE = (8, 20), (9, 1)
SHARE = Decimal("0.9")


def bring(cycle: Cycle, chance: Chance, today: dt.date) -> list[str]:
    """Let one unit ask for the adjustment of a key target; return what was done."""
    first, last = (dt.date(cycle.year, *day) for day in (ASKED, IN_FORCE))
    if not first <= today < last or IndicatorAdjustment.objects.filter(cycle=cycle).exists():
        return []
    rows = Indicator.objects.filter(cycle=cycle, state="issued", is_key=True, method="ratio")
    found = list(rows.exclude(target="").select_related("subject").order_by("subject__position", "position"))
    if not found:
        return []
    picked = chance.pick(found, "adjusted")
    unit = picked.subject
    adjusting.open_and_start(
        unit.pk,
        ground=IndicatorAdjustment.Ground.POLICY,
        reason=f"省里调整了“{picked.title}”的统计口径，原定目标不再可比，申请按新口径调整（演示）。",
        effective_on=last,
        picks={str(picked.pk): "change"},
        added=0,
        user_id=user(f"{unit.code}-handler"),
        office_id=unit.office_id,
    )
    return [f"{unit}申请调整“{picked.title}”"]


def request(item: WorkItem, scene: Stage, name: tuple[object, ...]) -> Deed:
    """The unit attaches the notice and states the new target; a lower one means another standard."""
    content = f"{DEMO_MARK}\n{item.matter.title}\n关于调整统计口径的通知（演示文件）\n".encode()
    attaching.attach(
        item.pk, user_id=holder(item), name="调整口径的通知（演示）.txt", size=len(content), chunks=[content]
    )
    lines = {}
    for line in AdjustmentLine.objects.filter(adjustment=item.matter_id).select_related("indicator"):
        if line.indicator is not None:
            new = _lower(line.indicator.target)
            standard = f"按新的统计口径，全年达到{new}{line.indicator.unit}的认定为完成；以统计数据为准。"
            lines[str(line.pk)] = {"target": new, "standard": standard}
    return Deed(form={"lines": lines})


def _lower(target: str) -> str:
    return plain((Decimal(target) * SHARE).quantize(Decimal("0.01"), ROUND_HALF_UP))


ADJUSTING: dict[tuple[str, str], Performer] = {("adjustment", "request"): request}
