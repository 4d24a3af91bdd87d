"""What the product asks a pack for: components by how they are scored, rounds, adjustment items."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from policies.packs import Pack
from policies.packs.content import Component
from policies.packs.contents import flat_components


@dataclass(frozen=True, slots=True)
class ClaimItem:
    """A bonus, deduction or veto item as the claim forms need it."""

    id: str
    title: str
    points: str
    given_range: tuple[Decimal, Decimal] | None
    decided_by: str
    cite: str


def components_scored_by(pack: Pack, group: str, how: str) -> list[str]:
    """Return the ids of a group's components (and parts) that are scored by `how` (ballots, survey, …)."""
    return [key for key, one, _ in flat_components(pack.content[group].components) if one.scored_by == how]


def rounds(pack: Pack, group: str, component: str) -> frozenset[str]:
    """Return the rounds in which a component is scored; empty for one the group does not have."""
    try:
        return frozenset(pack.rounds(group, component))
    except KeyError:
        return frozenset()


def indicator_points(pack: Pack, group: str) -> dict[str, Decimal]:
    """Return the points that a group's indicators must add up to, by component."""
    return dict(_indicator_points(pack.content[group].components, pack.scale))


def _indicator_points(components: dict[str, Component], holder: Fraction) -> Iterator[tuple[str, Decimal]]:
    for key, one in components.items():
        points = one.points.of(holder)
        if one.scored_by == "indicators":
            yield key, decimal_of(points)
        yield from _indicator_points(one.parts, points)


def voter_kind(pack: Pack, group: str, component: str) -> str:
    """Return the kind of voters of a ballot component that leaders' posts stand for (the first)."""
    definition = pack.component(group, component)
    return next(iter(definition.voters)) if definition else ""


def claim_items(pack: Pack, group: str, sort: str) -> dict[str, ClaimItem]:
    """Return the items that may be claimed for a group: `sort` is bonus, deduction or veto."""
    content = pack.content[group]
    if sort == "veto":
        return {
            key: ClaimItem(key, veto.title, "", None, next(iter(veto.decided_by), ""), veto.cite or "")
            for key, veto in content.vetoes.items()
        }
    section = {"bonus": content.bonus, "deduction": content.deduction}[sort]
    return {
        key: ClaimItem(
            key,
            item.title,
            "、".join(str(decimal_of(points)) for points in item.points.by_occurrence),
            (decimal_of(item.range[0]), decimal_of(item.range[1])) if item.range else None,
            next(iter(item.decided_by), ""),
            item.cite or "",
        )
        for key, item in (section.items.items() if section else ())
    }


def level_titles(params: dict[str, Any]) -> dict[str, str]:
    """Return the levels of an indicator that is graded (`levels`): id → title, or the id without a title."""
    levels = params.get("levels", {})
    return {
        key: (level.get("title") or key) if isinstance(level, dict) else key for key, level in levels.items()
    }


def decimal_of(value: Fraction) -> Decimal:
    """Return a terminating fraction as a decimal; numbers in packs are written as decimals."""
    return Decimal(value.numerator) / Decimal(value.denominator)
