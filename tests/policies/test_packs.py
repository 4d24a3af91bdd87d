"""Packs: what a good one says, what is inherited, dated, open or ours."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policies.packs import Pack, PackErrors, library, load_pack, pack_from_bytes
from policies.packs.rounds import span
from policies.packs.source import read_source
from tests.policies.building import GIVEN, GRADED, HEAD, pack_of, zhengding


def test_zhengding_is_in_the_library_and_ready() -> None:
    assert "zhengding" in library()
    assert zhengding().ready
    assert [len(group.members) for group in zhengding().groups.values()] == [7, 32, 9]


def test_every_value_the_text_is_silent_on_is_listed_with_a_note() -> None:
    defaults = dict(zhengding().defaults())
    assert "content.department.components.public" in defaults
    assert "档次是暂定的" in defaults["content.department.components.public"]
    assert all(defaults.values())


def test_rounds_and_weights_of_a_component() -> None:
    pack = zhengding()
    assert pack.rounds("township", "indicators") == {"midyear": Fraction(1, 2), "yearend": Fraction(1, 2)}
    assert set(pack.rounds("heritage", "leaders").values()) == {Fraction(1, 12)}
    with pytest.raises(KeyError):
        pack.rounds("township", "public")


def test_a_step_says_who_by_when_and_under_which_article() -> None:
    rule = zhengding().step("monitoring", "report", "fill")
    assert (rule.offices, rule.cite, rule.basis_default, rule.is_default) == (
        ("unit",),
        "六（三）",
        False,
        False,
    )
    assert rule.clock is not None
    assert rule.clock.text == "每月结束后 5 个工作日"


def test_a_step_the_pack_does_not_name_has_the_default_of_the_flow_and_says_so() -> None:
    rule = pack_of(GIVEN).step("assessment", "claim", "verify")
    assert (rule.offices, rule.is_default, rule.basis_default) == (("office",), True, True)
    with pytest.raises(KeyError):
        pack_of(GIVEN).step("assessment", "claim", "dance")


def test_a_skipped_step_says_why() -> None:
    rule = zhengding().step("indicator_setting", "indicator_setting", "joint_review")
    assert rule.skip
    assert rule.why == "方案未设会审"


def test_the_canonical_bytes_bring_the_same_pack_back() -> None:
    pack = zhengding()
    again = pack_from_bytes(pack.canonical)
    assert again.digest == pack.digest
    assert again.canonical == pack.canonical
    assert again.rounds("department", "public") == pack.rounds("department", "public")


def test_the_digest_changes_with_any_value() -> None:
    data = json.loads(zhengding().canonical)
    data["grades"][0]["levels"]["advanced"]["min"] = "91"
    assert pack_from_bytes(json.dumps(data).encode()).digest != zhengding().digest


def test_bytes_that_are_no_pack_are_refused_in_a_sentence() -> None:
    for content in (b"", b"\xff\xfe", b"[1]", b'{"policy":'):
        with pytest.raises(PackErrors, match="存档的方案内容已损坏"):
            pack_from_bytes(content)


def test_a_gbk_file_is_read() -> None:
    source = read_source((HEAD + GIVEN).encode("gb18030"), "mini.yaml")
    assert Pack(source).title == "测试方案"


def test_dated_values_hold_from_the_cycle_first_day_all_cycle_long() -> None:
    dated = GIVEN + GRADED.replace("min: 90", "min: [{value: 85, from: 2012}, {value: 90, from: 2026-01-02}]")
    levels = [pack_of(dated).for_cycle(year).grades["town"].levels["good"].min for year in (2025, 2026, 2027)]
    assert levels == [85, 85, 90]
    with pytest.raises(PackErrors, match="2011-01-01（周期第一天）还没有生效的值"):
        pack_of(dated).for_cycle(2011)


OPEN = GIVEN + GRADED.replace("min: 60", "min: open")


def test_an_open_value_leaves_the_pack_valid_but_not_ready_until_it_is_set() -> None:
    pack = pack_of(OPEN)
    assert pack.open_values() == ["grades[0].levels.fair.min"]
    assert not pack.ready
    settled = pack.for_cycle(2026, {"grades[0].levels.fair.min": "55"})
    assert settled.ready
    assert settled.grades["town"].levels["fair"].min == 55
    assert settled.digest != pack.digest


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("grades[0].levels.fair.max", "方案里没有这一项"),
        ("grades[0].levels.good.min", "这一项由方案原文规定，不能在本地改"),
    ],
)
def test_only_what_is_open_or_ours_may_be_set(path: str, message: str) -> None:
    with pytest.raises(PackErrors, match=message):
        pack_of(OPEN).for_cycle(2026, {path: "50"})


def test_a_child_pack_merges_replaces_and_removes(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text((HEAD + GIVEN + GRADED).replace("mini", "parent"), encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text(
        "policy: child\nextends: parent\nassessors: {voters: {public: null}}\nscale: 100\n", encoding="utf-8"
    )
    pack = load_pack(child)
    assert (pack.id, pack.title) == ("child", "测试方案")
    assert list(pack.assessors.voters) == ["leader"]
    assert pack.where("grades[0].levels.good.min")[0].endswith("parent.yaml")
    assert pack.where("assessors.voters")[0].endswith("child.yaml")


def test_packs_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / f"{name}.yaml").write_text(f"policy: {name}\nextends: {other}\n", encoding="utf-8")
    with pytest.raises(PackErrors, match="extends 绕成了一个圈：one → two → one"):
        load_pack(tmp_path / "one.yaml")


def test_an_unknown_pack_is_named_with_the_nearest_one() -> None:
    with pytest.raises(PackErrors, match="找不到方案“zhengdin”.*是不是想写“zhengding”？"):
        load_pack("zhengdin")


@pytest.mark.parametrize(
    ("round_id", "first", "last"),
    [
        ("midyear", date(2026, 1, 1), date(2026, 6, 30)),
        ("yearend", date(2026, 1, 1), date(2026, 12, 31)),
        ("q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("m02", date(2026, 2, 1), date(2026, 2, 28)),
        ("h2", date(2026, 7, 1), date(2026, 12, 31)),
    ],
)
def test_which_days_a_round_covers(round_id: str, first: date, last: date) -> None:
    assert span(zhengding(), round_id, 2026) == (first, last)
