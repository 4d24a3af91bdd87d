"""What a cross-check finds, and the ids it looks up."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from policies.packs.contents import content_of, flat_components
from policies.packs.document import Document
from policies.packs.errors import Path, did_you_mean


@dataclass(frozen=True)
class Finding:
    """A defect between parts of a pack. `about`: the unknown id; `scope`: what has to be whole to judge."""

    path: Path
    message: str
    suggestion: str = ""
    about: str = ""
    scope: Path = ()


def unknown(path: Path, kind: str, name: str, known: Iterable[str]) -> Finding:
    """An id that refers to nothing, with the nearest one that does."""
    return Finding(path, f"没有“{name}”这个{kind}。", did_you_mean(name, known), about=name)


def missing_from(path: Path, kind: str, names: Iterable[str], known: Set[str]) -> Iterator[Finding]:
    """Every name that is not known; the path of each ends in the name."""
    for name in names:
        if name not in known:
            yield unknown((*path, name), kind, name, known)


def offices_of(document: Document) -> set[str]:
    """The ids of the pack's own offices."""
    return set(document.assessors.offices)


def missing_offices(path: Path, names: tuple[str, ...], offices: Iterable[str]) -> Iterator[Finding]:
    """Every office that is not known."""
    for name in names:
        if name not in set(offices):
            yield unknown(path, "机构", name, offices)


def expanded(groups: tuple[str, ...], document: Document) -> tuple[str, ...]:
    """The groups a `for` names, `all` spelt out."""
    return tuple(document.subjects.groups) if groups == ("all",) else groups


def component_ids(document: Document, group: str) -> list[str]:
    """The components and parts of a group; none for an unknown group."""
    if group not in document.subjects.groups:
        return []
    return [key for key, _, _ in flat_components(content_of(document, group).components)]
