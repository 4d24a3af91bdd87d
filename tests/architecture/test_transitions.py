"""The lifecycles as tables, and the rule that only services move anything along them."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cycle.models import KINDS, Cycle, Indicator, Matter
from cycle.models.cycle import CycleState
from tests.architecture.sources import modules, name, tree

Table = set[tuple[str, str, str]]

CYCLE: Table = {
    ("open_setting", "preparation", "indicator_setting"),
    ("open_monitoring", "indicator_setting", "monitoring"),
    ("open_assessment", "monitoring", "assessment"),
    ("open_feedback", "assessment", "feedback"),
    ("open_uses", "feedback", "uses"),
    ("archive", "uses", "archived"),
    ("cancel", "preparation", "cancelled"),
    ("cancel", "indicator_setting", "cancelled"),
    ("cancel", "monitoring", "cancelled"),
    ("cancel", "assessment", "cancelled"),
    ("cancel", "feedback", "cancelled"),
    ("cancel", "uses", "cancelled"),
}
INDICATOR: Table = {
    ("issue", "draft", "issued"),
    ("supersede", "issued", "superseded"),
    ("drop", "draft", "dropped"),
    ("revoke", "issued", "dropped"),
}
MATTERS: dict[str, Table] = {
    "sheet": {
        ("declare", "draft", "declared"),
        ("approve", "declared", "approved"),
        ("review", "approved", "reviewed"),
        ("close_review", "reviewed", "joint_reviewed"),
        ("decide", "reviewed", "decided"),
        ("decide", "joint_reviewed", "decided"),
        ("issue", "decided", "issued"),
        ("sign", "issued", "signed"),
        ("give_back", "declared", "draft"),
        ("give_back", "approved", "draft"),
        ("give_back", "reviewed", "draft"),
        ("give_back", "joint_reviewed", "draft"),
        ("give_back", "decided", "draft"),
        ("give_back_to_head", "reviewed", "declared"),
        ("give_back_to_head", "joint_reviewed", "declared"),
        ("give_back_to_head", "decided", "declared"),
        ("give_back_to_review", "reviewed", "approved"),
        ("give_back_to_review", "joint_reviewed", "approved"),
        ("give_back_to_review", "decided", "approved"),
    },
    "report": {
        ("fill", "due", "filled"),
        ("approve", "filled", "approved"),
        ("verify", "approved", "verified"),
        ("compile", "verified", "compiled"),
        ("give_back", "filled", "due"),
        ("give_back", "approved", "due"),
    },
    "adjustment": {
        ("ask", "draft", "requested"),
        ("review", "requested", "reviewed"),
        ("refer", "reviewed", "referred"),
        ("approve", "reviewed", "effective"),
        ("approve", "referred", "effective"),
        ("give_back", "requested", "draft"),
        ("give_back", "reviewed", "draft"),
        ("give_back", "referred", "draft"),
        ("reject", "requested", "rejected"),
        ("reject", "reviewed", "rejected"),
        ("reject", "referred", "rejected"),
        ("withdraw", "draft", "withdrawn"),
        ("withdraw", "requested", "withdrawn"),
        ("withdraw", "reviewed", "withdrawn"),
        ("withdraw", "referred", "withdrawn"),
    },
    "compilation": {("submit", "open", "submitted")},
    "self_assessment": {
        ("write", "due", "written"),
        ("approve", "written", "approved"),
        ("give_back", "written", "due"),
    },
    "collection": {
        ("collect", "open", "collected"),
        ("approve", "collected", "approved"),
        ("accept", "approved", "checked"),
        ("give_back", "collected", "open"),
        ("give_back", "approved", "open"),
    },
    "turnout": {("vote", "invited", "voted"), ("miss", "invited", "missed")},
    "survey": {("record_results", "open", "recorded")},
    "claim": {
        ("submit", "draft", "submitted"),
        ("answer", "submitted", "answered"),
        ("verify", "submitted", "verified"),
        ("verify", "answered", "verified"),
        ("confirm", "verified", "confirmed"),
        ("reject", "submitted", "rejected"),
        ("reject", "answered", "rejected"),
        ("reject", "verified", "rejected"),
        ("give_back", "submitted", "draft"),
        ("give_back", "answered", "draft"),
        ("give_back", "verified", "draft"),
    },
    "publication": {
        ("publish", "prepared", "published"),
        ("close", "published", "closed"),
        ("post", "prepared", "posted"),
    },
    "approval": {
        ("compile", "open", "compiled"),
        ("close_opinions", "compiled", "opined"),
        ("approve", "compiled", "approved"),
        ("approve", "opined", "approved"),
        ("give_back", "compiled", "open"),
        ("give_back", "opined", "open"),
    },
    "feedback": {
        ("serve", "prepared", "served"),
        ("sign", "served", "signed"),
        ("deem_received", "served", "signed"),
    },
    "appeal": {
        ("file", "draft", "filed"),
        ("lapse", "draft", "lapsed"),
        ("accept", "filed", "accepted"),
        ("refuse", "filed", "refused"),
        ("ask", "filed", "incomplete"),
        ("supplement", "incomplete", "filed"),
        ("answer", "accepted", "answered"),
        ("investigate", "answered", "investigated"),
        ("propose", "investigated", "proposed"),
        ("give_back", "proposed", "investigated"),
        ("decide", "proposed", "decided"),
        ("sign", "decided", "signed"),
        ("deem_received", "decided", "signed"),
        ("withdraw", "draft", "withdrawn"),
        ("withdraw", "filed", "withdrawn"),
        ("withdraw", "incomplete", "withdrawn"),
        ("withdraw", "accepted", "withdrawn"),
        ("withdraw", "answered", "withdrawn"),
        ("withdraw", "investigated", "withdrawn"),
        ("withdraw", "proposed", "withdrawn"),
    },
    "recusal": {("grant", "asked", "granted"), ("deny", "asked", "denied")},
    "interview": {
        ("record_talk", "planned", "recorded"),
        ("confirm", "recorded", "confirmed"),
        ("deem_received", "recorded", "confirmed"),
        ("give_back", "recorded", "planned"),
    },
    "consequence": {
        ("execute", "ordered", "executed"),
        ("verify", "executed", "verified"),
        ("evaluate", "verified", "evaluated"),
        ("give_back", "executed", "ordered"),
        ("revoke", "ordered", "revoked"),
        ("revoke", "executed", "revoked"),
        ("revoke", "verified", "revoked"),
    },
    "recheck": {
        ("measure", "open", "measured"),
        ("give_back", "measured", "open"),
        ("confirm", "measured", "confirmed"),
    },
    "reapproval": {
        ("compile", "open", "compiled"),
        ("close_opinions", "compiled", "opined"),
        ("approve", "compiled", "approved"),
        ("approve", "opined", "approved"),
        ("give_back", "compiled", "open"),
        ("give_back", "opined", "open"),
        ("merge", "open", "merged"),
        ("merge", "compiled", "merged"),
    },
    "change_notice": {("sign", "served", "signed"), ("deem_received", "served", "signed")},
    "rectification": {
        ("make_plan", "listed", "planned"),
        ("approve", "planned", "underway"),
        ("give_back_plan", "planned", "listed"),
        ("report", "underway", "reported"),
        ("close", "reported", "closed"),
        ("give_back", "reported", "underway"),
        ("revoke", "listed", "revoked"),
        ("revoke", "planned", "revoked"),
        ("revoke", "underway", "revoked"),
        ("revoke", "reported", "revoked"),
    },
    "extension": {
        ("grant", "asked", "granted"),
        ("deny", "asked", "denied"),
        ("expire", "asked", "expired"),
    },
}
each_kind = pytest.mark.parametrize("kind", sorted(KINDS))


def table(model: type[Any]) -> Table:
    """(method, from, to) of every transition of a model."""
    field = model._meta.get_field("state")
    return {(each.name, str(each.source), str(each.target)) for each in field.get_all_transitions(model)}


def test_the_lifecycle_of_a_cycle() -> None:
    assert table(Cycle) == CYCLE


def test_the_lifecycle_of_an_indicator() -> None:
    assert table(Indicator) == INDICATOR


def test_every_kind_of_matter_is_in_the_table() -> None:
    assert set(KINDS) == set(MATTERS)


@each_kind
def test_the_lifecycle_of_a_kind(kind: str) -> None:
    assert table(KINDS[kind]) == MATTERS[kind]


@each_kind
def test_states_are_those_of_the_transitions_and_final_ones_are_ends(kind: str) -> None:
    model, rows = KINDS[kind], MATTERS[kind]
    assert set(model.STATES) == {state for _, *ends in rows for state in ends}
    assert set(model.FINAL) <= set(model.STATES)
    leaving = {(source, target) for _, source, target in rows if source in model.FINAL}
    assert all(target in model.FINAL for _, target in leaving), "what is done is never undone"
    assert all(title and not title.isascii() for title in model.STATES.values())


def test_the_database_allows_exactly_the_states_of_the_code() -> None:
    migration = importlib.import_module("cycle.migrations.0009_merged_reapprovals")
    assert {kind: sorted(model.STATES) for kind, model in KINDS.items()} == migration.STATES


@pytest.mark.django_db
def test_the_constraint_accepts_a_state_of_the_kind_and_no_other() -> None:
    """The stored expression is evaluated over every kind with every state of any kind."""
    states = sorted({state for model in KINDS.values() for state in model.STATES} | {"", "invented"})
    pairs = [(kind, state) for kind in [*sorted(KINDS), "invented"] for state in states]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'cycle_matter_state'"
        )
        (expression,) = cursor.fetchone()
        cursor.execute(
            f"SELECT kind, state FROM unnest(%s::text[], %s::text[]) m(kind, state) WHERE {expression}",  # noqa: S608
            [list(column) for column in zip(*pairs, strict=True)],
        )
        accepted = set(cursor.fetchall())
    assert accepted == {(kind, state) for kind, model in KINDS.items() for state in model.STATES}


@pytest.mark.parametrize(
    "model", [Cycle, Indicator, Matter, *KINDS.values()], ids=lambda model: model.__name__
)
def test_a_state_cannot_be_assigned(model: type[Any]) -> None:
    record = model(state="draft")
    with pytest.raises(AttributeError, match="[Dd]irect"):
        record.state = "signed"


# --- who moves them ----------------------------------------------------------------------------------------


def outside() -> list[Path]:
    """Modules of the product that are not services."""
    folders = ("audit", "offices", "cycle", "workflows")
    return [path for path in modules(*folders) if "services" not in path.parts]


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def test_states_are_written_by_services_only() -> None:
    """`update(state=…)`, `bulk_create` and `bulk_update` pass by the lifecycle: services only."""
    records = {"Cycle", "Indicator", "Matter", *(model.__name__ for model in KINDS.values())}
    guilty = [
        f"{name(path)}:{call.lineno}"
        for path in outside()
        for call in calls(path)
        if (method(call) == "update" and "state" in {keyword.arg for keyword in call.keywords})
        or method(call) in {"bulk_create", "bulk_update"}
        or (isinstance(call.func, ast.Name) and call.func.id in records)
    ]
    assert guilty == []


def test_services_never_set_a_state_by_update() -> None:
    """Not even a service: a transition checks where the record stands, `update(state=…)` does not."""
    allowed = {"workflows/services/cancelling.py"}  # work items have states but no lifecycle of their own
    guilty = [
        f"{name(path)}:{call.lineno}"
        for path in modules()
        for call in calls(path)
        if method(call) == "update"
        and "state" in {keyword.arg for keyword in call.keywords}
        and name(path) not in allowed
    ]
    assert guilty == []


def test_transitions_are_taken_by_services_only() -> None:
    """A transition takes no argument, which tells `sheet.sign()` from `services.sign(matter, by=…)`."""
    verbs = {verb for rows in [CYCLE, INDICATOR, *MATTERS.values()] for verb, _, _ in rows}
    ambiguous = {"close"}  # files and connections are closed, too
    guilty = [
        f"{name(path)}:{call.lineno} {method(call)}"
        for path in outside()
        for call in calls(path)
        if method(call) in verbs - ambiguous and not call.args and not call.keywords
    ]
    assert guilty == []


def _held(path: Path) -> set[str]:
    """The kinds of matter that a module of services holds."""
    kinds = {model.__name__: kind for kind, model in KINDS.items()}
    return {
        kinds[call.args[0].id]
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id == "hold"
        if isinstance(call.args[0], ast.Name) and call.args[0].id in kinds
    }


def _moved(path: Path) -> set[str]:
    """The transitions that a module of services takes by name."""
    return {
        str(argument.value)
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in {"move", "_give_back"}
        for argument in call.args[1:2]
        if isinstance(argument, ast.Constant)
    }


@each_kind
def test_every_transition_of_a_kind_is_taken_by_its_services(kind: str) -> None:
    """One that nothing takes would be a dead promise."""
    taken = {verb for path in modules("cycle") if kind in _held(path) for verb in _moved(path)}
    inherited = {
        "reapproval": {"close_opinions"}
    }  # of the first approval; a change is not conferred on again
    assert {verb for verb, _, _ in MATTERS[kind]} - taken == inherited.get(kind, set())


def test_every_move_is_a_transition() -> None:
    for path in modules("cycle"):
        verbs = {verb for kind in _held(path) for verb, _, _ in MATTERS[kind]}
        assert _moved(path) - verbs == set(), name(path)


def test_every_service_knows_who_acts() -> None:
    """A service takes the actor or the user; what a clock or a one-time link asks for is listed here."""
    listed = {
        "cycle/services/agenda.py open_due",
        "cycle/services/calendars.py seed",
        "cycle/services/reports.py open_compilation_if_complete",
        "workflows/services/ballot_links.py vote",
        "workflows/services/sweeping.py fire",
        "workflows/services/tasks.py lapse",
    }
    nameless = {
        f"{name(path)} {node.name}"
        for path in modules()
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(each) in {"ledger.service", "service"} for each in node.decorator_list)
        and not {"by", "user_id"} & {each.arg for each in [*node.args.args, *node.args.kwonlyargs]}
    }
    assert nameless == listed


def test_cycle_states_name_the_five_stages_in_order() -> None:
    assert list(CycleState.values) == [
        "preparation",
        "indicator_setting",
        "monitoring",
        "assessment",
        "feedback",
        "uses",
        "archived",
        "cancelled",
    ]
