"""Every human step of every flow: its page opens for whoever has to do it, and its own form completes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cycle.models import Matter, Recusal
from cycle.queries.appointable import appointable
from cycle.services import approvals, publicity, scoring
from offices.services import postings
from tests import small_county
from tests.cast import fields, holder_of, signed_in, submit
from tests.county import County
from tests.workflows import appealing
from tests.workflows import county as joint
from workflows.flows import FLOWS
from workflows.forms.registry import FORMS
from workflows.models import WorkItem
from workflows.nodes import Step
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.deeds import Deed, Stage, name_of
from workflows.rehearsal.performers import PERFORMERS, agree
from workflows.services import relaying

SEEN: dict[str, dict[str, tuple[str, ...]]] = {
    "setting": {"indicator_setting": ("declare", "approve", "first_review", "decide", "issue", "sign")},
    "yearend": {
        "report": ("fill", "approve", "verify"),
        "compilation": ("compile",),
        "claim": ("submit", "answer", "verify", "confirm"),
        "ballot": ("vote",),
        "survey": ("run",),
        "data_verification": ("collect", "approve", "check"),
    },
    "assessment": {"self_assessment": ("write", "approve"), "publicity": ("post",)},
    "feedback": {
        "feedback": ("serve", "sign"),
        "rectification": ("plan", "approve", "result", "check"),
    },
    "uses": {"consequence": ("execute", "verify", "evaluate")},
}
RESULTS = {("publicity", "publish"), ("publicity", "close"), ("approval", "compile"), ("approval", "approve")}
APPEAL = {
    *(("appeal", step) for step in ("file", "appoint", "accept", "supplement", "answer")),
    *(("appeal", step) for step in ("investigate", "decide", "approve", "sign")),
    ("recusal", "decide"),
}

TALK = {("interview", "record"), ("interview", "confirm")}
"""Done on their pages in `test_interviews`."""

ADJUSTMENT = {("adjustment", step) for step in ("request", "review", "approve", "approve_key")}
"""Done on their pages in test_adjustment_pages."""


def test_every_flow_has_a_form() -> None:
    assert set(FORMS) == {flow.key for flow in FLOWS}


def test_every_step_is_tried_here_or_named() -> None:
    steps = {
        (flow.key, node.name) for flow in FLOWS for node in flow.instance.nodes() if isinstance(node, Step)
    }
    elsewhere = {
        ("indicator_setting", "joint_review"),
        ("approval", "opinions"),
        *RESULTS,
        *APPEAL,
        *TALK,
        *ADJUSTMENT,
    }
    elsewhere.add(("extension", "decide"))  # test_rectify_pages
    elsewhere |= {(flow, step) for flow, step in steps if flow in ("recheck", "reapproval", "change_notice")}
    assert steps == elsewhere.union(ADJUSTMENT, *map(_steps, SEEN))


@pytest.mark.parametrize("moment", list(SEEN))
def test_every_step_is_done_on_its_page(moment: str, request: pytest.FixtureRequest) -> None:
    county: County = request.getfixturevalue(moment)
    assert set(_work_on_pages(county)) >= _steps(moment)


def _steps(moment: str) -> set[tuple[str, str]]:
    return {(flow, step) for flow, steps in SEEN[moment].items() for step in steps}


def _work_on_pages(county: County) -> Iterator[tuple[str, str]]:
    """Do whatever is on a desk: the first of each step on its page, the others by the service."""
    scene = Stage(Chance(7), small_county.SCHEME, small_county.PASSWORD)
    tried: set[tuple[str, str]] = set()
    while items := list(small_county.open_items(county.cycle)):
        for item in sorted(items, key=lambda each: tuple(map(str, name_of(each, 0)))):
            if not WorkItem.objects.filter(pk=item.pk, state="open").exists():
                continue
            step = (item.flow, item.step)
            if step == ("publicity", "close"):
                county.move_to(dt.date(2027, 2, 10))
            if step in tried:
                small_county.perform(item, scene)
                continue
            _on_page(item, scene)
            tried.add(step)
            yield step
        relaying.drain()


def _on_page(item: WorkItem, scene: Stage) -> None:
    client = holder_of(item)
    page = client.get(f"/t/{item.pk}/")
    assert page.status_code == 200
    assert item.matter.title in page.content.decode()
    performer = small_county.OWN.get((item.flow, item.step)) or PERFORMERS.get((item.flow, item.step), agree)
    deed: Deed = performer(item, scene, name_of(item, 2))
    shown = {control.name: control.value for control in page.context["form"].controls()}
    assert [name for name in shown if f'name="{name}"' not in page.content.decode()] == []
    answer = submit(client, item, **shown | fields(deed))
    assert answer.status_code == 302, _errors(answer)
    assert answer["Location"] == reverse("inbox")
    assert WorkItem.objects.get(pk=item.pk).state == "done"
    closed = client.get(f"/t/{item.pk}/").content.decode()
    assert "这项任务不能再办理，只能查看" in closed


def _errors(answer: Any) -> list[str]:
    return [each["text"] for each in (answer.context or {}).get("errors", [])]


def test_the_results_on_their_way(assessed: County) -> None:
    clerk = assessed.user("jxb-clerk")
    scoring.score_cycle(assessed.cycle.pk, cause="年终计分", user_id=clerk)
    publicity.prepare(assessed.cycle.pk, user_id=clerk)
    assessed.relay()
    seen = set(_work_on_pages(assessed))
    approvals.open_approval(assessed.cycle.pk, user_id=clerk)
    assessed.relay()
    seen |= set(_work_on_pages(assessed))
    assert seen == RESULTS


def test_an_appeal_on_its_way(feedback: County) -> None:
    """Everybody in the reviewing office has a conflict, material is asked for, a recusal is denied."""
    appealing.served(feedback)
    unit, clerk = feedback.unit("nanniu"), feedback.clerk()
    for name in (appealing.REVIEWER, appealing.REVIEW_HEAD):
        until = dt.date(2027, 12, 31)
        seat = {"role": "handler", "until": until, "why": "挂职", "by": clerk, "at": feedback.now}
        postings.seat(feedback.user(name), unit.office_id, **seat)  # type: ignore[arg-type]
    appeal = appealing.opened(feedback)
    chosen = next(each for each in appointable(appeal, feedback.now) if each.office.capacity == "personnel")
    person, head = str(chosen.user_id), signed_in("lingdaoxiaozu-head")
    done = [
        _pressed_on(appeal, signed_in("nanniu-handler"), facts="漏计。", request="重新认定。"),
        _pressed_on(appeal, head, person=chosen.user.username, until="2027-06-30"),
    ]
    reviewer = signed_in(chosen.user.username, appeal.office_id)
    done += [
        _pressed_on(appeal, reviewer, choice="ask", comment="请补充凭证。"),
        _pressed_on(appeal, signed_in("nanniu-handler"), supplement="补充了两份凭证。"),
        _pressed_on(appeal, reviewer, reviewer=person),
        _pressed_on(appeal, holder_of(appealing.at(feedback, appeal)), answer="数据取自直报平台。"),
    ]
    signed_in("nanniu-handler").post(f"/appeals/{appeal.pk}/recusal/", {"person": person, "why": "熟人。"})
    done.append(_pressed_on(Recusal.objects.get(), head, choice="reject", comment="没有利害关系。"))
    done.append(_pressed_on(appeal, reviewer, findings="凭证属实。"))
    said = {"outcome": "uphold", "reasons": "已经计入。", "cite": "五（一）1"}
    reviewer.post(f"/appeals/{appeal.pk}/proposal/", said)
    done += [
        _pressed_on(appeal, reviewer),
        _pressed_on(appeal, head),
        _pressed_on(appeal, signed_in("nanniu-head")),
    ]
    assert set(done) == APPEAL
    assert appealing.fresh(appeal).state == "signed"


def _pressed_on(matter: Matter, client: Client, **typed: str) -> tuple[str, str]:
    """Do the open step of a matter on its page and return it."""
    item = WorkItem.objects.get(matter=matter.pk, state="open")
    page = client.get(f"/t/{item.pk}/")
    assert page.status_code == 200
    names = {control.name for control in page.context["form"].controls()}
    assert set(typed) - {"choice"} <= names
    answer = submit(client, item, **typed)
    assert answer.status_code == 302, _errors(answer)
    return item.flow, item.step


@pytest.mark.django_db
def test_a_joint_review_ends_with_the_last_office_or_the_first_that_returns() -> None:
    joint.setting(reviewers=2)
    first, second = joint.walk("joint_review")
    said = _pressed(first, choice="next")
    assert "等待其他会办单位办理。" in said
    assert _pressed(second, choice="back_declare") == ""
    said = _pressed(second, choice="back_declare", comment="第一项目标偏低。")
    assert "下一步：申报，由南牛乡办理。" in said
    declared = WorkItem.objects.get(subject__code="nanniu", step="declare", state="open")
    assert "第一项目标偏低。" in holder_of(declared).get(f"/t/{declared.pk}/").content.decode()


def _pressed(item: WorkItem, **typed: str) -> str:
    """The message after a button was pressed; empty when the page came back."""
    answer = holder_of(item).post(f"/t/{item.pk}/submit/", typed, follow=True)
    return "".join(str(message) for message in answer.context["messages"])
