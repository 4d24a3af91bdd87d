"""A talk with a unit, up to its record."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from audit import clock
from cycle.models import Feedback
from tests.county import County
from workflows.services import interviewing

RECORD = {
    "present": "县绩效办负责人\n南牛乡乡长",
    "said": "反馈了固定资产投资进度偏慢的问题。",
    "measures": "由分管副乡长牵头，6 月底前补齐进度。",
}


def planned(county: County, unit: str, *, on: dt.date | None = None, place: str = "县政府二楼会议室") -> UUID:
    """Plan a talk about a served letter as the performance office does, for today unless told."""
    clerk = county.clerk()
    return interviewing.plan_and_start(
        Feedback.objects.get(subject__code=unit).pk,
        on=on or clock.local_date(county.now),
        place=place,
        user_id=clerk.user,
        office_id=clerk.office,
    )


def interviewed(county: County, unit: str) -> Any:
    """A talk that is on record and waits for the unit."""
    planned(county, unit)
    county.do(county.matter("interview", unit=unit), "record", **RECORD)
    return county.matter("interview", unit=unit)
