"""How leaders vote in tests: signed in, or on paper by way of the office."""

from typing import Any

from cycle.models import Turnout
from cycle.queries.ballots import voters_units
from tests.county import County
from workflows.services import ballot_links

# A main leader, who votes on every unit, and the one who answers for 南牛乡.
MAIN, TOWNSHIP = "xianzhang", "tongzhanbuzhang"


def turnout(county: County, post: str = TOWNSHIP, key: str = "yearend") -> Any:
    return county.matter("turnout", key=key, office=county.office("county_leader", post))


def scores(found: Turnout, value: str = "91.25", **changes: str) -> dict[str, str]:
    return {unit.code: value for unit in voters_units(found)} | changes


def cast(county: County, post: str = TOWNSHIP, value: str = "91.25", key: str = "yearend") -> Turnout:
    found: Turnout = turnout(county, post, key)
    county.do(found, "vote", scores=scores(found, value))
    return found


def posts(county: County, key: str = "yearend") -> list[str]:
    rows = Turnout.objects.filter(key=key).order_by("office__organisation__code")
    return list(rows.values_list("office__organisation__code", flat=True))


def enter(county: County, found: Turnout, given: dict[str, str], by: str = "jxb-clerk") -> None:
    ballot_links.enter_paper(found.pk, user_id=county.user(by), scores=given)


def confirm(county: County, found: Turnout, given: dict[str, str], by: str = "jxb-clerk-2") -> None:
    ballot_links.confirm_paper(found.pk, user_id=county.user(by), scores=given)
