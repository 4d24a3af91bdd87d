"""Who may open what: every address of the product × every kind of office, in one table.

An address that is missing here fails the first test. Signed out everything leads to the sign-in page; whoever
is not named in an address's row gets 404, never 403; whoever is named gets an answer of the page itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from audit.ids import uuid7
from audit.models import Event, Outbox
from cycle.models import AdjustmentClaim, Evidence, Feedback, Publication, Turnout
from tests.cast import signed_in
from tests.county import County
from tests.workflows import appealing, rectifying
from tests.workflows.interviewing import interviewed
from workflows.services import attaching

UNIT, OTHER_UNIT = "nanniu-handler", "xinchengpu-handler"
COLLECTOR, LEADER, USER = "collector", "leader", "zuzhibu-head"
CLERK, LEADING, COUNTY, MAIN = (
    "jxb-clerk",
    "lingdaoxiaozu-handler",
    "xianweixianzhengfu-handler",
    "main-leaders-handler",
)
AUDITOR, SYSADMIN, REVIEWER = "auditor", "sysadmin", appealing.REVIEWER
ROLES = (
    UNIT, OTHER_UNIT, COLLECTOR, LEADER, USER, CLERK, LEADING, COUNTY, MAIN, AUDITOR, SYSADMIN, REVIEWER
)  # fmt: skip

OVERSEERS = {CLERK, LEADING, COUNTY, MAIN, AUDITOR}
BUSINESS = set(ROLES) - {SYSADMIN}
WORKING = BUSINESS - {AUDITOR}
OWN = OVERSEERS | {UNIT}
OWNERS = OWN | {OTHER_UNIT}
OWN_RESULT = OWN | {LEADER}
CASE = OWN | {COLLECTOR, REVIEWER}
"""Who sees an appeal: the unit, who answered, who reviews, overseers."""
PUBLIC = {"health", "login", "public", "public-document", "public-rectify", "vote"}
"""Open without signing in: the load balancer's question, signing in, what is public, a one-time link."""

READ: dict[str, set[str]] = {
    "home": set(ROLES), "me": set(ROLES), "ui": set(ROLES),
    "accounts": {SYSADMIN}, "imports": {SYSADMIN}, "import-table": {SYSADMIN}, "import-template": {SYSADMIN},
    "outbox": {SYSADMIN},
    "inbox": WORKING, "done": WORKING, "sent": {UNIT, OTHER_UNIT}, "inbox-peek": {UNIT},
    "task": OWN, "evidence": OWN, "process": OWN, "audit-process": OWN, "letter": OWN,
    "told": {UNIT, OTHER_UNIT}, "letter-docx": OWN, "letters": BUSINESS, "interview": OWN,
    "interview-docx": OWN, "interview-new": {CLERK},
    "letter-preview": set(),  # only while a letter is not served yet
    "appeals": BUSINESS, "appeal-new": {UNIT, OTHER_UNIT}, "appeal": CASE, "appeal-decision": CASE,
    "appeal-decision-word": CASE, "appeal-withdraw": {UNIT}, "appeal-second": {UNIT},
    "appeal-recusal": {UNIT, REVIEWER}, "appeal-appoint": {LEADING}, "appeal-assign": set(),  # its head only
    "claims": {UNIT, OTHER_UNIT, CLERK}, "claim-new": {UNIT, OTHER_UNIT, CLERK},
    "adjustments": {UNIT, OTHER_UNIT} | OVERSEERS, "adjustment-new": {UNIT, OTHER_UNIT, CLERK},
    "adjustment-withdraw": set(), "adjustment-lines": set(),  # nothing is adjusted any more by then
    "round-ballots": {CLERK}, "ballot-paper": {CLERK}, "office-act": {CLERK},
    "rectify": OWNERS, "rectify-one": OWN, "rectify-new": {CLERK, AUDITOR}, "rectify-revoke": {CLERK},
    "rectify-carrying": {CLERK}, "rectify-carry": set(), "task-extend": {UNIT},
    "office": OVERSEERS, "office-overdue": OVERSEERS, "office-stage": OVERSEERS, "office-unit": OVERSEERS,
    "office-cycles": OVERSEERS, "office-cycle": OVERSEERS, "office-calendar": OVERSEERS,
    "office-waive": {LEADING}, "office-cycle-cancel": {LEADING},
    "office-tie": set(), "office-quota": set(),  # the small county has neither a tie nor an open quota
    "kpi": BUSINESS, "indicator": OWN_RESULT | {COLLECTOR, REVIEWER}, "results": BUSINESS,
    "runs": BUSINESS, "run": BUSINESS, "correction": {CLERK}, "correction-claim": {CLERK},
    "change-notice": set(), "change-notice-docx": set(),  # nothing was changed after its approval
    "result-unit": OWN_RESULT, "publication": OWNERS | {LEADER}, "publications": BUSINESS,
    "uses": BUSINESS, "policy": BUSINESS,
    "audit": {AUDITOR}, "audit-event": {AUDITOR}, "audit-integrity": {AUDITOR}, "audit-refusals": {AUDITOR},
    "audit-signins": {AUDITOR},
}  # fmt: skip
WRITE: dict[str, set[str]] = {
    "logout": set(ROLES), "me-password": set(ROLES), "me-office": set(ROLES),
    "account-password": {SYSADMIN}, "account-active": {SYSADMIN}, "import-take": {SYSADMIN},
    "outbox-replay": {SYSADMIN},
    # Overseers see the task; whether they may act is asked by the service, which refuses in a sentence.
    "task-receive": OWN, "task-draft": OWN, "task-submit": OWN, "task-evidence": OWN,
    "evidence-withdraw": OWN, "appeal-proposal": {REVIEWER}, "appeal-impact": {REVIEWER},
    "rectify-csv": OWNERS, "rectify-xlsx": OWNERS, "rectify-milestone": {UNIT},
    "ballots-close": {CLERK}, "ballot-link": {CLERK}, "office-urge": {CLERK}, "policy-confirm": {CLERK},
    "office-overdue-export": OVERSEERS, "process-export": OWN, "audit-export": {AUDITOR},
    "audit-integrity-run": {AUDITOR}, "results-csv": BUSINESS, "results-xlsx": BUSINESS,
    "office-cycle-units": {CLERK}, "office-cycle-indicators": {CLERK}, "office-calendar-day": {CLERK},
    "office-calendar-confirm": {CLERK},
}  # fmt: skip


def patterns(resolver: Any = None, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Every address of the product: its name and its pattern."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each, prefix + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield each.name or "", prefix + str(each.pattern)


def test_every_address_is_in_the_table_once() -> None:
    tabled = [*READ, *WRITE, *PUBLIC]
    assert sorted(tabled) == sorted(name for name, _ in patterns())


@pytest.fixture(name="addresses")
def of_the_small_county(uses: County) -> dict[str, str]:
    """Every address, filled in with things that exist and belong to the first unit."""
    problem = rectifying.planned(uses, rectifying.listed(uses))
    uses.do(problem, "approve", choice="back_plan", comment="请写明责任人。", as_=CLERK)
    item = uses.item(problem, "plan")
    user = uses.user(UNIT)
    attaching.attach(item.pk, user_id=user, name="证明.pdf", size=3, chunks=[b"abc"])
    found = {
        "account_id": uses.user(COLLECTOR), "kind": "offices", "item_id": item.pk, "token": "made-up",
        "evidence_id": Evidence.objects.filter(matter=item.matter_id).latest("uploaded_at").pk,
        "key": "midyear", "turnout_id": Turnout.objects.filter(key="midyear")[0].pk, "stage": "uses",
        "action": "archive", "matter_id": item.matter_id, "group": "township", "level": "advanced",
        "code": "nanniu", "process_id": item.process_id, "message_id": Outbox.objects.all()[0].pk,
        "indicator_id": uses.indicator("nanniu", "investment").pk, "year": 2026, "number": 1,
        "notice_id": uuid7(), "claim_id": AdjustmentClaim.objects.filter(sort="bonus")[0].pk,
        "feedback_id": Feedback.objects.get(subject__code="nanniu").pk,
        "interview_id": interviewed(uses, "nanniu").pk,
        "publication_id": Publication.objects.filter(key__startswith="township")[0].pk,
        "adjustment_id": item.matter_id,
        "rectification_id": problem.pk, "milestone_id": problem.milestones.all()[0].pk,
        "appeal_id": appealing.brought_to(uses, "sign", outcome="uphold").pk,
        "policy": uses.cycle.policy_id, "event_id": Event.objects.all()[0].pk,
    }  # fmt: skip
    return {
        name: re.sub(r"<\w+:(\w+)>", lambda match: str(found[match[1]]), pattern)
        for name, pattern in patterns()
    }


def test_signed_out_everything_leads_to_the_sign_in_page(addresses: dict[str, str]) -> None:
    client = Client()
    for name, path in addresses.items():
        if name in PUBLIC:
            continue
        answer = client.post(path) if name in WRITE else client.get(path)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/login/"), name


@pytest.mark.parametrize("role", ROLES)
def test_pages_open_to_whom_the_table_names(addresses: dict[str, str], role: str) -> None:
    client = signed_in(role)
    found = {name: client.get(addresses[name]).status_code for name in READ}
    wrong = {
        name: status
        for name, status in found.items()
        if status not in ((200, 302) if role in READ[name] else (404,))
    }
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_commands_answer_whom_the_table_names(addresses: dict[str, str], role: str) -> None:
    wrong = {}
    for name, allowed in WRITE.items():
        client = signed_in(role)
        assert client.get(addresses[name]).status_code == 405, name
        status = client.post(addresses[name]).status_code
        lawful = (200, 204, 302, 404, 422) if name == "me-office" else (200, 204, 302, 422)
        if status not in (lawful if role in allowed else (404,)):
            wrong[name] = status
        if name == "account-active":
            client.post(addresses[name], {"active": "yes"})
    assert wrong == {}
