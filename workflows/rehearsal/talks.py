"""Whom the office talks the result over with: the last of each group, once its letter is served."""

import datetime as dt

from cycle.models import Cycle, Feedback, Grade, Interview
from offices.models import Office
from workflows.rehearsal.county import CLERK, user
from workflows.services import interviewing

PLACE = "县政府第二会议室"


def plan(cycle: Cycle, today: dt.date) -> list[str]:
    """Plan the talks that are still to be held; return what was done, in Chinese."""
    talked = Interview.objects.filter(cycle=cycle).values("subject")
    letters = Feedback.objects.filter(cycle=cycle, served_at__isnull=False).select_related("subject")
    office = Office.objects.get(capacity="performance_office")
    done = []
    for letter in letters.exclude(subject__in=talked).order_by("subject__position"):
        if _is_last(letter):
            interviewing.plan_and_start(
                letter.pk, on=today, place=PLACE, user_id=user(CLERK), office_id=office.pk
            )
            done.append(f"安排与{letter.unit.title}面谈")
    return done


def _is_last(letter: Feedback) -> bool:
    grade = Grade.objects.filter(run=letter.run, subject=letter.unit).first()
    return grade is not None and grade.rank is not None and grade.rank == grade.ranked
