"""Validate the data of a pack; every defect is found in one go.

A defect is recorded, the value that carries it cut out, and the rest validated again: so an unknown key does
not hide a wrong number elsewhere. Values still `open` are cut out in the same way, without being a defect.
"""

from typing import Any

from pydantic import ValidationError

from policies.packs.checks import cross_check
from policies.packs.defects import Defect, defects
from policies.packs.document import Document, lifted, lowered
from policies.packs.errors import PackError, PackErrors, Path
from policies.packs.findings import Finding
from policies.packs.settling import OPEN
from policies.packs.source import Source

_PASSES = 60


def validated(source: Source) -> Document:
    """The checked document; raises PackErrors with every defect of form and every broken reference."""
    errors: list[PackError] = []
    cut: set[Path] = set()
    data = source.data
    document: Document | None = None
    for _ in range(_PASSES):
        try:
            document = Document.model_validate(lifted(data))
            break
        except ValidationError as error:
            found = [_written(defect) for defect in defects(error)]
            errors += [_error(source, defect) for defect in found if not _caused_by(defect, cut, source.data)]
            paths = {_to_cut(data, defect) for defect in found}
            if () in paths:
                break
            cut |= paths
            for path in sorted(paths, key=len, reverse=True):
                data = _without(data, path)
    if document is None:
        raise PackErrors(errors)
    findings = cross_check(document)
    errors += [_found(source, finding) for finding in findings if not _touches(finding, cut)]
    if errors:
        raise PackErrors(errors)
    return document


def _written(defect: Defect) -> Defect:
    return Defect(lowered(defect.path), defect.message, defect.suggestion, defect.given, defect.is_missing)


def _error(source: Source, defect: Defect) -> PackError:
    return source.error(defect.path, defect.message, defect.suggestion)


def _found(source: Source, finding: Finding) -> PackError:
    return source.error(finding.path, finding.message, finding.suggestion)


def _caused_by(defect: Defect, cut: set[Path], original: Any) -> bool:
    """Open values, and what is only missing because it was cut out before, are no defects."""
    if _at(original, defect.path) == OPEN or defect.given == OPEN:
        return True
    return any(path[: len(defect.path)] == defect.path for path in cut)


def _to_cut(data: Any, defect: Defect) -> Path:
    """The defective value itself, or the map around it where it is missing; never one item of a list,
    because the places of the others would shift."""
    path = defect.path[:-1] if defect.is_missing else defect.path
    while path and (isinstance(path[-1], int) or _at(data, path) is None):
        path = path[:-1]
    return path


def _at(data: Any, path: Path) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _without(data: Any, path: Path) -> Any:
    if isinstance(data, dict):
        if len(path) == 1:
            return {key: value for key, value in data.items() if key != path[0]}
        if path[0] not in data:
            return data
        return {**data, path[0]: _without(data[path[0]], path[1:])}
    if isinstance(data, list):
        return [_without(item, path[1:]) if index == path[0] else item for index, item in enumerate(data)]
    return data


def _touches(finding: Finding, cut: set[Path]) -> bool:
    """A finding that may only be there because something defective (or open) was cut out."""
    if any(finding.about and str(path[-1]) == finding.about for path in cut if path):
        return True
    scope = finding.scope or finding.path
    return any(path[: len(scope)] == scope or scope[: len(path)] == path for path in cut)
