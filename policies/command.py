"""`score` as a command: a case directory in, the public output out; on any defect nothing is written."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from policies.cases import CaseErrors, read_case
from policies.packs import PackErrors, load_pack
from policies.scoring import score

REFUSED: Final = 2
_SHOWN: Final = 200


def run_score(case_dir: str | Path, policy: str | None = None, out: str | Path | None = None) -> int:
    """Score a case with its own pack, or with `policy`; write JSON to `out` or to standard output.

    Returns 0, or 2 after telling every defect on standard error, with nothing written.
    """
    try:
        case = read_case(case_dir)
        pack = load_pack(policy or case.policy)
        result = score(pack, case.facts)
    except (CaseErrors, PackErrors) as problems:
        _tell([str(error) for error in problems.errors])
        return REFUSED
    for warning in result.warnings:
        sys.stderr.write(f"提示：{warning.message}\n")
    text = json.dumps(result.to_json(), ensure_ascii=False, indent=1) + "\n"
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        _write(Path(out), text)
    except OSError as error:
        _tell([f"{out}：写不进去（{error.strerror}），请核对路径和权限。"])
        return REFUSED
    return 0


def _tell(messages: list[str]) -> None:
    shown = messages[:_SHOWN]
    if len(messages) > _SHOWN:
        shown.append(f"……另有 {len(messages) - _SHOWN} 处，改好上面的再试。")
    shown.append(f"共 {len(messages)} 处需要修改，没有生成结果。")
    sys.stderr.write("\n".join(shown) + "\n")


def _write(path: Path, text: str) -> None:
    """Write beside and move into place: a reader never sees half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
