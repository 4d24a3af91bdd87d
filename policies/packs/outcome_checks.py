"""Cross-checks of vetoes, grades and consequences: grades and ids their conditions name."""

from collections.abc import Iterable, Iterator
from typing import Any

from policies.packs.conditions import NEEDS_RESULT, Condition
from policies.packs.contents import content_of, scheme_of, sources_of
from policies.packs.document import Document
from policies.packs.errors import Path
from policies.packs.findings import (
    Finding,
    component_ids,
    expanded,
    missing_offices,
    offices_of,
    unknown,
)
from policies.packs.procedure import BUILT_IN_OFFICES


def check_vetoes(document: Document) -> Iterator[Finding]:
    """Grades that vetoes name, offices that decide them, conditions that raise them."""
    offices = offices_of(document)
    for group in document.subjects.groups:
        scheme = scheme_of(document, group)
        levels = set(scheme.levels) if scheme else set()
        for path, content in sources_of(document, group):
            for key, veto in content.vetoes.items():
                here = (*path, "vetoes", key)
                yield from missing_offices((*here, "decided_by"), veto.decided_by, offices)
                for name in ("bar", "set"):
                    grade = getattr(veto.effect, name)
                    if grade and grade not in levels and _schemes_are_known(document):
                        yield unknown((*here, "effect", name), f"等次（{group}组）", grade, levels)
                if veto.when:
                    yield from _before_results((*here, "when"), veto.when, NEEDS_RESULT)
                    yield from _condition((*here, "when"), veto.when, document, (group,))


def _before_results(path: Path, condition: Condition, refused: frozenset[str]) -> Iterator[Finding]:
    for test in condition.walk():
        if test.key in refused:
            yield Finding((*path, test.key), f"这里还不知道结果，不能用 {test.key} 作条件。")


def check_grades(document: Document) -> Iterator[Finding]:
    """Levels, their conditions and their rules for ties."""
    for index, scheme in enumerate(document.grades):
        path: Path = ("grades", index, "levels")
        groups = expanded(scheme.groups, document)
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
                known = set(component_ids(document, group)) | {"exact_total", "fewer:deduction"}
                for tie in level.ties.by:
                    if tie not in known:
                        yield unknown((*path, key, "ties", "by"), f"排序依据（{group}组）", tie, known)


def check_uses(document: Document) -> Iterator[Finding]:
    """Offices and conditions of consequences and alerts."""
    offices = offices_of(document) | BUILT_IN_OFFICES
    for key, use in document.uses.items():
        path = ("uses", key)
        if use.office and use.office not in offices:
            yield unknown((*path, "office"), "机构", use.office, offices)
        for replaced in use.replaces:
            if replaced not in document.uses:
                yield unknown((*path, "replaces"), "结果运用", replaced, document.uses)
        yield from _condition((*path, "when"), use.when, document, expanded(use.groups, document))
    for alert, entry in document.alerts.items():
        yield from missing_offices(
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
                yield unknown((*path, test.key), kind, name, ids)


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
    components = {key for group in groups for key in component_ids(document, group)}
    return {
        "group": ("组", set(document.subjects.groups)),
        "rank": ("组", set(document.subjects.groups)),
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
