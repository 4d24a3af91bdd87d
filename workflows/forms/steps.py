"""What every step's form has in common: what is shown, what was typed, what the service is given."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from audit.refusals import NotPossible
from cycle.models import Matter
from workflows.forms.parts import Control, Section, cleaned
from workflows.models import WorkItem
from workflows.nodes import Choice
from workflows.queries.returns import Return
from workflows.services.tasks import step_of

COMMENT_LENGTH = 1000


class StepForm(ABC):
    """One task as its page shows it, to fill in (`writable`) or to read.

    A subclass for each flow builds `sections`. `typed` is what somebody typed (a refused submission or a
    draft); without it the record's own values are shown. `errors` maps control names to sentences.
    """

    entry_steps: ClassVar[frozenset[str]] = frozenset()
    evidence_steps: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        item: WorkItem,
        *,
        writable: bool,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        back: Return | None = None,
    ) -> None:
        self.item, self.writable, self.typed, self.back = item, writable, typed, back
        self.errors = dict(errors or {})
        self.node = step_of(item)
        self.entering = writable and item.step in self.entry_steps
        self.judging = writable and any(choice.is_return for choice in self.node.choices.values())

    @abstractmethod
    def build(self) -> list[Section]:
        """Return the sections of the page."""

    @cached_property
    def sections(self) -> list[Section]:
        """The sections, built once."""
        return self.build()

    @cached_property
    def comment(self) -> Control | None:
        """The field for an opinion; None where the step has none."""
        if not self.writable:
            return None
        must = any(choice.needs_reason for choice in self.node.choices.values())
        hint = (
            "同意的可以不写；退回或不予认定的必须写明理由，对方要据此修改。"
            if must
            else "需要说明的写在这里，可以不写。"
        )
        return self.area("comment", "意见" if must else "说明", hint=hint, max_length=COMMENT_LENGTH)

    def offers(self, choice: Choice) -> bool:
        """Whether this way out is offered for this matter; the service is asked all the same."""
        return True

    def control(self, column: str, label: str, stored: str = "", *, key: str = "", **more: Any) -> Control:
        """Return a control with what was typed, else what is stored, and its error."""
        made = Control(column, label, stored, key, **more)
        if self.typed is not None and not made.is_secret:
            made.value = self.typed.get(made.name, stored)
        made.error = self.errors.get(made.name, "")
        return made

    def area(self, column: str, label: str, stored: str = "", **more: Any) -> Control:
        """Return a control for longer text."""
        return self.control(column, label, stored, **{"kind": "area", "max_length": 2000, **more})

    def decimal(self, column: str, label: str, stored: str = "", **more: Any) -> Control:
        """Return a control for a number."""
        return self.control(column, label, stored, **{"kind": "decimal", "max_length": 24, **more})

    def reason_for(self, key: str) -> str:
        """Return the reason of the last return where it names this line."""
        return self.back.reason if self.back and key in self.back.concerns else ""

    def controls(self) -> list[Control]:
        """Return every control of the page."""
        found = [control for section in self.sections for control in section.controls()]
        return [*found, self.comment] if self.comment else found

    def read(self, posted: Mapping[str, str]) -> dict[str, str]:
        """Return what was typed into the page's own controls; other names are left out."""
        return {control.name: cleaned(posted.get(control.name, "")) for control in self.controls()}

    def draft(self, posted: Mapping[str, str]) -> dict[str, str]:
        """Return what may be kept as a draft: everything typed but secrets."""
        secret = {control.name for control in self.controls() if control.is_secret}
        return {name: text for name, text in self.read(posted).items() if name not in secret}

    def values(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """Return the arguments of the step's service; raises NotPossible for a text that is too long."""
        fields: dict[str, Any] = {}
        lines: dict[str, dict[str, str]] = {}
        for control in self.controls():
            text = typed.get(control.name, "")
            if len(text) > control.max_length:
                sentence = (
                    f"“{control.label}”最多 {control.max_length} 个字，现在有 {len(text)} 个字，请删减。"
                )
                raise NotPossible(sentence, field=control.name)
            if control.key:
                lines.setdefault(control.key, {})[control.column] = text
            elif control.column != "comment":
                fields[control.column] = text
        return fields | ({"lines": lines} if lines else {})

    @property
    def matter(self) -> Matter:
        """The matter that the task is about."""
        return self.item.matter

    @property
    def may_attach(self) -> bool:
        """Whether files may be added at this step."""
        return self.writable and self.item.step in self.evidence_steps

    def evidence_points(self) -> list[tuple[str, str]]:
        """Return the indicators (id, title) that a file may prove; empty where files prove the whole."""
        return []
