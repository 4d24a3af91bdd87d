"""What every entry of a pack has in common: unknown keys are refused, and it may cite its article."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from policies.packs.errors import did_you_mean, fail
from policies.packs.values import Text


class Strict(BaseModel):
    """A map whose keys are all known; the nearest known key is suggested for one that is not."""

    model_config = ConfigDict(frozen=True, strict=True, arbitrary_types_allowed=True)

    @classmethod
    def keys(cls) -> set[str]:
        """The keys as an author writes them."""
        return {info.alias or name for name, info in cls.model_fields.items()}

    @model_validator(mode="before")
    @classmethod
    def _no_unknown_key(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            fail("这里应当是一组“键: 值”。")
        for key in raw:
            if key not in cls.keys():
                written = {known for known in cls.keys() if "." not in known}
                fail(f"不认识“{key}”这一项。", key, suggestion=did_you_mean(str(key), written))
        return raw


class Entry(Strict):
    """A statement of the rules: of the source text (`cite`), or ours where it is silent (`basis`)."""

    cite: Text | None = None
    basis: Literal["default"] | None = None
    note: Text | None = None
