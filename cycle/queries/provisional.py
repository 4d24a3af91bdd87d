"""Which values of an adopted policy are ours rather than the text's, and not confirmed yet (暂定)."""

from cycle.models import Cycle, PolicyConfirmation
from cycle.queries.packs import rules_of


def provisional_notes(cycle: Cycle) -> dict[str, str]:
    """Return path → note of the policy's values that the performance office has still to confirm."""
    confirmed = set(PolicyConfirmation.objects.filter(policy=cycle.policy_id).values_list("path", flat=True))
    return {path: note for path, note in rules_of(cycle).defaults() if path not in confirmed}


def component_note(cycle: Cycle, group: str, component: str) -> str:
    """Return why a component's rule is provisional; empty for one that the text or the office has settled."""
    return provisional_notes(cycle).get(f"content.{group}.components.{component}", "")
