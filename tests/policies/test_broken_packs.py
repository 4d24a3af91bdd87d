"""Every defect of a pack is told with its line, key and exact sentence; the `# expect` lines say which."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.packs import Pack, PackErrors, load_pack
from policies.packs.source import LIMIT, Source, read_source
from tests.policies.building import GIVEN, GRADED, HEAD

FILES = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
EXPECT = re.compile(r"^# expect (\d+) (\S+) (.+)$", re.MULTILINE)


def errors_of(content: bytes) -> list[str]:
    with pytest.raises(PackErrors) as refused:
        Pack(read_source(content, "pack.yaml"))
    return [str(error) for error in refused.value.errors]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_defect_is_told_where_and_how_it_stands(path: Path) -> None:
    expected = [
        (int(line), "" if key == "-" else key, text)
        for line, key, text in EXPECT.findall(path.read_text("utf-8"))
    ]
    with pytest.raises(PackErrors) as refused:
        load_pack(path)
    found = [(one.line, one.path, one.message + one.suggestion) for one in refused.value.errors]
    assert found == expected
    assert expected


def test_all_defects_of_a_file_are_told_together() -> None:
    text = HEAD + GIVEN.replace("points: 100", "points: 90") + GRADED.replace("min: 90", "mim: 90")
    text += "uses: {praise: {title: 表彰, when: {grade: god}, office: nobody, due: {in: soon}}}\n"
    paths = [line.split("（")[1].split("）")[0] for line in errors_of(text.encode())]
    assert sorted(paths) == [
        "content.town.components",
        "grades[0].levels.good.mim",
        "uses.praise.due",
        "uses.praise.office",
        "uses.praise.when.grade",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"policy: x\n" + b"# " + b"x" * (LIMIT * 10), "方案文件不能超过 1 MB"),
        (b"PK\x03\x04" + b"\x00" * 100, "这不是文本文件"),
        (bytes(range(256)) * 8, "这不是文本文件"),
        (b"", "方案应当是一组“键: 值”"),
        (b"a: " + b"[" * 5000, "嵌套超过 40 层"),
        (b"a: " + b"{a: " * 500, "嵌套超过 40 层"),
        (b"x: &a [1, 1]\ny: [*a, *a, *a]\n", "不能使用 YAML 的锚点和引用"),
        (b"? [1, 2]\n: 3\n", "键应当是文字"),
        ("标题：“没有引号".encode("gb18030"), "方案应当是一组“键: 值”"),
    ],
    ids=[
        "10 MB",
        "zip",
        "binary",
        "empty",
        "deep list",
        "deep map",
        "alias bomb",
        "list as key",
        "gbk prose",
    ],
)
def test_rubbish_is_refused_in_a_sentence(content: bytes, message: str) -> None:
    assert message in "\n".join(errors_of(content))


def places(data: Any, path: tuple = ()) -> Iterator[tuple]:
    """Every place of a pack at which something else could stand."""
    if path:
        yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


DATA = load_pack("zhengding").data
ODDITIES: list[Any] = [
    "",
    "open",
    "5",
    "-1",
    "x",
    "50%",
    "all",
    "true",
    [],
    {},
    ["a"],
    {"a": "b"},
    [{}],
    [[]],
]
ODDITIES += [{"min": "5"}, [{"value": "3", "from": "2000"}], {"grade": "advanced"}, {"grade": ["advanced"]}]


def refusals(data: dict[str, Any]) -> list[str]:
    try:
        Pack(Source("mini", data)).for_cycle(2026)
    except PackErrors as refused:
        return [error.message for error in refused.errors]
    return []


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(places(DATA))), st.sampled_from(ODDITIES)), min_size=1, max_size=3
    )
)
def test_whatever_stands_anywhere_is_read_or_refused_in_sentences(changes: list[tuple[tuple, Any]]) -> None:
    data = copy.deepcopy(DATA)
    for path, value in changes:
        holder = data
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    assert [message for message in refusals(data) if not message.endswith(("。", "？"))] == []
