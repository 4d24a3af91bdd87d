"""What may stand in a file: nothing of a machine, nothing unfinished, nothing from elsewhere."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.sources import ROOT, modules, name, text, texts

# Written so that this file does not match itself.
MACHINE = re.compile(
    r"(pyp[i]\.or[g]|pythonhoste[d]|registry\.npmj[s]|deb\.debia[n]"
    r"|/(wor[k]|far[m]|roo[t])/|\.\./share[d]|/\.librar[y])"
)
UNFINISHED = re.compile(
    r"(TOD[O]|FIXM[E]|XX[X]|HAC[K]\b|NotImplemente[d]|暂未实[现]|待实[现]|assert Tru[e]\b)"
)
INLINE = re.compile(
    r"""(<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|<script(?![^>]*\bsrc=))""", re.IGNORECASE
)
ELSEWHERE = re.compile(
    r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//|@import|url\(\s*["']?(?:https?:)?//""", re.IGNORECASE
)
PINNED = re.compile(r"[A-Za-z0-9_.-]+==[^\s;]+(; .+)?")


def lines_matching(pattern: re.Pattern[str], suffixes: set[str]) -> list[str]:
    return [
        f"{name(path)}:{number}"
        for path in texts()
        if path.suffix in suffixes
        for number, line in enumerate(text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_registry_or_a_machine() -> None:
    everything = {path.suffix for path in texts()}
    assert lines_matching(MACHINE, everything) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_matching(UNFINISHED, {".py", ".html", ".js", ".css"}) == []


@pytest.mark.parametrize("pattern", [INLINE, ELSEWHERE], ids=["inline", "elsewhere"])
def test_pages_obey_the_content_policy(pattern: re.Pattern[str]) -> None:
    """No inline style, script or handler, and nothing fetched from another machine."""
    assert lines_matching(pattern, {".html", ".css"}) == []


@pytest.mark.parametrize(
    ("pattern", "guilty"),
    [
        (MACHINE, "see /wor" + "k/main"),
        (UNFINISHED, "# TO" + "DO later"),
        (INLINE, '<div style="color: red">'),
        (INLINE, "<script>alert(1)</script>"),
        (INLINE, '<a onclick="x()">'),
        (ELSEWHERE, '<script src="https://cdn.example/x.js"></script>'),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], guilty: str) -> None:
    assert pattern.search(guilty)


def test_a_page_with_a_script_file_is_innocent() -> None:
    assert not INLINE.search("""<script src="{% static 'app.js' %}" defer></script>""")


def test_files_are_utf8_with_unix_line_ends() -> None:
    assert [name(path) for path in texts() if b"\r" in path.read_bytes()] == []
    written = [path for path in texts() if path.suffix != ".svg" and text(path)]
    assert [name(path) for path in written if not text(path).endswith("\n")] == []


def test_every_package_is_pinned_and_no_address_is_given() -> None:
    lines = [line for line in text(ROOT / "requirements.lock").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not PINNED.fullmatch(line)] == []
    assert len(lines) > 40


def normal(package: str) -> str:
    """A package's name as the index compares names."""
    return re.sub(r"[-_.]+", "-", package).lower()


def test_every_direct_dependency_is_pinned_and_has_its_licence_in_the_notice() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    direct = {normal(re.split(r"[<>=;~ ]", line)[0]) for line in declared}
    pinned = {normal(line.split("==")[0]) for line in text(ROOT / "requirements.lock").splitlines()}
    noted = {normal(line.split(" ")[0]) for line in text(ROOT / "NOTICE").splitlines() if line}
    assert direct - pinned == set()
    assert direct - noted == set()


def test_prints_stay_out_of_the_product() -> None:
    """What a person is told goes to a page or a command's own output."""
    guilty = [
        f"{name(path)}:{number}"
        for path in modules()
        for number, line in enumerate(text(path).splitlines(), 1)
        if re.match(r"\s*print\(", line)
    ]
    assert guilty == []
