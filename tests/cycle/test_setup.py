"""Preparing a cycle: adopting the policy, naming the units, drafting their indicators."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from audit.models import Event
from audit.refusals import NotAllowed
from cycle.models import AdoptedPolicy, Cycle, Indicator, WorkPlan
from cycle.services import setup
from offices.models import Organisation
from policies.packs import Pack, load_pack, pack_from_bytes
from tests.county import County, refused
from tests.small_county import MEMBERS, draft, drafts, edition


def create(county: County, pack: Pack | None = None, *, year: int = 2027, by: str = "jxb-clerk") -> UUID:
    return setup.create_cycle(
        pack or edition(MEMBERS), owner_id=county.owner_id, year=year, user_id=county.user(by)
    )


def test_the_adopted_policy_is_kept_byte_for_byte(preparation: County) -> None:
    pack = edition(MEMBERS)
    cycle = preparation.cycle
    assert bytes(cycle.policy.content) == pack.canonical
    assert cycle.policy_id == pack.digest
    assert cycle.title == "正定县 2026 年度绩效考核"
    assert cycle.state == "preparation"
    assert pack_from_bytes(bytes(cycle.policy.content)).digest == pack.digest


def test_creation_is_recorded_with_all_that_was_set(preparation: County) -> None:
    cycle = preparation.cycle
    assert preparation.events(f"cycle/{cycle.pk}") == ["cycle.create", "cycle.add_subjects"]
    event = Event.objects.get(stream=f"cycle/{cycle.pk}", seq=1)
    assert event.facts["set"] == {
        "owner": str(cycle.owner_id),
        "year": 2026,
        "policy": cycle.policy_id,
        "state": "preparation",
        "demo": True,
    }
    assert event.actor_name == "演示·县绩效办经办员"
    assert event.office_title == "县绩效办"


def test_two_years_share_one_copy_of_the_same_policy(preparation: County) -> None:
    create(preparation)
    assert AdoptedPolicy.objects.count() == 1
    assert Cycle.objects.count() == 2


def test_a_year_has_one_cycle(preparation: County) -> None:
    with refused("2026 年度已经建立考核周期，不能重复建立。"):
        create(preparation, year=2026)


def test_only_the_performance_office_prepares(preparation: County) -> None:
    sentence = "此事项由县绩效办的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        create(preparation, by="nanniu-head")


def test_a_policy_with_open_values_cannot_be_adopted(preparation: County) -> None:
    data = load_pack("zhengding").data
    data["content"]["township"]["components"]["leaders"]["min_votes"] = "open"
    pack = pack_from_bytes(json.dumps(data, ensure_ascii=False).encode())
    assert not pack.ready
    with pytest.raises(Exception, match="考核办法还有没有确定的内容"):
        create(preparation, pack)
    assert Cycle.objects.count() == 1


def test_units_are_the_members_of_the_groups(preparation: County) -> None:
    found = {subject.title: subject.group for subject in preparation.cycle.subjects.all()}
    assert found == {name: group for group, names in MEMBERS.items() for name in names}
    assert preparation.unit("nanniu").attributes == {"staff": "58", "monthly_payroll": "329440.00"}


def test_a_member_without_an_office_is_named(preparation: County) -> None:
    cycle_id = create(preparation, edition(MEMBERS | {"township": ["南牛乡", "云上乡"]}))
    with refused("机构表中没有这些被考核单位：云上乡，请先导入机构。"):
        setup.add_subjects(cycle_id, attributes={}, user_id=preparation.user("jxb-clerk"))


def test_drafts_come_with_work_plans_and_an_event_each(preparation: County) -> None:
    assert Indicator.objects.count() == len(drafts()) == WorkPlan.objects.count()
    water = preparation.indicator("nanniu", "water")
    assert water.state == "draft"
    assert water.plan.measures == "每月调度一次。"
    made = preparation.last_event(f"indicator/{water.pk}")
    assert made["type"] == "indicator.create"
    assert set(made["set"]) == {field.attname for field in Indicator._meta.concrete_fields} - {"id"}
    assert made["set"]["points"] == "30"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"unit": "yunshang"}, "“yunshang”不是本年度的被考核单位，请核对指标表第 2 行。"),
        ({"collector": "nobody"}, "没有设立数据采集责任单位“nobody”，请核对指标表第 2 行。"),
    ],
)
def test_a_draft_that_points_nowhere_is_named_by_its_line(
    preparation: County, change: dict[str, Any], sentence: str
) -> None:
    good = draft("nanniu", "extra_one", "指标一", "10", "ducha")
    with refused(sentence):
        setup.draft_indicators(
            preparation.cycle.pk,
            [good, replace(good, key="extra_two", **change)],
            user_id=preparation.user("jxb-clerk"),
        )


def test_preparation_ends_when_the_year_begins(setting: County) -> None:
    sentence = "正定县 2026 年度绩效考核已经开始，不能再改动被考核单位和指标草案。"
    clerk = setting.user("jxb-clerk")
    with refused(sentence):
        setup.add_subjects(setting.cycle.pk, attributes={}, user_id=clerk)
    with refused(sentence):
        setup.draft_indicators(setting.cycle.pk, drafts()[:1], user_id=clerk)


def test_the_county_itself_owns_the_cycle(preparation: County) -> None:
    assert Organisation.objects.get(pk=preparation.owner_id).code == "zhengding"
