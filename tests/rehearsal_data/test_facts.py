"""Pay, claims and phrases: usable by the pack and enough of each to draw from."""

from collections import Counter
from decimal import Decimal

from tests.rehearsal_data.county import pack, rows, unit_groups

KINDS = {
    "return_declare", "return_report", "report_note", "self_assessment", "problem", "advice",
    "opinion", "consequence_report", "claim_evidence", "report_evidence", "late_reason", "defence",
}  # fmt: skip


def test_every_unit_has_a_believable_payroll() -> None:
    profile = rows("profile")
    assert {row["unit"] for row in profile} == set(unit_groups())
    for row in profile:
        pay = Decimal(row["monthly_payroll"])
        assert pay.as_tuple().exponent == -2
        assert 4000 < pay / int(row["staff"]) < 9000
        assert row["note"] == "演示数据，非真实考核结果"


def test_claims_cover_every_item_of_the_pack() -> None:
    common = pack()["content"]["common"][0]
    items = {(kind, item) for kind in ("bonus", "deduction") for item in common[kind]["items"]}
    found = Counter((row["kind"], row["item"]) for row in rows("claims"))
    assert set(found) == items
    assert min(found.values()) >= 3


def test_claims_carry_points_only_where_the_pack_leaves_them_open() -> None:
    common = pack()["content"]["common"][0]
    for row in rows("claims"):
        rule = common[row["kind"]]["items"][row["item"]]
        assert bool(row["points"]) == (rule["points"] == "given")
        if row["points"]:
            low, high = map(Decimal, rule["range"])
            assert low < Decimal(row["points"]) <= high
        assert int(row["count"]) >= 1
        assert row["group"] in ("", *common["for"])
        assert "演示" in row["source"]


def test_there_are_enough_phrases_of_each_kind() -> None:
    phrases = rows("phrases")
    counted = Counter(row["kind"] for row in phrases)
    assert set(counted) == KINDS
    assert min(counted.values()) >= 8
    for row in phrases:
        is_file = row["kind"].endswith("_evidence")
        assert is_file or (row["text"].endswith("。") and len(row["text"]) >= 15), row
        assert not is_file or row["text"].rsplit(".", 1)[1] in {"pdf", "jpg", "png", "xlsx", "csv"}, row
