"""Where packs come from: the library, a file, or the canonical bytes kept with a cycle."""

import json
import re
from pathlib import Path
from typing import Final

from policies.packs.errors import PackError, PackErrors, did_you_mean
from policies.packs.pack import Pack
from policies.packs.settling import inherited
from policies.packs.source import LIMIT, Source, read_source

LIBRARY: Final = Path(__file__).parent.parent / "library"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")


def library() -> list[str]:
    """The ids of the packs that come with the product."""
    return sorted(path.stem for path in LIBRARY.glob("*.yaml"))


def load_pack(path_or_id: str | Path) -> Pack:
    """A pack of the library by id, or of a file by path; raises PackErrors with every defect."""
    return Pack(inherited(_read(Path(path_or_id), beside=None), _read_parent))


def pack_from_bytes(canonical: bytes) -> Pack:
    """The pack kept with a cycle; raises PackErrors if the bytes are no pack."""
    try:
        data = json.loads(canonical)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise PackErrors([PackError("方案", 0, "", "存档的方案内容已损坏，无法读取，请从备份恢复。")])
    return Pack(Source(str(data.get("policy", "方案")), data))


def _read_parent(name: str, child: Source) -> Source:
    try:
        return _read(Path(name), beside=Path(child.file).parent)
    except PackErrors as missing:
        if any(error.line == 0 and not error.path for error in missing.errors):
            message = f"找不到上级方案“{name}”。"
            raise PackErrors([child.error(("extends",), message, did_you_mean(name, library()))]) from None
        raise


def _read(path: Path, beside: Path | None) -> Source:
    """Read by id (beside the child first, then the library) or by path."""
    if path.suffix not in {".yaml", ".yml"} and _ID.match(str(path)):
        folders = [folder for folder in (beside, LIBRARY) if folder is not None]
        candidates = [folder / f"{path}.yaml" for folder in folders]
        found = next((one for one in candidates if one.is_file()), candidates[-1])
    else:
        found = path if beside is None or path.is_absolute() else beside / path
    if not found.is_file():
        message = f"找不到方案“{path}”，请核对标识或文件名。"
        raise PackErrors([PackError(str(path), 0, "", message, did_you_mean(str(path), library()))])
    with found.open("rb") as stream:
        return read_source(stream.read(LIMIT * 32), found.name if found.parent == LIBRARY else str(found))
