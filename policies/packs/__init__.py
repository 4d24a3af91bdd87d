"""Policy packs: the rules of a scheme as one YAML file, read, checked and identified by digest."""

from policies.packs.errors import PackError, PackErrors
from policies.packs.pack import Pack
from policies.packs.procedure import StepRule
from policies.packs.shelf import library, load_pack, pack_from_bytes

__all__ = ["Pack", "PackError", "PackErrors", "StepRule", "library", "load_pack", "pack_from_bytes"]
