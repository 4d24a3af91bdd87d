"""The flows' contract: keys and node names are stored with every task, so they never change silently."""

from __future__ import annotations

import pytest
from viewflow.workflow.lock import SelectForUpdateLock

from cycle.models import KINDS
from policies.packs.processes import default_process
from workflows.flows import BY_KEY, BY_KIND, FLOWS, MatterFlow
from workflows.models import Process, Task
from workflows.nodes import LAPSE, Begin, Finish, Step

# flow → kind of matter, stage, steps: (name, role, joint, ways out)
CONTRACT: dict[str, tuple[str, str, list[tuple[str, str, bool, dict[str, str]]]]] = {
    "indicator_setting": (
        "sheet",
        "indicator_setting",
        [
            ("declare", "", False, {"next": "approve"}),
            ("approve", "head", False, {"next": "first_review", "back_declare": "declare"}),
            ("first_review", "", False, {"next": "joint_review", "back_declare": "declare"}),
            (
                "joint_review",
                "",
                True,
                {"next": "decide", "back_declare": "declare", "back_approve": "approve"},
            ),
            (
                "decide",
                "",
                False,
                {"next": "issue", "back_declare": "declare", "back_first_review": "first_review"},
            ),
            ("issue", "", False, {"next": "sign"}),
            ("sign", "head", False, {"next": "end"}),
        ],
    ),
    "adjustment": (
        "adjustment",
        "indicator_setting",
        [
            ("request", "", False, {"next": "review", "lapse": "end"}),
            ("review", "", False, {"next": "approve", "back_request": "request", "reject": "end"}),
            ("approve", "", False, {"next": "approve_key", "back_request": "request", "reject": "end"}),
            ("approve_key", "", False, {"next": "end", "back_request": "request", "reject": "end"}),
        ],
    ),
    "report": (
        "report",
        "monitoring",
        [
            ("fill", "", False, {"next": "approve"}),
            ("approve", "head", False, {"next": "verify", "back_fill": "fill"}),
            ("verify", "", True, {"next": "end", "back_fill": "fill"}),
        ],
    ),
    "compilation": ("compilation", "monitoring", [("compile", "", False, {"next": "end"})]),
    "self_assessment": (
        "self_assessment",
        "assessment",
        [
            ("write", "", False, {"next": "approve"}),
            ("approve", "head", False, {"next": "end", "back_write": "write"}),
        ],
    ),
    "data_verification": (
        "collection",
        "assessment",
        [
            ("collect", "", False, {"next": "approve"}),
            ("approve", "head", False, {"next": "check", "back_collect": "collect"}),
            ("check", "", False, {"next": "end", "back_collect": "collect"}),
        ],
    ),
    "ballot": ("turnout", "assessment", [("vote", "", False, {"next": "end"})]),
    "survey": ("survey", "assessment", [("run", "", False, {"next": "end"})]),
    "claim": (
        "claim",
        "assessment",
        [
            ("submit", "", False, {"next": "answer"}),
            ("answer", "", False, {"next": "verify", "lapse": "verify"}),
            ("verify", "", False, {"next": "confirm", "back_submit": "submit", "reject": "end"}),
            ("confirm", "", False, {"next": "end", "back_submit": "submit", "reject": "end"}),
        ],
    ),
    "publicity": (
        "publication",
        "assessment",
        [
            ("publish", "", False, {"next": "close"}),
            ("close", "", False, {"next": "post", "lapse": "end"}),
            ("post", "", False, {"next": "end"}),
        ],
    ),
    "approval": (
        "approval",
        "assessment",
        [
            ("compile", "", False, {"next": "opinions"}),
            ("opinions", "", True, {"next": "approve", "back_compile": "compile"}),
            ("approve", "", False, {"next": "end", "back_compile": "compile"}),
        ],
    ),
    "feedback": (
        "feedback",
        "feedback",
        [
            ("serve", "", False, {"next": "sign"}),
            ("sign", "head", False, {"next": "end", "lapse": "end"}),
        ],
    ),
    "interview": (
        "interview",
        "feedback",
        [
            ("record", "", False, {"next": "confirm"}),
            ("confirm", "head", False, {"next": "end", "back_record": "record", "lapse": "end"}),
        ],
    ),
    "consequence": (
        "consequence",
        "uses",
        [
            ("execute", "", False, {"next": "verify"}),
            ("verify", "", False, {"next": "evaluate", "back_execute": "execute", "revoke": "end"}),
            ("evaluate", "", False, {"next": "end", "revoke": "end"}),
        ],
    ),
    "appeal": (
        "appeal",
        "feedback",
        [
            ("file", "", False, {"next": "appoint", "lapse": "end"}),
            ("appoint", "", False, {"next": "accept"}),
            ("accept", "", False, {"next": "answer", "ask": "supplement", "reject": "end"}),
            ("answer", "", False, {"next": "investigate", "lapse": "investigate"}),
            ("investigate", "", False, {"next": "decide"}),
            ("decide", "", False, {"next": "approve"}),
            ("approve", "head", False, {"next": "sign", "back_decide": "decide"}),
            ("sign", "head", False, {"next": "end", "lapse": "end"}),
            ("supplement", "", False, {"next": "accept", "lapse": "accept"}),
        ],
    ),
    "recusal": ("recusal", "feedback", [("decide", "", False, {"next": "end", "reject": "end"})]),
    "rectification": (
        "rectification",
        "feedback",
        [
            ("plan", "", False, {"next": "approve"}),
            ("approve", "", False, {"next": "result", "back_plan": "plan"}),
            ("result", "", False, {"next": "check"}),
            ("check", "", False, {"next": "end", "back_result": "result"}),
        ],
    ),
    "extension": ("extension", "feedback", [("decide", "", False, {"next": "end", "reject": "end"})]),
    "recheck": (
        "recheck",
        "feedback",
        [
            ("measure", "", False, {"next": "confirm"}),
            ("confirm", "head", False, {"next": "end", "back_measure": "measure"}),
        ],
    ),
    "reapproval": (
        "reapproval",
        "feedback",
        [
            ("submit", "", False, {"next": "reapprove"}),
            ("reapprove", "", False, {"next": "end", "back_submit": "submit"}),
        ],
    ),
    "change_notice": (
        "change_notice",
        "feedback",
        [("sign", "head", False, {"next": "end", "lapse": "end"})],
    ),
}
each_flow = pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.key)


def steps(flow: type[MatterFlow]) -> list[Step]:
    """The steps in the order in which a matter that is never returned passes them, then those beside it."""
    found, node = [], flow.instance.node("start")._next
    while isinstance(node, Step):
        found.append(node)
        node = node.choices["next"].target
    return found + [each for each in flow.instance.nodes() if isinstance(each, Step) and each not in found]


def edges(flow: type[MatterFlow]) -> dict[str, set[str]]:
    """Node → nodes that a token can move to."""
    return {node.name: {edge.dst.name for edge in node._outgoing()} for node in flow.instance.nodes()}


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        for node in graph[ahead.pop()] - found:
            found.add(node)
            ahead.append(node)
    return found


def test_the_flows_are_those_of_the_contract() -> None:
    assert [flow.key for flow in FLOWS] == list(CONTRACT)
    assert len(BY_KEY) == len(BY_KIND) == len(FLOWS)
    assert set(BY_KIND) == set(KINDS), "every kind of matter has its flow"


@each_flow
def test_names_roles_and_ways_of_every_step(flow: type[MatterFlow]) -> None:
    kind, stage, expected = CONTRACT[flow.key]
    assert (flow.kind.KIND, flow.stage.value) == (kind, stage)
    assert [
        (step.name, step.role, step.joint, {name: way.target.name for name, way in step.choices.items()})
        for step in steps(flow)
    ] == expected
    others = {node.name: type(node) for node in flow.instance.nodes() if node not in steps(flow)}
    assert others == {"start": Begin, "end": Finish}


@each_flow
def test_every_node_leads_from_the_start_to_the_end(flow: type[MatterFlow]) -> None:
    graph = edges(flow)
    assert reachable(graph, "start") == set(graph)
    assert [node for node in graph if "end" not in reachable(graph, node)] == []


@each_flow
def test_ways_back_lead_back_and_ask_for_a_reason(flow: type[MatterFlow]) -> None:
    order = [step.name for step in steps(flow)]
    for step in steps(flow):
        for way in step.choices.values():
            assert way.needs_reason == (way.name not in ("next", LAPSE))
            assert callable(way.does)
            assert way.title
            if way.is_return:
                assert order.index(way.target.name) < order.index(step.name)
                assert way.name == f"back_{way.target.name}"
                assert way.title == f"退回{way.target.task_title}"


@each_flow
def test_a_second_person_waits_for_the_first(flow: type[MatterFlow]) -> None:
    """A lock that fails at once (`nowait`, the library's default) breaks an outer transaction."""
    assert isinstance(flow.lock_impl, SelectForUpdateLock)
    assert flow.lock_impl.nowait is False
    assert (flow.process_class, flow.task_class) == (Process, Task)


@each_flow
def test_every_step_has_a_rule_in_the_default_process(flow: type[MatterFlow]) -> None:
    known = default_process()[flow.stage.value]
    for step in steps(flow):
        name, key = step.rule_for(None)
        rule = known[name][key]
        assert rule.skip or rule.office or step.to is not None, f"{flow.key}.{step.name} goes to nobody"


@each_flow
def test_only_a_joint_step_has_a_closing_service(flow: type[MatterFlow]) -> None:
    for step in steps(flow):
        assert (step.after is not None) == step.joint


@each_flow
def test_titles_are_chinese_and_told_apart(flow: type[MatterFlow]) -> None:
    titles = [step.task_title for step in steps(flow)]
    assert len(set(titles)) == len(titles)
    assert all("\u4e00" <= sign <= "\u9fff" for title in titles for sign in title)
    assert flow.process_title


@each_flow
def test_no_flow_inherits_from_another(flow: type[MatterFlow]) -> None:
    """A subclass keeps edges to the nodes of its parent: versions are made by copy."""
    assert flow.__bases__ == (MatterFlow,)
    assert all(node.flow_class is flow for node in flow.instance.nodes())
