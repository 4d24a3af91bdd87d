"""Finding the organisation that a cell means: by its code, its short title or its full title."""

from uuid import UUID

from offices.models import Organisation
from offices.services.imports.lines import Line, Table


class Organisations:
    """All organisations, known ones and those that the table adds."""

    def __init__(self) -> None:
        self.by_code: dict[str, Organisation] = {}
        self.by_id: dict[UUID, Organisation] = {}
        self._by_title: dict[str, set[str]] = {}
        for organisation in Organisation.objects.all():
            self.add(organisation)

    def add(self, organisation: Organisation) -> None:
        """Make an organisation known."""
        self.by_code[organisation.code] = organisation
        self.by_id[organisation.pk] = organisation
        for title in (organisation.title, organisation.short_title):
            self._by_title.setdefault(title, set()).add(organisation.code)

    def find(self, table: Table, line: Line, column: str) -> Organisation | None:
        """Return the organisation named in a cell; a defect is noted when there is none, or more than one."""
        name = line[column]
        if not name:
            return None
        if name in self.by_code:
            return self.by_code[name]
        codes = self._by_title.get(name, set())
        if len(codes) == 1:
            return self.by_code[next(iter(codes))]
        problem = "不止一个，请改填单位代码。" if codes else "没有找到，请先导入这个单位或者改正代码。"
        table.fault(line, column, f"单位“{name}”{problem}")
        return None
