"""The public case format: a directory of CSV files, read with every defect, written deterministically."""

from policies.cases.reading import Case, read_case
from policies.cases.writing import facts_from_json, facts_to_json, write_case
from policies.facts import CaseError, CaseErrors

__all__ = ["Case", "CaseError", "CaseErrors", "facts_from_json", "facts_to_json", "read_case", "write_case"]
