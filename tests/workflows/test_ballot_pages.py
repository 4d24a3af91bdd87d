"""Leaders' ballots by sign-in, by one-time link and on paper: one task each, anonymous always."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from cycle.models import Ballot, PaperBallot, Turnout
from cycle.queries.ballots import voters_units
from cycle.services import ballots
from tests.cast import holder_of, signed_in, submit
from tests.county import County
from workflows.models import WorkItem

ROUND = "midyear"


@pytest.fixture(name="turnout")
def one_leader(yearend: County) -> Turnout:
    """A leader's post that is invited to the half-year round."""
    found = Turnout.objects.filter(key=ROUND, state="invited").select_related("cycle", "office").first()
    assert found is not None
    return found


def paper(turnout: Turnout, score: str = "93.5") -> dict[str, str]:
    return {unit.code: score for unit in voters_units(turnout)}


def link(turnout: Turnout) -> str:
    page = signed_in("jxb-clerk").post(f"/office/turnouts/{turnout.pk}/link/")
    assert page.status_code == 200
    return str(page.context["address"]).removeprefix("http://testserver")


def done(turnout: Turnout) -> WorkItem:
    item = WorkItem.objects.get(matter=turnout)
    assert item.state == "done"
    assert Turnout.objects.get(pk=turnout.pk).state == "voted"
    return item


def traces(turnout: Turnout) -> str:
    """Everything that is on record about a vote, outside the ballots themselves."""
    item = WorkItem.objects.get(matter=turnout)
    bodies = Event.objects.filter(stream__in=[f"process/{item.process_id}", f"turnout/{turnout.pk}"])
    return "".join(bodies.values_list("body", flat=True)) + str(item.draft) + item.comment


def test_a_leader_votes_on_the_task_s_page(turnout: Turnout) -> None:
    item = WorkItem.objects.get(matter=turnout)
    client = holder_of(item)
    answer = submit(client, item, **paper(turnout) | {"nanniu": "101"})
    assert answer.status_code == 422
    assert 'href="#id_nanniu"' in answer.content.decode()
    assert client.post(f"/t/{item.pk}/draft/", {"nanniu": "88", "draft_version": ""}).status_code == 422
    assert submit(client, item, **paper(turnout)).status_code == 302
    done(turnout)
    assert Ballot.objects.filter(round=ROUND, score="93.5").count() == len(voters_units(turnout))
    assert "93.5" not in traces(turnout)


def test_a_link_is_used_once_by_whoever_has_it_and_the_holder_is_named(turnout: Turnout) -> None:
    path, stranger = link(turnout), Client()
    page = stranger.get(path)
    assert page.status_code == 200
    assert "不记名" in page.content.decode()
    empty = stranger.post(path, paper(turnout) | {"nanniu": ""})
    assert empty.status_code == 422
    assert "打分后再提交" in empty.content.decode()
    thanks = stranger.post(path, paper(turnout))
    assert "评分已提交" in thanks.content.decode()
    item = done(turnout)
    assert item.closed_by is not None
    assert item.closed_by.postings.filter(office=turnout.office).exists()
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, paper(turnout)).status_code == 404
    assert "93.5" not in traces(turnout)


def test_a_new_link_ends_the_one_before(turnout: Turnout) -> None:
    first, second = link(turnout), link(turnout)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    assert Client().get("/vote/made-up-token/").status_code == 404


def test_paper_is_entered_by_two_people_and_counts_when_both_agree(turnout: Turnout) -> None:
    path = f"/office/turnouts/{turnout.pk}/paper/"
    clerk, second = signed_in("jxb-clerk"), signed_in("jxb-clerk-2")
    assert clerk.post(path, paper(turnout)).status_code == 302
    assert PaperBallot.objects.filter(turnout=turnout).exists()
    same = clerk.post(path, paper(turnout))
    assert "须由两人分别录入" in same.content.decode()
    differing = second.post(path, paper(turnout) | {"nanniu": "39.5"})
    assert "两次录入不一致：南牛乡" in differing.content.decode()
    assert not Ballot.objects.filter(round=ROUND).exists()
    assert second.post(path, paper(turnout)).status_code == 302
    item = done(turnout)
    event = Event.objects.get(stream=f"process/{item.process_id}", type="task.completed")
    assert event.actor_name == "演示·县绩效办复核员"
    assert event.behalf_id is not None
    assert not PaperBallot.objects.exists()
    assert "93.5" not in traces(turnout)


def test_the_list_says_who_has_voted_and_never_how(yearend: County, turnout: Turnout) -> None:
    clerk = signed_in("jxb-clerk")
    Client().post(link(turnout), paper(turnout, "77.25"))
    text = clerk.get(f"/office/rounds/{ROUND}/ballots/").content.decode()
    assert "已评分" in text
    assert "77.25" not in text
    assert clerk.get("/office/rounds/nonsense/ballots/").status_code == 404
    assert signed_in("auditor").get(f"/office/rounds/{ROUND}/ballots/").status_code == 404


def test_closing_a_round_ends_what_is_still_out(turnout: Turnout) -> None:
    path, waiting = link(turnout), Turnout.objects.filter(key=ROUND, state="invited").count()
    answer = signed_in("jxb-clerk").post(f"/office/rounds/{ROUND}/close/", follow=True)
    assert "领导评估已结束" in answer.content.decode()
    assert Turnout.objects.filter(key=ROUND, state="missed").count() == waiting
    assert Client().get(path).status_code == 404
    assert WorkItem.objects.get(matter=turnout).state == "cancelled"
    late = signed_in("jxb-clerk").post(f"/office/turnouts/{turnout.pk}/link/", follow=True)
    assert "已经结束，不需要再发链接" in late.content.decode()


def test_a_ballot_s_token_is_kept_as_a_hash(turnout: Turnout) -> None:
    token = link(turnout).split("/")[-2]
    assert ballots.invited_by(token).pk == turnout.pk
    stored: Any = turnout.__class__.objects.get(pk=turnout.pk).invitation.token_hash
    assert token not in stored
    assert token not in "".join(Event.objects.values_list("body", flat=True))
