"""What counts for an indicator now, round by round, in words."""

from cycle.models import Indicator
from cycle.queries.periods import period_title
from cycle.queries.rules import level_titles
from cycle.services.measuring import recorded


def measured_values(indicator: Indicator) -> list[tuple[str, str]]:
    """Return (round, value) as people read them: a level by its title, a number with its unit."""
    return [
        (period_title(round), value_text(indicator, text))
        for round, text in sorted(recorded(indicator).items())
    ]


def value_text(indicator: Indicator, text: str) -> str:
    """Return a stored value of an indicator as people read it."""
    if indicator.method == "levels":
        return level_titles(indicator.params).get(text, text)
    return f"{text} {'分' if indicator.method == 'given' else indicator.unit}".strip()
