"""Cross-checks of a pack whose form is right: sums, ids that refer to each other, schemes that overlap."""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from policies.exact import plain
from policies.packs.conditions import NEEDS_RESULT, Condition
from policies.packs.content import Component, TextIndicator
from policies.packs.contents import RESERVED, content_of, covers, flat_components, scheme_of, sources_of
from policies.packs.defects import defects
from policies.packs.document import Document
from policies.packs.errors import Path, did_you_mean
from policies.packs.methods import METHODS, parse_params
from policies.packs.procedure import BUILT_IN_OFFICES, STAGES
from policies.packs.processes import known_flows, known_steps
from policies.packs.values import MONTHS, QUARTERS

STANDARD_ROUNDS = frozenset({"midyear", "yearend", "h1", "h2", *QUARTERS, *MONTHS})


@dataclass(frozen=True)
class Finding:
    """A defect between parts of a pack. `about`: the unknown id; `scope`: what has to be whole to judge."""

    path: Path
    message: str
    suggestion: str = ""
    about: str = ""
    scope: Path = ()


def cross_check(document: Document) -> list[Finding]:
    """Every broken reference and sum of a document."""
    checks: tuple[Callable[[Document], Iterator[Finding]], ...] = (
        _subjects,
        _scopes,
        _unique_ids,
        _sums,
        _components,
        _adjustments,
        _vetoes,
        _grades,
        _uses,
        _process,
        _ladder,
        _results_of,
    )
    return [finding for check in checks for finding in check(document)]


def _unknown(path: Path, kind: str, name: str, known: Iterable[str]) -> Finding:
    return Finding(path, f"没有“{name}”这个{kind}。", did_you_mean(name, known), about=name)


def _groups(document: Document) -> set[str]:
    return set(document.subjects.groups)


def _subjects(document: Document) -> Iterator[Finding]:
    for key, group in document.subjects.groups.items():
        path = ("subjects", "groups", key)
        if group.count is not None and group.members and group.count != len(group.members):
            message = f"写明 {group.count} 个，名单里有 {len(group.members)} 个，请核对。"
            yield Finding((*path, "count"), message, scope=path)
    for key in document.content:
        if key not in document.subjects.groups:
            yield _unknown(("content", key), "组", key, _groups(document))


def _scopes(document: Document) -> Iterator[Finding]:
    scopes: list[tuple[Path, tuple[str, ...]]] = [
        *((("content", "common", n, "for"), one.groups) for n, one in enumerate(document.common)),
        *((("grades", n, "for"), scheme.groups) for n, scheme in enumerate(document.grades)),
        *((("uses", key, "for"), use.groups) for key, use in document.uses.items()),
    ]
    for path, groups in scopes:
        for group in groups:
            if group != "all" and group not in document.subjects.groups:
                yield _unknown(path, "组", group, {*_groups(document), "all"})
    for group in document.subjects.groups:
        schemes = [n for n, scheme in enumerate(document.grades) if covers(scheme.groups, group)]
        for extra in schemes[1:]:
            yield Finding(("grades", extra, "for"), f"“{group}”组已经有一套等次，同一组不能有两套。")


def _unique_ids(document: Document) -> Iterator[Finding]:
    for group in document.subjects.groups:
        seen: set[tuple[str, str]] = set()
        for path, content in sources_of(document, group):
            entries: list[tuple[str, str, Path]] = [
                *(
                    ("构成部分", key, ("components", *at))
                    for key, _, at in flat_components(content.components)
                ),
                *(("否决项", key, ("vetoes", key)) for key in content.vetoes),
                *(("加分", "bonus", ("bonus",)) for _ in [content.bonus] if content.bonus),
                *(("减分", "deduction", ("deduction",)) for _ in [content.deduction] if content.deduction),
            ]
            for kind, key, at in entries:
                if (kind, key) in seen:
                    yield Finding((*path, *at), f"“{group}”组里{kind}“{key}”写了两次，同一组里标识不能重复。")
                elif kind == "构成部分" and key in RESERVED:
                    yield Finding((*path, *at), f"“{key}”是保留的标识，请给这个构成部分换一个。")
                seen.add((kind, key))


def _sums(document: Document) -> Iterator[Finding]:
    for group in document.subjects.groups:
        contents = [content for _, content in sources_of(document, group)]
        components = [part for content in contents for part in content.components.values()]
        if components:
            path: Path = ("content", group, "components")
            total = sum((part.points.of(document.scale) for part in components), Fraction(0))
            if total != document.scale:
                message = (
                    f"各构成部分合计 {plain(total)} 分，应当正好是 {plain(document.scale)} 分（scale）。"
                )
                yield Finding(path, message, scope=("content",))
        for at, content in sources_of(document, group):
            yield from _part_sums(content.components, document.scale, (*at, "components"))


def _part_sums(components: dict[str, Component], holder: Fraction, path: Path) -> Iterator[Finding]:
    for key, component in components.items():
        points = component.points.of(holder)
        here = (*path, key, "parts")
        if component.parts:
            total = sum((part.points.of(points) for part in component.parts.values()), Fraction(0))
            if total != points:
                yield Finding(
                    here, f"各部分合计 {plain(total)} 分，应当正好是 {plain(points)} 分。", scope=here[:-1]
                )
        yield from _part_sums(component.parts, points, here)


def _components(document: Document) -> Iterator[Finding]:
    rounds = STANDARD_ROUNDS | set(document.periods.rounds)
    voters = set(document.assessors.voters)
    for group in document.subjects.groups:
        for path, content in sources_of(document, group):
            for _, component, at in flat_components(content.components):
                here = (*path, "components", *at)
                yield from _missing_from((*here, "rounds"), "评估轮次", component.rounds, rounds)
                yield from _missing_from((*here, "voters"), "打分主体", component.voters, voters)
                for key, indicator in component.indicators.items():
                    yield from _indicator((*here, "indicators", key), indicator, component)
            yield from _watched(path, content.watched.indicators)


def _watched(path: Path, indicators: dict[str, TextIndicator]) -> Iterator[Finding]:
    for key, indicator in indicators.items():
        yield from _indicator((*path, "watched", "indicators", key), indicator, None)


def _missing_from(path: Path, kind: str, names: Iterable[str], known: Set[str]) -> Iterator[Finding]:
    for name in names:
        if name not in known:
            yield _unknown((*path, name), kind, name, known)


def _indicator(path: Path, indicator: TextIndicator, component: Component | None) -> Iterator[Finding]:
    method = indicator.cell("method") or (component.method if component else None)
    heading = indicator.cell("heading")
    if component and heading and component.headings and heading not in component.headings:
        yield _unknown((*path, "heading"), "一级指标", heading, component.headings)
    if method is None:
        return
    if method not in METHODS:
        yield _unknown((*path, "method"), "计分方法", method, METHODS)
        return
    try:
        parse_params(method, indicator.params)
    except ValidationError as error:
        for defect in defects(error):
            yield Finding((*path, *defect.path), defect.message, defect.suggestion)


def _adjustments(document: Document) -> Iterator[Finding]:
    offices = _offices(document)
    for group in document.subjects.groups:
        for path, content in sources_of(document, group):
            for name, section in (("bonus", content.bonus), ("deduction", content.deduction)):
                if section is None:
                    continue
                for key, item in section.items.items():
                    here = (*path, name, "items", key)
                    if item.part and item.part != "source" and item.part not in section.parts:
                        yield _unknown((*here, "part"), "分项", item.part, {*section.parts, "source"})
                    yield from _missing_offices((*here, "decided_by"), item.decided_by, offices)
                for key, indicator in section.indicators.items():
                    yield from _indicator((*path, name, "indicators", key), indicator, None)


def _vetoes(document: Document) -> Iterator[Finding]:
    offices = _offices(document)
    for group in document.subjects.groups:
        scheme = scheme_of(document, group)
        levels = set(scheme.levels) if scheme else set()
        for path, content in sources_of(document, group):
            for key, veto in content.vetoes.items():
                here = (*path, "vetoes", key)
                yield from _missing_offices((*here, "decided_by"), veto.decided_by, offices)
                for name in ("bar", "set"):
                    grade = getattr(veto.effect, name)
                    if grade and grade not in levels and _schemes_are_known(document):
                        yield _unknown((*here, "effect", name), f"等次（{group}组）", grade, levels)
                if veto.when:
                    yield from _before_results((*here, "when"), veto.when, NEEDS_RESULT)
                    yield from _condition((*here, "when"), veto.when, document, (group,))


def _before_results(path: Path, condition: Condition, refused: frozenset[str]) -> Iterator[Finding]:
    for test in condition.walk():
        if test.key in refused:
            yield Finding((*path, test.key), f"这里还不知道结果，不能用 {test.key} 作条件。")


def _grades(document: Document) -> Iterator[Finding]:
    for index, scheme in enumerate(document.grades):
        path: Path = ("grades", index, "levels")
        groups = _expanded(scheme.groups, document)
        if not scheme.levels:
            yield Finding(path, "至少要有一个等次。")
            continue
        last, last_level = list(scheme.levels.items())[-1]
        if last_level.min is not None or last_level.quota or last_level.when.tests:
            yield Finding((*path, last), "最后一个等次要接收其余所有单位，不能再写 min、quota 或 when。")
        for key, level in scheme.levels.items():
            yield from _before_results(
                (*path, key, "when"),
                level.when,
                frozenset({"grade", "grade_or_worse", "grade_or_better", "history"}),
            )
            yield from _condition((*path, key, "when"), level.when, document, groups)
            for test in level.when.walk():
                if test.key == "rank" and test.argument.within:
                    message = "评等次时其他组还没有名次，这里的 rank 不能写 within。"
                    yield Finding((*path, key, "when", "rank"), message)
            for group in groups:
                known = set(_component_ids(document, group)) | {"exact_total", "fewer:deduction"}
                for tie in level.ties.by:
                    if tie not in known:
                        yield _unknown((*path, key, "ties", "by"), f"排序依据（{group}组）", tie, known)


def _uses(document: Document) -> Iterator[Finding]:
    offices = _offices(document) | BUILT_IN_OFFICES
    for key, use in document.uses.items():
        path = ("uses", key)
        if use.office and use.office not in offices:
            yield _unknown((*path, "office"), "机构", use.office, offices)
        for replaced in use.replaces:
            if replaced not in document.uses:
                yield _unknown((*path, "replaces"), "结果运用", replaced, document.uses)
        yield from _condition((*path, "when"), use.when, document, _expanded(use.groups, document))
    for alert, entry in document.alerts.items():
        yield from _missing_offices(
            ("process", "monitoring", "alerts", alert, "office"), entry.office, offices
        )


def _condition(
    path: Path, condition: Condition, document: Document, groups: tuple[str, ...]
) -> Iterator[Finding]:
    known = _known_ids(document, groups)
    for test in condition.walk():
        for name in _names(test.key, test.argument):
            kind, ids = known[test.key]
            if name not in ids and (kind != "等次" or _schemes_are_known(document)):
                yield _unknown((*path, test.key), kind, name, ids)


def _names(key: str, argument: Any) -> Iterable[str]:
    if key in {"group", "veto", "bonus", "deduction", "grade"}:
        return tuple(argument)
    if key in {"grade_or_worse", "grade_or_better"}:
        return (argument,)
    if key == "percent":
        return tuple(argument)
    if key == "rank":
        return tuple(argument.within)
    if key == "apart":
        return tuple(argument.of)
    return tuple(argument.grades) if key == "history" else ()


def _schemes_are_known(document: Document) -> bool:
    """Does every set of grades name known groups? If not, that is the defect, and not each grade it hides."""
    known = {"all", *document.subjects.groups}
    return all(known.issuperset(scheme.groups) for scheme in document.grades)


def _known_ids(document: Document, groups: tuple[str, ...]) -> dict[str, tuple[str, set[str]]]:
    contents = [content_of(document, group) for group in groups if group in document.subjects.groups]
    schemes = [scheme_of(document, group) for group in groups]
    grades = {key for scheme in schemes if scheme for key in scheme.levels}
    components = {key for group in groups for key in _component_ids(document, group)}
    return {
        "group": ("组", _groups(document)),
        "rank": ("组", _groups(document)),
        "veto": ("否决项", {key for content in contents for key in content.vetoes}),
        "bonus": ("加分项", {key for content in contents if content.bonus for key in content.bonus.items}),
        "deduction": (
            "减分项",
            {key for content in contents if content.deduction for key in content.deduction.items},
        ),
        "percent": ("构成部分", components),
        "apart": ("构成部分", components),
        **dict.fromkeys(("grade", "grade_or_worse", "grade_or_better", "history"), ("等次", grades)),
    }


def _process(document: Document) -> Iterator[Finding]:
    offices = _offices(document) | BUILT_IN_OFFICES | set(document.assessors.voters)
    for stage, flows in document.process.items():
        if stage not in STAGES:
            yield _unknown(("process", stage), "阶段", stage, STAGES)
            continue
        for flow, steps in flows.items():
            if flow not in known_flows(stage):
                yield _unknown(("process", stage, flow), "流程", flow, known_flows(stage))
                continue
            for step, rule in steps.items():
                path = ("process", stage, flow, step)
                if step not in known_steps(stage, flow):
                    yield _unknown(path, "步骤", step, known_steps(stage, flow))
                yield from _missing_offices((*path, "office"), rule.office, offices)


def _ladder(document: Document) -> Iterator[Finding]:
    offices = _offices(document) | BUILT_IN_OFFICES
    items = {key for group in document.subjects.groups for key in _deduction_items(document, group)}
    for index, rung in enumerate(document.ladder):
        path_to: Path = ("process", "ladder", index)
        yield from _missing_offices((*path_to, "to"), rung.to, offices | {"office", "head"})
        if rung.deduct and rung.deduct not in items:
            yield _unknown((*path_to, "deduct"), "减分项", rung.deduct, items)


def _results_of(document: Document) -> Iterator[Finding]:
    needs: dict[str, set[str]] = {group: set() for group in document.subjects.groups}
    for group in document.subjects.groups:
        for path, content in sources_of(document, group):
            for _, component, at in flat_components(content.components):
                if component.results_of is None:
                    continue
                for other in component.results_of.group:
                    here = (*path, "components", *at, "results_of")
                    if other not in needs:
                        yield _unknown((*here, "group"), "组", other, needs)
                    elif group in _reachable(other, needs):
                        whose = "自己" if other == group else f"“{other}”组（“{other}”组又要用它）"
                        yield Finding(here, f"“{group}”组要用{whose}的结果，算不出先后。")
                    else:
                        needs[group].add(other)


def _reachable(start: str, needs: dict[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = needs[waiting.pop()] - found
        found |= fresh
        waiting += sorted(fresh)
    return found


def _offices(document: Document) -> set[str]:
    return set(document.assessors.offices)


def _missing_offices(path: Path, names: tuple[str, ...], offices: Iterable[str]) -> Iterator[Finding]:
    for name in names:
        if name not in set(offices):
            yield _unknown(path, "机构", name, offices)


def _expanded(groups: tuple[str, ...], document: Document) -> tuple[str, ...]:
    return tuple(document.subjects.groups) if groups == ("all",) else groups


def _component_ids(document: Document, group: str) -> list[str]:
    if group not in document.subjects.groups:
        return []
    return [key for key, _, _ in flat_components(content_of(document, group).components)]


def _deduction_items(document: Document, group: str) -> Iterable[str]:
    section = content_of(document, group).deduction
    return section.items if section else ()
