"""Scoring: a pure function from a policy pack and facts to a result, in exact arithmetic."""

from policies.scoring.engine import score
from policies.scoring.records import UnitResult
from policies.scoring.result import Result

__all__ = ["Result", "UnitResult", "score"]
