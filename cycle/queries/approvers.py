"""Who approves a decision on an appeal: the office of the policy, or the next whose head may."""

from uuid import UUID

from audit import clock
from cycle.models import Appeal, Matter
from cycle.queries.conflicts import eligible
from cycle.queries.packs import rules_of
from offices.models import Office, Posting
from offices.queries.directory import family, office_of


def approver(matter: Matter) -> list[UUID]:
    """The office of the policy; for a second instance the government's.

    Where its heads all have a conflict, or drafted the decision themselves, the next of the policy's leading
    and deciding offices whose head may: a decision must not wait for somebody who has to stand aside.
    """
    appeal = Appeal.objects.select_related("cycle", "subject", "run", "indicator").get(pk=matter.pk)
    wanted = _wanted(appeal)
    free = next((each for each in wanted if _has_head(appeal, each)), wanted[0])
    return [free]


def _wanted(appeal: Appeal) -> list[UUID]:
    pack, owner = rules_of(appeal.cycle), appeal.cycle.owner_id
    step = "approve" if appeal.instance == 1 else "reapprove"
    names = [*pack.step("feedback", "appeal", step).offices]
    names += [key for key, one in pack.assessors.offices.items() if one.role in ("lead", "decide")]
    rows = Office.objects.filter(capacity__in=names, organisation__in=family(owner))
    known = set(rows.values_list("capacity", flat=True))
    return [office_of(owner, name) for name in dict.fromkeys(names) if name in known]


def _has_head(appeal: Appeal, office: UUID) -> bool:
    people = eligible(appeal, office, clock.now(), role=Posting.Role.HEAD)
    return any(person.pk != appeal.reviewer_id for person in people)
