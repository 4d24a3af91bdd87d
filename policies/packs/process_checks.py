"""Cross-checks of the process: stages, flows, steps and offices the product and the pack know."""

from collections.abc import Iterable, Iterator

from policies.packs.contents import content_of
from policies.packs.document import Document
from policies.packs.errors import Path
from policies.packs.findings import Finding, missing_offices, offices_of, unknown
from policies.packs.procedure import BUILT_IN_OFFICES, STAGES
from policies.packs.processes import known_flows, known_steps


def check_process(document: Document) -> Iterator[Finding]:
    """Stages, flows, steps and their offices."""
    offices = offices_of(document) | BUILT_IN_OFFICES | set(document.assessors.voters)
    for stage, flows in document.process.items():
        if stage not in STAGES:
            yield unknown(("process", stage), "阶段", stage, STAGES)
            continue
        for flow, steps in flows.items():
            if flow not in known_flows(stage):
                yield unknown(("process", stage, flow), "流程", flow, known_flows(stage))
                continue
            for step, rule in steps.items():
                path = ("process", stage, flow, step)
                if step not in known_steps(stage, flow):
                    yield unknown(path, "步骤", step, known_steps(stage, flow))
                yield from missing_offices((*path, "office"), rule.office, offices)


def check_ladder(document: Document) -> Iterator[Finding]:
    """Whom the rungs of the ladder tell, which item they deduct."""
    offices = offices_of(document) | BUILT_IN_OFFICES
    items = {key for group in document.subjects.groups for key in _deduction_items(document, group)}
    for index, rung in enumerate(document.ladder):
        path_to: Path = ("process", "ladder", index)
        yield from missing_offices((*path_to, "to"), rung.to, offices | {"office", "head"})
        if rung.deduct and rung.deduct not in items:
            yield unknown((*path_to, "deduct"), "减分项", rung.deduct, items)


def _deduction_items(document: Document, group: str) -> Iterable[str]:
    section = content_of(document, group).deduction
    return section.items if section else ()
