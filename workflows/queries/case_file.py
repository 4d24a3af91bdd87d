"""The file of one appeal on one page: the point, its facts, what was said and done, what it led to."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse

from cycle.models import Appeal, Proposal, Recheck, Recusal, ScoringRun
from cycle.queries.calendar import current_calendar
from cycle.queries.conflicts import Conflicts, Hand
from cycle.queries.impact import Impact
from cycle.queries.point_files import RoundLine, account_of, claim_pairs, round_lines, standard_pairs
from cycle.queries.points import Point, point_contested
from cycle.queries.receipts import receipt_words
from cycle.queries.run_pages import runs_listed
from cycle.queries.windows import Window, second_window
from offices.queries.seats import Seat
from workflows.models import Process, WorkItem
from workflows.queries.appeal_lists import appeals_seen
from workflows.queries.appeal_words import impact_of
from workflows.queries.contestable import TONES
from workflows.queries.deadlines import Due, due_of
from workflows.queries.discretion import reads_deliberation
from workflows.queries.task_page import file_line
from workflows.queries.timeline import timeline
from workflows.queries.visibility import evidence_seen
from workflows.services.tasks import step_of

PRECEDENTS = 8
RELATED = (
    "cycle__policy", "subject", "run", "indicator__subject", "indicator__collector", "indicator__cycle",
    "claim__cycle", "claim__subject", "reviewer", "office__organisation", "earlier",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier decision on the same article or the same indicator."""

    appeal: Appeal
    reasons: str


def case_seen(seat: Seat, appeal_id: object) -> Appeal | None:
    """Return the appeal with all that its page names, or None when this office may not see it."""
    return appeals_seen(seat).select_related(*RELATED).filter(pk=str(appeal_id)).first()


class CaseFile:
    """One appeal as one office sees it. Everything is read when the page first asks for it."""

    def __init__(self, appeal: Appeal, seat: Seat) -> None:
        self.appeal, self.seat = appeal, seat

    # --- who looks at it ---

    @cached_property
    def is_unit(self) -> bool:
        """Whether the appellant looks at its own case."""
        return self.appeal.unit.office_id == self.seat.office.pk

    @cached_property
    def is_reviewing(self) -> bool:
        """Whether somebody of the reviewing office does."""
        return self.appeal.office_id == self.seat.office.pk

    @cached_property
    def is_reviewer(self) -> bool:
        """Whether it is the case's own reviewer."""
        return self.is_reviewing and self.appeal.reviewer_id == self.seat.user.pk

    @cached_property
    def reads_all(self) -> bool:
        """Whether findings, drafts and impact may be read as well."""
        return reads_deliberation(self.seat, self.appeal)

    @property
    def may_draft(self) -> bool:
        """Whether this person drafts the decision now."""
        return self.is_reviewer and self.appeal.state == "investigated"

    @property
    def tone(self) -> str:
        """The colour of the state."""
        return TONES.get(self.appeal.state, "info")

    # --- the point and its facts ---

    @cached_property
    def point(self) -> Point:
        """The contested point as it stands in the contested run."""
        return point_contested(self.appeal)

    @cached_property
    def account(self) -> dict[str, Any] | None:
        """How the point's number came about."""
        return account_of(self.appeal, self.point)

    @cached_property
    def rounds(self) -> list[RoundLine]:
        """What was measured, round by round."""
        return round_lines(self.appeal.indicator, self.appeal.run) if self.appeal.indicator else []

    @cached_property
    def basis(self) -> list[dict[str, Any]]:
        """The standard of an indicator, or what a claim rests on."""
        if self.appeal.indicator:
            return standard_pairs(self.appeal.indicator)
        return claim_pairs(self.appeal.claim) if self.appeal.claim else []

    @cached_property
    def hands(self) -> list[Hand]:
        """Who measured, verified and approved the point, and when."""
        # Two rounds are often measured on one day: said once.
        return list(dict.fromkeys(Conflicts(self.appeal, self.seat.at).hands))

    @cached_property
    def evidence(self) -> list[dict[str, Any]]:
        """The files of the case."""
        return self._files(Q(matter=self.appeal.pk))

    @cached_property
    def earlier_evidence(self) -> list[dict[str, Any]]:
        """The files on which the point was recorded, as far as this office may read them."""
        about = Q(pk=None)
        if self.appeal.claim_id:
            about = Q(matter=self.appeal.claim_id)
        elif self.appeal.indicator_id:
            about = Q(indicator=self.appeal.indicator_id) & ~Q(matter=self.appeal.pk)
        return self._files(about)

    def _files(self, about: Q) -> list[dict[str, Any]]:
        rows = evidence_seen(self.seat).filter(about, withdrawn_at__isnull=True)
        rows = rows.select_related("blob", "indicator", "uploaded_by").order_by("uploaded_at", "pk")
        return [file_line(each, self.seat.at) for each in rows]

    # --- what was done ---

    @cached_property
    def process(self) -> Process | None:
        """The process that carries it."""
        rows = Process.objects.filter(matter=self.appeal.pk).select_related("matter", "cycle", "subject")
        return rows.order_by("-created").first()

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        """The course of the case, newest first."""
        if self.process is None:
            return []
        return timeline(self.process, self.seat.at, withheld=not self.reads_all)

    @cached_property
    def item(self) -> WorkItem | None:
        """The open task."""
        rows = WorkItem.objects.filter(matter=self.appeal.pk, state=WorkItem.State.OPEN)
        return rows.select_related("office", "matter").first()

    @property
    def step(self) -> str:
        """The title of the open step."""
        return step_of(self.item).task_title if self.item else ""

    @property
    def due(self) -> Due:
        """Until when it has to be done."""
        if self.item is None:
            return Due(None, "")
        return due_of(self.item.due_at, self.seat.at, current_calendar())

    @property
    def task_url(self) -> str:
        """The address of the open task where it is this person's."""
        item = self.item
        if item is None or not self.seat.may_do(item.office_id, item.role):
            return ""
        return reverse("task", args=[item.pk])

    @cached_property
    def recusals(self) -> list[Recusal]:
        """Requests that somebody stand aside, with what was decided."""
        rows = self.appeal.recusals.select_related("person", "office").prefetch_related("items")
        return list(rows.order_by("created_at"))

    # --- the decision ---

    @cached_property
    def proposals(self) -> list[Proposal]:
        """The saved drafts, newest first; none for those who do not read deliberation."""
        if not self.reads_all:
            return []
        return list(self.appeal.proposals.select_related("saved_by").order_by("-number"))

    @property
    def newest(self) -> Proposal | None:
        """The newest draft."""
        return self.proposals[0] if self.proposals else None

    @cached_property
    def impact(self) -> Impact | None:
        """What the newest draft would move, once it was looked at and until it is decided.

        None as well where the facts have changed since so that the draft's values no longer fit.
        """
        newest, is_pending = self.newest, self.appeal.state in ("investigated", "proposed")
        if newest is None or newest.previewed_at is None or not is_pending:
            return None
        return impact_of(self.appeal, newest)[0]

    @cached_property
    def runs(self) -> list[tuple[ScoringRun, str]]:
        """The scoring runs that the decision made necessary, with the addresses that this office may open."""
        causes = [self.appeal.pk, *Recheck.objects.filter(case=self.appeal).values_list("pk", flat=True)]
        found = list(ScoringRun.objects.filter(because_of__in=causes).order_by("number"))
        cycle = self.appeal.cycle
        shown = {row.run.pk for row in runs_listed(self.seat, cycle)} if found else set()
        return [
            (run, reverse("run", args=[cycle.year, run.number]) if run.pk in shown else "") for run in found
        ]

    @cached_property
    def recheck(self) -> Recheck | None:
        """The new measurement that the decision ordered."""
        return Recheck.objects.filter(case=self.appeal).select_related("office").first()

    @property
    def receipt(self) -> str:
        """Whether the unit has signed for the decision, or is deemed to have received it."""
        return receipt_words(self.appeal)

    @cached_property
    def second(self) -> Window | None:
        """The time for a second instance, where the policy has one and the appeal is decided."""
        return second_window(self.appeal)

    @cached_property
    def may_go_on(self) -> bool:
        """Whether the unit may still take the decision to the second instance."""
        again = self.appeal.later.exclude(state="lapsed").exists()
        return self.second is not None and self.second.is_open(self.seat.at) and not again

    @cached_property
    def precedents(self) -> list[Precedent]:
        """Earlier decisions on the same article or indicator, of whatever this office may see."""
        rows = appeals_seen(self.seat).filter(self._same_article(), decided_at__isnull=False)
        rows = rows.exclude(pk=self.appeal.pk).select_related("subject", "cycle").distinct()
        found = rows.order_by("-decided_at").prefetch_related("proposals")[:PRECEDENTS]
        return [Precedent(each, _reasons(each)) for each in found]

    def _same_article(self) -> Q:
        appeal, cite = self.appeal, self.point.cite
        same = Q(proposals__cite=cite) if cite else Q(pk=None)
        if appeal.indicator:
            same |= Q(indicator__key=appeal.indicator.key)
            same |= Q(indicator__component=appeal.indicator.component, subject__group=appeal.unit.group)
        elif appeal.claim:
            same |= Q(claim__sort=appeal.claim.sort, claim__item=appeal.claim.item)
        else:
            same |= Q(point=appeal.point, subject__group=appeal.unit.group)
        return same


def _reasons(appeal: Appeal) -> str:
    """The reasons of the draft that was approved: the last."""
    drafts = list(appeal.proposals.all())
    return drafts[-1].reasons if drafts else ""
