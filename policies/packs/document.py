"""The whole pack as one checked document: the seven sections and their frame."""

from typing import Any, Final

from pydantic import Field

from policies.packs.content import CommonContent, GroupContent, Limits
from policies.packs.entries import Strict
from policies.packs.errors import Path
from policies.packs.outcome import GradeScheme, Rounding, Use
from policies.packs.procedure import STAGES, Alert, Assessors, Note, Periods, Rung, Step, Subjects
from policies.packs.values import Id, PositiveNumber, Text

# Keys that stand among entries of another kind are lifted to fields of their own before validation.
LIFTED: Final[dict[str, tuple[str, ...]]] = {
    "content.common": ("content", "common"),
    "process.ladder": ("process", "ladder"),
    "process.alerts": ("process", "monitoring", "alerts"),
    **{f"process.{stage}.title": ("process", stage, "title") for stage in STAGES},
}


class Document(Strict):
    """A pack after inheritance, dated values and local settings are settled."""

    policy: Id
    title: Text
    extends: Id | None = None
    source: dict[Id, Text] = Field(default_factory=dict)
    scale: PositiveNumber
    rounding: list[Rounding] = Field(default_factory=list)
    limits: Limits | None = None
    notes: list[Note] = Field(default_factory=list)
    subjects: Subjects
    content: dict[Id, GroupContent] = Field(default_factory=dict)
    common: list[CommonContent] = Field(default_factory=list, alias="content.common")
    assessors: Assessors = Assessors()
    process: dict[Id, dict[Id, dict[Id, Step]]] = Field(default_factory=dict)
    ladder: list[Rung] = Field(default_factory=list, alias="process.ladder")
    alerts: dict[Id, Alert] = Field(default_factory=dict, alias="process.alerts")
    periods: Periods = Periods()
    grades: list[GradeScheme] = Field(default_factory=list)
    uses: dict[Id, Use] = Field(default_factory=dict)
    indicator_setting_title: Text = Field(default="指标设置", alias="process.indicator_setting.title")
    monitoring_title: Text = Field(default="日常监测", alias="process.monitoring.title")
    assessment_title: Text = Field(default="年终考核", alias="process.assessment.title")
    feedback_title: Text = Field(default="绩效反馈", alias="process.feedback.title")
    uses_title: Text = Field(default="结果运用", alias="process.uses.title")


def lifted(data: dict[str, Any]) -> dict[str, Any]:
    """The document's shape: a copy of the data with the lifted keys moved to the top."""
    result = dict(data)
    for name, path in LIFTED.items():
        parents = [result]
        for key in path[:-1]:
            below = parents[-1].get(key)
            if not isinstance(below, dict):
                break
            parents[-1][key] = dict(below)
            parents.append(parents[-1][key])
        else:
            if path[-1] in parents[-1]:
                result[name] = parents[-1].pop(path[-1])
    if isinstance(result.get("rounding"), dict):
        result["rounding"] = [result["rounding"]]
    return result


def lowered(path: Path) -> Path:
    """The path as the author wrote it, for a path in the document."""
    if path and isinstance(path[0], str) and path[0] in LIFTED:
        return (*LIFTED[path[0]], *path[1:])
    return path
