"""The package is plain Python: each public module can be imported first, alone, and brings no framework."""

import subprocess
import sys
from pathlib import Path

import pytest

MODULES = ["cases", "clocks", "command", "compare", "exact", "explain", "facts", "packs", "scoring"]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_can_be_imported_first_and_alone(module: str) -> None:
    code = (
        f"import sys, policies.{module}; "
        "print([name for name in ('django', 'celery', 'viewflow', 'cycle', 'audit') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
