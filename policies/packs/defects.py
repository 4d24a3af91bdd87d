"""Pydantic's errors in Chinese sentences, with the path an author recognises."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from policies.packs.errors import Path, did_you_mean


@dataclass(frozen=True)
class Defect:
    """One error of a validation: where, what, what to write instead; `given` is the refused value."""

    path: Path
    message: str
    suggestion: str
    given: Any
    is_missing: bool = False


_TYPES = {
    "dict_type": "这里应当是一组“键: 值”。",
    "list_type": "这里应当是列表，每一项以“- ”开头，或写在方括号里。",
    "tuple_type": "这里应当是列表，每一项以“- ”开头，或写在方括号里。",
    "model_type": "这里应当是一组“键: 值”。",
    "string_type": "这里应当是一段文字。",
}


def defects(error: ValidationError) -> list[Defect]:
    """All errors of one validation run."""
    return [_defect(dict(item)) for item in error.errors(include_url=False)]


def _defect(item: dict[str, Any]) -> Defect:
    path: Path = tuple(part for part in item["loc"] if part != "[key]")
    context = item.get("ctx", {})
    if item["type"] == "pack":
        return Defect((*path, *context["at"]), context["text"], context["suggestion"], item["input"])
    if item["type"] == "missing":
        return Defect(path, f"缺少“{path[-1]}”，请补上。", "", None, is_missing=True)
    if item["type"] == "literal_error":
        choices = [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
        return Defect(
            path, f"不能写“{item['input']}”。", did_you_mean(str(item["input"]), choices), item["input"]
        )
    message = _TYPES.get(item["type"], "这里的写法不符合规定，请对照编写说明修改。")
    return Defect(path, message, "", item["input"])
