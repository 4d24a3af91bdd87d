"""Points of single readings before the year is scored: what each round has brought so far, and why."""

from dataclasses import dataclass
from fractions import Fraction

from policies.facts import Facts
from policies.packs import Pack
from policies.scoring.component_accounts import round_title
from policies.scoring.engine import planned_run
from policies.scoring.measures import Unscorable
from policies.scoring.methods import describe_measure
from policies.scoring.plans import Planned
from policies.scoring.records import UnitResult
from policies.scoring.run import Run


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """One indicator in one round: points it can bring, points it brought, the computation, the note."""

    component: str
    indicator: str
    title: str
    round: str
    round_title: str
    points: Fraction
    score: Fraction
    formula: str
    numbers: str
    note: str
    cite: str

    @property
    def lost(self) -> Fraction:
        """What is missing to the full points."""
        return max(self.points - self.score, Fraction(0))


def score_readings(pack: Pack, facts: Facts, unit_id: str) -> list[ReadingScore]:
    """Score every reading of a unit by itself, in the order of its indicators and rounds.

    A reading that cannot be scored yet (its target depends on others that are missing) is left out. KeyError
    for an unknown unit.
    """
    run = planned_run(pack, facts)
    unit = run.units[unit_id]
    found = []
    for component, by_round in unit.plan.items():
        for round_id, ones in by_round.items():
            scored = (_scored(run, unit, component, round_id, one) for one in ones)
            found += [each for each in scored if each is not None]
    return found


def _scored(run: Run, unit: UnitResult, component: str, round_id: str, one: Planned) -> ReadingScore | None:
    reading = run.index.reading(unit.unit.unit, one.params.of or one.id, round_id)
    before = len(run.errors)
    score = run.score_indicator(unit, one, round_id)
    if reading is None or score is None or len(run.errors) > before:
        return None
    try:
        formula = describe_measure(one.method, one.params, run.measure(unit, one, round_id, reading), score)
    except Unscorable:
        return None
    held = run.pack.component(unit.group, component)
    return ReadingScore(
        component,
        one.id,
        one.title,
        round_id,
        round_title(run.pack, round_id),
        one.points,
        score,
        formula.words,
        formula.numbers,
        reading.note.strip(),
        one.cite or (held.cite if held else None) or "",
    )
