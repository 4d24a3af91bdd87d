"""Until when a unit may object: counted in working days, ending at 24:00, from delivery or from receipt."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from audit import clock
from cycle.models import AdoptedPolicy, Appeal
from cycle.queries.windows import second_window, windows_of
from policies.packs import pack_from_bytes
from tests.county import County, refused
from tests.small_county import work
from tests.workflows import appealing
from tests.workflows.appealing import brought_to, opened, served
from workflows.services import tasks

WINDOW = (
    "绩效反馈书于 2027 年 2 月 10 日送达，当日不计，申诉期为 3 个工作日"
    "（2 月 11 日、2 月 12 日、2 月 15 日），到 2027 年 2 月 15 日 24 时止。"
)


def rule(county: County, **steps: object) -> None:
    """Let the adopted policy say something else about steps of the appeal."""
    adopted = AdoptedPolicy.objects.get(pk=county.cycle.policy_id)
    data = json.loads(bytes(adopted.content))
    data["process"]["feedback"]["appeal"] |= steps
    pack = pack_from_bytes(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    other, _ = AdoptedPolicy.objects.get_or_create(
        digest=pack.digest,
        defaults={"pack": pack.id, "title": pack.title, "content": pack.canonical, "adopted_at": county.now},
    )
    county.cycle.__class__.objects.filter(pk=county.cycle.pk).update(policy=other)


def test_nothing_can_be_contested_before_anything_is_shown(assessed: County) -> None:
    assert windows_of(assessed.unit("nanniu")) == []
    with refused("结果还没有公示，也没有送达，目前还不能申诉。"):
        opened(assessed, point="grade")


def test_the_publicity_is_a_window(published: County) -> None:
    (window,) = windows_of(published.unit("nanniu"))
    assert (window.occasion, window.is_open(published.now)) == ("publicity", True)
    assert window.words.startswith("结果公示于 2027 年 1 月 8 日送达，当日不计，申诉期为 5 个工作日")
    appeal = opened(published)
    assert appeal.window["occasion"] == "publicity"
    assert appealing.at(published, appeal).due_at == window.closes_at


def test_the_letter_opens_a_window_and_pages_can_count_it_again(feedback: County) -> None:
    served(feedback)
    window = windows_of(feedback.unit("nanniu"))[0]
    assert window.words == WINDOW
    assert window.closes_at == clock.at(dt.date(2027, 2, 16))


def test_a_window_from_receipt_waits_for_the_signature(feedback: County) -> None:
    rule(feedback, file={"office": "unit", "due": {"in": "15 wd", "from": "receipt"}, "cite": "二十六条"})
    served(feedback)
    window = windows_of(feedback.unit("nanniu"))[0]
    assert window.words == "绩效反馈书尚未签收，申诉期从签收之日起算，共 15 个工作日。"
    feedback.move_to(dt.date(2027, 2, 22))
    work(feedback.cycle)
    window = windows_of(feedback.unit("nanniu"))[0]
    assert window.begins_on == dt.date(2027, 2, 22)
    assert window.closes_at == clock.at(dt.date(2027, 3, 16))


@pytest.mark.parametrize(("minute", "is_late"), [(59, False), (60, True)])
def test_the_last_minute_counts_and_the_next_does_not(feedback: County, minute: int, is_late: bool) -> None:
    served(feedback)
    last = clock.at(dt.date(2027, 2, 15), 23, 0) + dt.timedelta(minutes=minute)
    appeal = opened(feedback)
    clock.move_to(last)
    if not is_late:
        feedback.do(appeal, "file")
        assert appealing.fresh(appeal).state == "filed"
        return
    with refused(f"申诉期已经届满：{WINDOW}现在是 2027 年 2 月 16 日 00:00，已经逾期，不能再提出。"):
        feedback.do(appeal, "file")
    with refused(f"申诉期已经届满：{WINDOW}现在是 2027 年 2 月 16 日 00:00，已经逾期，不能再提出。"):
        opened(feedback, title="督查落实")


def test_a_draft_that_nobody_submits_lapses_and_uses_no_right_up(published: County) -> None:
    appeal = opened(published)
    item = appealing.at(published, appeal)
    assert not tasks.lapse(item.pk)  # its time is not over
    clock.move_to(item.due_at)  # type: ignore[arg-type]
    assert tasks.lapse(item.pk)
    assert appealing.fresh(appeal).state == "lapsed"
    assert not tasks.lapse(item.pk)


def test_a_second_instance_only_where_the_policy_has_one(feedback: County) -> None:
    served(feedback)
    first = brought_to(feedback, "sign", outcome="uphold")
    assert second_window(first) is None
    rule(feedback, second={"office": "leading_group", "due": {"in": "15 wd"}, "cite": "四十条"})
    first = Appeal.objects.select_related("cycle", "subject", "run").get(pk=first.pk)
    window = second_window(first)
    assert window is not None
    assert window.words.startswith("复核决定书于 2027 年 2 月 10 日送达")
