"""Organisations, offices, postings and leaders from tables (CSV, XLSX): all rows of a table, or none.

Each table has a plan (what would change, or every defect with its line) and an import that carries it out.
"""

from offices.services.imports.changes import Plan
from offices.services.imports.leaders import import_leaders, plan_leaders
from offices.services.imports.lines import BadTable, Defect
from offices.services.imports.organisations import (
    import_offices,
    import_organisations,
    plan_offices,
    plan_organisations,
)
from offices.services.imports.people import import_postings, plan_postings
from offices.services.imports.spreadsheets import Row, read_table

__all__ = [
    "BadTable", "Defect", "Plan", "Row", "import_leaders", "import_offices", "import_organisations",
    "import_postings", "plan_leaders", "plan_offices", "plan_organisations", "plan_postings", "read_table",
]  # fmt: skip
