"""Organisations, offices, postings and leaders: everybody who acts in the year exists, and nobody twice."""

import re
from collections import Counter, defaultdict

from tests.rehearsal_data.county import pack, rows, unit_groups

DEMO_ACCOUNTS = {
    "nanniu-handler": ("nanniu", "unit", "handler"),
    "nanniu-head": ("nanniu", "unit", "head"),
    "collector": ("tongji", "collector", "handler"),
    "jxb-clerk": ("jixiaoban", "performance_office", "handler"),
    "jxb-chief": ("jixiaoban", "performance_office", "head"),
    "joint-reviewer": ("caizheng", "joint_review", "handler"),
    "appeal-reviewer": ("fuhezu", "appeal_review", "handler"),
    "leader": ("changwufuxianzhang", "county_leader", "head"),
    "org-dept": ("zuzhibu", "cadre_departments", "handler"),
    "auditor": ("jianduzu", "auditor", "handler"),
    "sysadmin": ("xinxizhongxin", "sysadmin", "handler"),
}
IN_CHARGE = {"township": "分包", "department": "分管", "heritage": "主管"}


def test_assessed_units_are_the_members_of_the_pack() -> None:
    groups = pack()["subjects"]["groups"]
    members = [member for group in groups.values() for member in group["members"]]
    title = {row["code"]: row["short_title"] for row in rows("organisations")}
    units = [row["organisation"] for row in rows("offices") if row["capacity"] == "unit"]
    assert sorted(title[unit] for unit in units) == sorted(members)
    assert Counter(unit_groups().values()) == {name: int(group["count"]) for name, group in groups.items()}


def test_the_organisations_form_one_tree() -> None:
    parent = {row["code"]: row["parent"] for row in rows("organisations")}
    assert [code for code, above in parent.items() if not above] == ["zhengding"]
    for code in parent:
        path = [code]
        while above := parent[path[-1]]:
            assert above not in path
            path.append(above)
    assert {row["level"] for row in rows("organisations")} <= {"省", "市", "县", "乡"}


def test_every_office_of_the_pack_exists() -> None:
    capacities = {row["capacity"] for row in rows("offices")}
    assert set(pack()["assessors"]["offices"]) | {"unit", "collector", "county_leader"} <= capacities
    assert {row["organisation"] for row in rows("offices")} <= {row["code"] for row in rows("organisations")}


def test_every_office_can_act() -> None:
    roles = defaultdict(set)
    for row in rows("postings"):
        roles[row["organisation"], row["capacity"]].add(row["role"])
    offices = {(row["organisation"], row["capacity"]) for row in rows("offices")}
    assert set(roles) == offices
    for office, held in roles.items():
        assert held == ({"head"} if office[1] == "county_leader" else {"handler", "head"}), office


def test_people_are_posts_with_one_name_and_one_fictional_phone() -> None:
    people = defaultdict(set)
    for row in rows("postings"):
        assert row["name"].startswith("演示·")
        assert re.fullmatch(r"[a-z][a-z0-9-]{2,39}", row["username"])
        assert re.fullmatch(r"0311-0000-\d{4}", row["phone"])
        people[row["username"]].add((row["name"], row["phone"]))
    assert {len(known) for known in people.values()} == {1}
    assert len({name for each in people.values() for name, _ in each}) == len(people)
    assert len({phone for each in people.values() for _, phone in each}) == len(people)


def test_somebody_holds_two_postings_in_two_capacities() -> None:
    held = defaultdict(set)
    for row in rows("postings"):
        held[row["username"]].add(row["capacity"])
    assert held["fagai-head"] == {"unit", "joint_review"}


def test_the_named_accounts_sit_where_the_demo_says() -> None:
    seats = {(row["username"], row["organisation"], row["capacity"], row["role"]) for row in rows("postings")}
    assert {(name, *seat) for name, seat in DEMO_ACCOUNTS.items()} <= seats


def test_every_unit_has_the_main_leaders_and_one_in_charge() -> None:
    posts = {row["organisation"] for row in rows("offices") if row["capacity"] == "county_leader"}
    kinds = defaultdict(list)
    for row in rows("leaders"):
        assert row["leader"] in posts
        kinds[row["unit"]].append(row["kind"])
    expected = {unit: ["主要领导"] * 4 + [IN_CHARGE[group]] for unit, group in unit_groups().items()}
    assert dict(kinds) == expected
    assert ("tongzhanbuzhang", "nanniu", "分包") in [tuple(row.values()) for row in rows("leaders")]
