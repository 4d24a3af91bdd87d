"""Cross-checks of a pack whose form is right: sums, ids that refer to each other, schemes that overlap."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from pydantic import ValidationError

from policies.exact import plain
from policies.packs.content import Component, TextIndicator
from policies.packs.contents import RESERVED, covers, flat_components, sources_of
from policies.packs.defects import defects
from policies.packs.document import Document
from policies.packs.errors import Path
from policies.packs.findings import Finding, missing_from, missing_offices, offices_of, unknown
from policies.packs.methods import METHODS, parse_params
from policies.packs.outcome_checks import check_grades, check_uses, check_vetoes
from policies.packs.process_checks import check_ladder, check_process
from policies.packs.values import STANDARD_ROUNDS


def cross_check(document: Document) -> list[Finding]:
    """Every broken reference and sum of a document."""
    checks: tuple[Callable[[Document], Iterator[Finding]], ...] = (
        _subjects,
        _scopes,
        _unique_ids,
        _sums,
        _components,
        _adjustments,
        check_vetoes,
        check_grades,
        check_uses,
        check_process,
        check_ladder,
        _results_of,
    )
    return [finding for check in checks for finding in check(document)]


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
            yield unknown(("content", key), "组", key, _groups(document))


def _scopes(document: Document) -> Iterator[Finding]:
    scopes: list[tuple[Path, tuple[str, ...]]] = [
        *((("content", "common", n, "for"), one.groups) for n, one in enumerate(document.common)),
        *((("grades", n, "for"), scheme.groups) for n, scheme in enumerate(document.grades)),
        *((("uses", key, "for"), use.groups) for key, use in document.uses.items()),
    ]
    for path, groups in scopes:
        for group in groups:
            if group != "all" and group not in document.subjects.groups:
                yield unknown(path, "组", group, {*_groups(document), "all"})
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
                yield from missing_from((*here, "rounds"), "评估轮次", component.rounds, rounds)
                yield from missing_from((*here, "voters"), "打分主体", component.voters, voters)
                for key, indicator in component.indicators.items():
                    yield from _indicator((*here, "indicators", key), indicator, component)
            yield from _watched(path, content.watched.indicators)


def _watched(path: Path, indicators: dict[str, TextIndicator]) -> Iterator[Finding]:
    for key, indicator in indicators.items():
        yield from _indicator((*path, "watched", "indicators", key), indicator, None)


def _indicator(path: Path, indicator: TextIndicator, component: Component | None) -> Iterator[Finding]:
    method = indicator.cell("method") or (component.method if component else None)
    heading = indicator.cell("heading")
    if component and heading and component.headings and heading not in component.headings:
        yield unknown((*path, "heading"), "一级指标", heading, component.headings)
    if method is None:
        return
    if method not in METHODS:
        yield unknown((*path, "method"), "计分方法", method, METHODS)
        return
    try:
        parse_params(method, indicator.params)
    except ValidationError as error:
        for defect in defects(error):
            yield Finding((*path, *defect.path), defect.message, defect.suggestion)


def _adjustments(document: Document) -> Iterator[Finding]:
    offices = offices_of(document)
    for group in document.subjects.groups:
        for path, content in sources_of(document, group):
            for name, section in (("bonus", content.bonus), ("deduction", content.deduction)):
                if section is None:
                    continue
                for key, item in section.items.items():
                    here = (*path, name, "items", key)
                    if item.part and item.part != "source" and item.part not in section.parts:
                        yield unknown((*here, "part"), "分项", item.part, {*section.parts, "source"})
                    yield from missing_offices((*here, "decided_by"), item.decided_by, offices)
                for key, indicator in section.indicators.items():
                    yield from _indicator((*path, name, "indicators", key), indicator, None)


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
                        yield unknown((*here, "group"), "组", other, needs)
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
