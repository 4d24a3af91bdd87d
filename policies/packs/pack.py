"""A policy pack: the checked rules of one scheme, with the bytes that identify them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from policies.packs.content import Adjustments, Component, GroupContent
from policies.packs.contents import content_of, covers, flat_components, scheme_of
from policies.packs.errors import dotted
from policies.packs.outcome import GradeScheme, Rounding, Use
from policies.packs.procedure import Assessors, Group, Note, Periods, Rung, StepRule
from policies.packs.processes import default_process, step_rule
from policies.packs.settling import dated, open_paths, parse_path, with_settings
from policies.packs.source import Source
from policies.packs.validation import validated

_ROLES: Final = {"office": "office", "lead": "lead", "decide": "decide"}
_DEFAULT_NOTE: Final = "方案没有规定，按通行做法设定，可以修改。"


class Pack:
    """One scheme. Cheap to pass around; never changed: `for_cycle` gives the pack of one year."""

    def __init__(self, source: Source, *, on: date | None = None) -> None:
        """Check the rules in force `on` a day (None: the latest); raises PackErrors with every defect."""
        self._source = source
        self._document = validated(dated(source, on))

    @property
    def id(self) -> str:
        """The pack's id, e.g. `zhengding`."""
        return self._document.policy

    @property
    def title(self) -> str:
        """The scheme's title."""
        return self._document.title

    @property
    def data(self) -> dict[str, Any]:
        """All values as written, with inheritance and local settings applied."""
        return self._source.data

    @cached_property
    def canonical(self) -> bytes:
        """The rules as canonical JSON: order kept (levels and bands are ordered), no spaces, UTF-8."""
        return json.dumps(self._source.data, ensure_ascii=False, separators=(",", ":")).encode()

    @cached_property
    def digest(self) -> str:
        """What identifies the rules: `sha256:` and the digest of the canonical bytes."""
        return "sha256:" + hashlib.sha256(self.canonical).hexdigest()

    @property
    def scale(self) -> Fraction:
        """What the components of a group add up to, e.g. 100."""
        return self._document.scale

    @property
    def rounding(self) -> dict[str, Rounding]:
        """Where numbers are rounded: `indicator`, `component`, `total`."""
        return {rule.at: rule for rule in self._document.rounding}

    @property
    def groups(self) -> dict[str, Group]:
        """评估对象 by id, in the order of the text."""
        return self._document.subjects.groups

    @cached_property
    def content(self) -> dict[str, GroupContent]:
        """评估内容 of each group, shared content included."""
        return {group: content_of(self._document, group) for group in self.groups}

    @property
    def process(self) -> dict[str, Any]:
        """评估流程 as written: stage → flow → step."""
        return self._document.process

    @property
    def ladder(self) -> list[Rung]:
        """The overdue ladder, in order."""
        return self._document.ladder

    @property
    def alerts(self) -> dict[str, Any]:
        """Alerts tried on every report."""
        return self._document.alerts

    @property
    def periods(self) -> Periods:
        """评估周期."""
        return self._document.periods

    @cached_property
    def grades(self) -> dict[str, GradeScheme]:
        """评估等次 of each graded group."""
        schemes = {group: scheme_of(self._document, group) for group in self.groups}
        return {group: scheme for group, scheme in schemes.items() if scheme}

    @property
    def uses(self) -> dict[str, Use]:
        """结果运用 by id."""
        return self._document.uses

    @property
    def assessors(self) -> Assessors:
        """评估主体."""
        return self._document.assessors

    @property
    def notes(self) -> list[Note]:
        """How silences and contradictions of the text were read."""
        return self._document.notes

    def uses_of(self, group: str) -> dict[str, Use]:
        """The consequences that may befall a group."""
        return {key: use for key, use in self.uses.items() if covers(use.groups, group)}

    def component(self, group: str, component: str) -> Component | None:
        """A component or part by id."""
        return self._flat[group].get(component)

    @cached_property
    def _flat(self) -> dict[str, dict[str, Component]]:
        return {
            group: {key: one for key, one, _ in flat_components(content.components)}
            for group, content in self.content.items()
        }

    def rounds(self, group: str, component: str) -> dict[str, Fraction]:
        """Round id → weight of a component (also of `bonus`, `deduction`); KeyError if there is none."""
        content = self.content[group]
        section: Component | Adjustments | None = self.component(group, component)
        section = section or {"bonus": content.bonus, "deduction": content.deduction}.get(component)
        if section is None:
            raise KeyError(f"{group}.{component}")
        return dict(section.rounds)

    def stage_title(self, stage: str) -> str:
        """A stage's name in this scheme, e.g. 指标设置."""
        return str(getattr(self._document, f"{stage}_title"))

    def step(self, stage: str, flow: str, step: str) -> StepRule:
        """Who does a step, by when; a step the pack does not name has the flow's default and says so.

        Raises KeyError for a step the product does not have.
        """
        written = self._document.process.get(stage, {}).get(flow, {}).get(step)
        if written:
            return step_rule(written)
        rule = step_rule(default_process()[stage][flow][step], is_default=True)
        offices = tuple(office for role in rule.offices for office in self._offices_in(role))
        return replace(rule, offices=offices, cite=None, basis_default=True)

    def defaults(self) -> list[tuple[str, str]]:
        """Path and note of every value with `basis: default`: ours, until the office confirms it."""
        return [(dotted(path), note) for path, note in _default_paths(self._source.data, ())]

    def open_values(self) -> list[str]:
        """Paths that still have to be set locally before a cycle can open."""
        return [dotted(path) for path in open_paths(self._source.data)]

    @property
    def ready(self) -> bool:
        """Can a cycle open, can anything be scored?"""
        return not self.open_values()

    def first_day(self, year: int) -> date:
        """The first day of a year's cycle: which dated values hold is decided by it, all cycle long."""
        (month, day), next_year = self.periods.cycle.first
        return date(year + next_year, month, day)

    def for_cycle(self, year: int, settings: Mapping[str, Any] | None = None) -> "Pack":
        """The pack of one year: local settings (path → value), values in force. Raises PackErrors."""
        return Pack(with_settings(self._source, settings or {}), on=self.first_day(year))

    def where(self, path: str) -> tuple[str, int]:
        """File and line of a value, for messages."""
        return self._source.where(parse_path(path))

    def _offices_in(self, role: str) -> tuple[str, ...]:
        if role == "voters":
            return tuple(self.assessors.voters)
        if role not in _ROLES:
            return (role,)
        return tuple(key for key, office in self.assessors.offices.items() if office.role == role)[:1]


def _default_paths(data: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    if isinstance(data, dict):
        if data.get("basis") == "default":
            found.append((path, str(data.get("note", _DEFAULT_NOTE))))
        for key, value in data.items():
            found += _default_paths(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            found += _default_paths(value, (*path, index))
    return found
