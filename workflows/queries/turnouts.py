"""A round of leaders' ballots as the performance office sees it: who has voted, never how."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch

from audit import clock
from cycle.models import Cycle, Invitation, PaperBallot, Turnout
from cycle.queries.calendar import current_calendar
from offices.models import Posting
from workflows.models import WorkItem
from workflows.queries.deadlines import Due, due_of, moment_text


@dataclass(frozen=True, slots=True)
class Voter:
    """A leader's post in a round: whether it has voted, whether a link is out or a paper half entered."""

    turnout_id: UUID
    post: str
    holder: str
    phone: str
    state: str
    state_title: str
    due: Due
    link_issued: str
    paper_by: str
    paper_by_id: UUID | None

    @property
    def is_waiting(self) -> bool:
        """Whether the vote is still to come."""
        return self.state == "invited"


def voters(cycle: Cycle, key: str, now: dt.datetime) -> list[Voter]:
    """Return the posts invited to a round, those still to vote first."""
    day = clock.local_date(now)
    in_force = Posting.objects.filter(since__lte=day).exclude(until__lt=day).select_related("user")
    rows = Turnout.objects.filter(cycle=cycle, key=key).select_related(
        "office", "invitation", "paper__entered_by"
    )
    rows = rows.prefetch_related(
        Prefetch("office__postings", in_force, to_attr="seats"),
        Prefetch("items", WorkItem.objects.order_by("-served_at"), to_attr="served"),
    )
    found = [_voter(turnout, now) for turnout in rows.order_by("office__organisation__code")]
    return sorted(found, key=lambda voter: not voter.is_waiting)


def _voter(turnout: Turnout, now: dt.datetime) -> Voter:
    seats, served = turnout.office.seats, turnout.served  # type: ignore[union-attr, attr-defined]
    person = seats[0].user if seats else None
    item = served[0] if served else None
    invitation: Invitation | None = getattr(turnout, "invitation", None)
    paper: PaperBallot | None = getattr(turnout, "paper", None)
    return Voter(
        turnout_id=turnout.pk,
        post=str(turnout.office),
        holder=person.name if person else "",
        phone=person.phone if person else "",
        state=turnout.state,
        state_title=turnout.state_title,
        due=due_of(item.due_at, now, current_calendar(), closed_at=item.closed_at) if item else Due(None, ""),
        link_issued=moment_text(invitation.issued_at, now)
        if invitation and invitation.used_at is None
        else "",
        paper_by=paper.entered_by.name if paper else "",
        paper_by_id=paper.entered_by_id if paper else None,
    )


def round_keys(cycle: Cycle) -> list[str]:
    """Return the rounds in which leaders were asked to vote, newest last."""
    keys = Turnout.objects.filter(cycle=cycle).order_by("created_at").values_list("key", flat=True)
    return list(dict.fromkeys(keys))


def waiting_rounds(cycle: Cycle) -> list[str]:
    """Return the rounds in which somebody is still to vote."""
    waiting = Turnout.objects.filter(cycle=cycle, key=OuterRef("key"), state="invited")
    rows = Turnout.objects.filter(Exists(waiting), cycle=cycle).values_list("key", flat=True)
    return list(dict.fromkeys(rows))
