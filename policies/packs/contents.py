"""What each group is assessed on, once content shared by several groups is spread out."""

from collections.abc import Iterator

from policies.packs.content import Component, GroupContent
from policies.packs.document import Document
from policies.packs.errors import Path
from policies.packs.outcome import GradeScheme

RESERVED = frozenset({"bonus", "deduction", "none"})
"""Pseudo components: indicators put there are not part of the base."""


def covers(groups: tuple[str, ...], group: str) -> bool:
    """Does a `for` name the group?"""
    return groups == ("all",) or group in groups


def sources_of(document: Document, group: str) -> Iterator[tuple[Path, GroupContent]]:
    """The group's own content, then the shared ones that name it, each with its path."""
    if group in document.content:
        yield ("content", group), document.content[group]
    for index, common in enumerate(document.common):
        if covers(common.groups, group):
            yield ("content", "common", index), common


def content_of(document: Document, group: str) -> GroupContent:
    """All content of a group in one; ids are unique (the cross-check sees to it), own sections come first."""
    parts = [content for _, content in sources_of(document, group)]
    return GroupContent(
        components={key: value for part in parts for key, value in part.components.items()},
        bonus=next((part.bonus for part in parts if part.bonus), None),
        deduction=next((part.deduction for part in parts if part.deduction), None),
        vetoes={key: value for part in parts for key, value in part.vetoes.items()},
        watched=next((part.watched for part in parts if part.watched.indicators), GroupContent().watched),
        limits=next((part.limits for part in parts if part.limits), document.limits),
    )


def flat_components(
    components: dict[str, Component], path: Path = ()
) -> Iterator[tuple[str, Component, Path]]:
    """Every component and part with its id and path below `components`, parents before parts."""
    for key, component in components.items():
        here = (*path, key)
        yield key, component, here
        yield from flat_components(component.parts, (*here, "parts"))


def scheme_of(document: Document, group: str) -> GradeScheme | None:
    """The grades of a group; None if it is scored and not graded."""
    return next((scheme for scheme in document.grades if covers(scheme.groups, group)), None)
