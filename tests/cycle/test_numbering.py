"""Numbers of documents: unique and without gaps in each series, also when fifty are issued at once."""

from __future__ import annotations

import functools
import re

import pytest

from audit.ledger import service
from audit.refusals import NotPossible
from cycle.models import DocumentNumber
from cycle.services.numbering import next_number
from tests import moments
from tests.county import County
from tests.workflows.racing import race

SHAPE = re.compile(r"^[\u4e00-\u9fa5]+〔\d{4}〕[1-9]\d*号$")


def test_a_series_counts_from_one_for_each_word_and_year(feedback: County) -> None:
    taken = [
        next_number(feedback.owner_id, word, year)
        for word, year in (("绩复", 2027), ("绩复", 2027), ("绩馈", 2027), ("绩复", 2028))
    ]
    assert taken == ["正绩复〔2027〕1号", "正绩复〔2027〕2号", "正绩馈〔2027〕1号", "正绩复〔2028〕1号"]
    assert all(SHAPE.match(number) for number in taken)


@service
def _refused_after_taking(county: County) -> None:
    next_number(county.owner_id, "绩复", 2027)
    raise NotPossible("这一决定不能作出。")


def test_a_refused_decision_gives_its_number_back(feedback: County) -> None:
    assert next_number(feedback.owner_id, "绩复", 2027) == "正绩复〔2027〕1号"
    with pytest.raises(NotPossible):
        _refused_after_taking(feedback)
    assert next_number(feedback.owner_id, "绩复", 2027) == "正绩复〔2027〕2号"


def test_fifty_issued_at_once_leave_no_gap_and_no_double(small_year: None) -> None:
    with moments.committed("feedback") as county:
        owner = county.owner_id
        issue = functools.partial(service(next_number), owner, "绩复", 2027)
        found = race([issue] * 50)
        assert sorted(found, key=lambda each: int(re.sub(r".*〕|号", "", each))) == [
            f"正绩复〔2027〕{count}号" for count in range(1, 51)
        ]
        assert DocumentNumber.objects.get().last == 50
