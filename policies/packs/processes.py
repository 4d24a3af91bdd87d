"""The flows and steps the product has, and what holds for a step that a pack does not name."""

from functools import cache
from pathlib import Path

from policies.packs.procedure import Step, StepRule
from policies.packs.source import read_source

_DEFAULTS = Path(__file__).with_name("default_process.yaml")


@cache
def default_process() -> dict[str, dict[str, dict[str, Step]]]:
    """Stage → flow → step with its default office (a role) and clock."""
    source = read_source(_DEFAULTS.read_bytes(), _DEFAULTS.name)
    return {
        stage: {
            flow: {step: Step.model_validate(rule) for step, rule in steps.items()}
            for flow, steps in flows.items()
        }
        for stage, flows in source.data.items()
    }


def known_flows(stage: str) -> list[str]:
    """The flows of a stage."""
    return list(default_process().get(stage, {}))


def known_steps(stage: str, flow: str) -> list[str]:
    """The steps of a flow, in order."""
    return list(default_process().get(stage, {}).get(flow, {}))


def step_rule(step: Step, *, is_default: bool = False) -> StepRule:
    """What holds for a step, written or by default."""
    return StepRule(
        offices=step.office,
        clock=step.due,
        cite=step.cite,
        basis_default=is_default or step.basis == "default",
        skip=step.skip,
        why=step.why,
        is_default=is_default,
        audience=step.audience,
    )
