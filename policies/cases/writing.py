"""Write facts as a case directory or as canonical JSON; the same facts give the same bytes."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from policies.cases.tables import TABLES, Table, row_key
from policies.facts import CaseError, CaseErrors, Facts


def write_case(facts: Facts, directory: str | Path) -> None:
    """Write `case.yaml` and one CSV per table with rows: sorted, fixed columns, LF, UTF-8."""
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    head = {key: value for key, value in _head(facts).items() if value}
    text = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, default_flow_style=False)
    (folder / "case.yaml").write_bytes(text.encode())
    for table in TABLES:
        rows = canonical_rows(facts, table)
        path = folder / table.file
        if rows:
            path.write_bytes(_csv(table, rows))
        elif path.exists():
            path.unlink()


def facts_to_json(facts: Facts) -> bytes:
    """Canonical JSON of the facts; its SHA-256 identifies the input of a scoring run."""
    data: dict[str, Any] = _head(facts)
    for table in TABLES:
        data[table.name] = [_cells(table, row) for row in canonical_rows(facts, table)]
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def facts_from_json(content: bytes) -> Facts:
    """The facts that `facts_to_json` wrote; raises CaseErrors if the bytes are something else."""
    try:
        data = json.loads(content)
        rows: dict[str, Any] = {
            table.name: tuple(_row(table, cells) for cells in data[table.name]) for table in TABLES
        }
        head = {key: data[key] for key in ("policy", "title", "to_date")}
        return Facts(**head, year=int(data["year"]), settings=data["set"], **rows)
    except (ValueError, KeyError, TypeError, AttributeError):
        message = "存档的评分依据已损坏，无法读取，请从备份恢复。"
        raise CaseErrors([CaseError("facts.json", 0, "", message)]) from None


def canonical_rows(facts: Facts, table: Table) -> list[Any]:
    """The rows of a table in canonical order."""
    return sorted(getattr(facts, table.name), key=lambda row: row_key(table, row))


def _head(facts: Facts) -> dict[str, Any]:
    return {
        "policy": facts.policy,
        "year": facts.year,
        "title": facts.title,
        "set": dict(facts.settings),
        "to_date": facts.to_date,
    }


def _cells(table: Table, row: Any) -> dict[str, Any]:
    cells: dict[str, Any] = {
        column.name: column.kind.write(getattr(row, column.attribute)) for column in table.columns
    }
    if table.is_open:
        cells["attributes"] = {name: value for name, value in row.attributes.items() if value}
    return cells


def _row(table: Table, cells: Mapping[str, Any]) -> Any:
    values = {column.attribute: column.kind.read(cells[column.name]) for column in table.columns}
    return table.row(**values, attributes=cells["attributes"]) if table.is_open else table.row(**values)


def _csv(table: Table, rows: list[Any]) -> bytes:
    extra = (
        sorted({name for row in rows for name, value in row.attributes.items() if value})
        if table.is_open
        else []
    )
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.name for column in table.columns] + extra)
    for row in rows:
        attributes = row.attributes if table.is_open else {}
        cells = [column.kind.write(getattr(row, column.attribute)) for column in table.columns]
        writer.writerow(cells + [attributes.get(name, "") for name in extra])
    return stream.getvalue().encode()
