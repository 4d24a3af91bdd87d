"""What the performance office itself does in a year: open stages, close rounds, score, publish, approve."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from audit.clock import local_date
from cycle.models import AdjustmentClaim, Cycle, Grade, Matter, Publication, Stage, Turnout
from cycle.queries.gates import obstacles
from cycle.queries.periods import period_title
from cycle.queries.results import approved_run, latest_run
from cycle.queries.settling import finishing
from cycle.services import approvals, publicity, scoring, stages
from offices.models import Office
from workflows.rehearsal import adjusters, appellants, rectifiers, talks
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.county import CHIEF, CLERK, table, user
from workflows.services import claiming, rounds


@dataclass(slots=True)
class Director:
    """The office's year. `act` is called every working day and does what is ripe."""

    cycle: Cycle
    chance: Chance
    pack: str

    def act(self, today: dt.date) -> list[str]:
        """Do what is ripe today; return what was done, in Chinese."""
        self.cycle = Cycle.objects.select_related("policy").get(pk=self.cycle.pk)
        steps: dict[str, Callable[[dt.date], list[str]]] = {
            "preparation": self._prepare,
            Stage.SETTING: self._setting,
            Stage.MONITORING: self._monitoring,
            Stage.ASSESSMENT: self._assessment,
            Stage.FEEDBACK: self._feedback,
            Stage.USES: self._uses,
        }
        step = steps.get(self.cycle.state)
        done = step(today) if step else []
        return done + rectifiers.direct(self.cycle, self.chance, today)

    def _open(self, stage: Stage) -> list[str]:
        stages.open_stage(self.cycle.pk, stage.value, user_id=user(CHIEF))
        return [f"进入{stage.label}"]

    def _prepare(self, today: dt.date) -> list[str]:
        return self._open(Stage.SETTING)

    def _setting(self, today: dt.date) -> list[str]:
        return [] if obstacles(self.cycle, today) else self._open(Stage.MONITORING)

    def _monitoring(self, today: dt.date) -> list[str]:
        done = self._claims(today) + self._close_rounds(today)
        done += adjusters.bring(self.cycle, self.chance, today)
        december = Matter.objects.filter(cycle=self.cycle, kind="report", key="m12").exists()
        if today.year > self.cycle.year and december and not obstacles(self.cycle, today):
            done += self._open(Stage.ASSESSMENT)
        return done

    def _assessment(self, today: dt.date) -> list[str]:
        done = self._claims(today) + self._close_rounds(today)
        if self._shown().exists():
            return done + self._after_publicity()
        if any(matter.kind != "approval" for matter in obstacles(self.cycle, today)):
            return done
        return done + self._score_and_publish()

    def _score_and_publish(self) -> list[str]:
        run = latest_run(self.cycle)
        if run is None:
            scoring.score_cycle(self.cycle.pk, cause="年终计分", user_id=user(CLERK))
            return ["完成年终计分"]
        ties = list(
            Grade.objects.filter(run=run, grade="").select_related("subject").order_by("subject__position")
        )
        if ties:
            self._decide_ties(ties)
            scoring.score_cycle(
                self.cycle.pk, cause="领导小组对并列名次作出决定后重新计分", user_id=user(CLERK)
            )
            return [f"领导小组决定 {len(ties)} 个并列名次，重新计分"]
        publicity.prepare(self.cycle.pk, user_id=user(CLERK))
        return ["开始公示各组结果"]

    def _decide_ties(self, ties: list[Grade]) -> None:
        """The leading group settles a tie at the cut by lot, and puts the order on record."""
        order = sorted(ties, key=lambda grade: self.chance.of("tie", grade.subject.code).random())
        for place, grade in enumerate(order, start=1):
            scoring.decide(
                self.cycle.pk,
                group=grade.subject.group,
                item="tie:advanced",
                value=str(place),
                why="综合得分、指标评估得分和减分均相同，领导小组会议研究决定名次。",
                subject_id=grade.subject_id,
                user_id=user(leading_member()),
            )

    def _shown(self) -> QuerySet[Publication]:
        """The publicity of provisional results."""
        return Publication.objects.filter(cycle=self.cycle, what=Publication.What.SHOW)

    def _after_publicity(self) -> list[str]:
        if approved_run(self.cycle):
            return [] if obstacles(self.cycle) else self._open(Stage.FEEDBACK)
        if any(not publication.is_final for publication in self._shown()):
            return []
        if Matter.objects.filter(cycle=self.cycle, kind="approval").exists():
            return []
        approvals.open_approval(self.cycle.pk, user_id=user(CLERK))
        return ["公示结束，报送审批"]

    def _feedback(self, today: dt.date) -> list[str]:
        done = appellants.bring(self.cycle, self.chance, today) + talks.plan(self.cycle, today)
        return done if obstacles(self.cycle, today) else done + self._open(Stage.USES)

    def _uses(self, today: dt.date) -> list[str]:
        done = appellants.bring(self.cycle, self.chance, today)
        locked = self.cycle.runs.filter(locked_at__isnull=False).exists()
        if not locked or obstacles(self.cycle, today) or finishing(self.cycle):
            return done
        stages.archive(self.cycle.pk, user_id=user(CHIEF))
        return [*done, "本年度归档"]

    def _close_rounds(self, today: dt.date) -> list[str]:
        """Close a round of ballots whose clock has run out once a single vote is missing.

        For more the office waits: with too few votes a tally would stay closed, and nothing could be scored.
        """
        waiting: dict[str, list[bool]] = defaultdict(list)
        for turnout in Turnout.objects.filter(cycle=self.cycle, state="invited").prefetch_related("items"):
            expired = all(item.due_at and local_date(item.due_at) <= today for item in turnout.items.all())
            waiting[turnout.key].append(expired)
        done = []
        for key in sorted(key for key, expired in waiting.items() if expired == [True]):
            missed = rounds.close_ballots(self.cycle.pk, key, user_id=user(CLERK))
            done.append(f"结束{period_title(key)}领导评估，{missed} 人未评")
        return done

    def _claims(self, today: dt.date) -> list[str]:
        """Units claim bonuses, the office finds deductions and one bar, on drawn days of the year."""
        done = []
        known = set(AdjustmentClaim.objects.filter(cycle=self.cycle).values_list("source", flat=True))
        for index, (unit, row) in enumerate(self._drawn_claims()):
            if self._claim_day(index) != today.isoformat() and not self._late(index, today):
                continue
            if row["source"] not in known:
                known.add(row["source"])
                done += self._open_claim(unit, row, today)
        return done

    def _open_claim(self, unit: str, row: dict[str, str], today: dt.date) -> list[str]:
        subject = self.cycle.subjects.select_related("office").get(code=unit)
        own = row["kind"] == "bonus"
        username = f"{unit}-handler" if own else CLERK
        capacity = subject.office if own else Office.objects.get(capacity="performance_office")
        claiming.open_and_start(
            subject.pk,
            sort=row["kind"],
            item=row["item"],
            source=row["source"],
            fact=row["fact"],
            count=int(row["count"] or 1),
            happened_on=today,
            user_id=user(username),
            office_id=capacity.pk,
        )
        return [f"{subject}提出{row['kind']}事项"]

    def _drawn_claims(self) -> list[tuple[str, dict[str, str]]]:
        rows = table(self.pack, "claims")
        groups = ["township", "department"]
        units = list(
            self.cycle.subjects.filter(group__in=groups).order_by("position").values_list("code", "group")
        )
        drawn = []
        for index, row in enumerate(rows):
            if not self.chance.happens(55, "claim", index):
                continue
            fitting = [code for code, group in units if row["group"] in ("", group)]
            drawn.append((self.chance.pick(fitting, "claimant", index), row))
        barred = self.chance.pick([code for code, group in units if group == "department"], "barred")
        veto = {
            "kind": "veto",
            "item": "public_security",
            "source": "社会治安综合治理黄牌警告通知（演示文件）",
            "count": "1",
            "fact": "",
            "group": "department",
        }
        return [*drawn, (barred, veto)]

    def _claim_day(self, index: int) -> str:
        day = dt.date(self.cycle.year, 3, 15) + dt.timedelta(
            days=self.chance.between(0, 280, "claim-day", index)
        )
        return day.isoformat()

    def _late(self, index: int, today: dt.date) -> bool:
        """A drawn day may be a day off or lie before the stage: it is made up for on the next working day."""
        return self._claim_day(index) < today.isoformat()


def leading_member() -> str:
    """Return the account of a member of the leading group."""
    office = Office.objects.get(capacity="leading_group")
    return str(office.postings.order_by("role", "user__username").first().user.username)  # type: ignore[union-attr]
