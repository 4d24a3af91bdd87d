"""The browser of the browser tests: one that the machine has, never one fetched from the network."""

from __future__ import annotations

import os
import shutil

import pytest

INSTALL_COMMAND = "sudo apt-get install -y chromium fonts-noto-cjk"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


def program() -> str | None:
    """The browser to start, None when the machine has none."""
    return next((found for found in map(shutil.which, PROGRAMS) if found), None)


def require() -> None:
    """Skip the test without a browser and say how to get one; in CI, where one was installed, fail."""
    if program() is not None:
        return
    reason = f"no browser on this machine: install one with `{INSTALL_COMMAND}`"
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)
