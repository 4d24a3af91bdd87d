"""Why a unit got its score: `explain(result, unit_id)` gives the tree, a `Node`."""

from policies.scoring.explanation import Node, explain

__all__ = ["Node", "explain"]
