"""Pack files as bytes → plain maps, lists and texts, with the line of every key.

Built on the event stream rather than on a YAML loader: scalars stay text (no yes/on booleans, dates or
binary floats), duplicate keys are errors, and anchors are refused, so that a small file cannot grow huge.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from policies.packs.errors import PackError, PackErrors, Path, dotted

LIMIT: Final = 1024 * 1024
_DEPTH: Final = 40
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)  # only its parser runs: no tag is ever constructed
_PROBLEMS: Final = (
    ("tab character", "缩进里有制表符，请把制表符改成空格。"),
    ("found character '\\t'", "缩进里有制表符，请把制表符改成空格。"),
    (
        "found character that cannot start",
        "有不能放在值开头的符号（制表符、@、% 等），请删去，或给值加上引号。",
    ),
    ("mapping values are not allowed", "这里的冒号放错了位置：检查上一行的缩进，含冒号的文字要加引号。"),
    ("could not find expected ':'", "这一行缺少冒号，应当写成“键: 值”。"),
    ("did not find expected ',' or '}'", "花括号没有写完整：检查逗号和右花括号“}”。"),
    ("did not find expected ',' or ']'", "方括号没有写完整：检查逗号和右方括号“]”。"),
    ("did not find expected key", "缩进不齐，或前面的括号、引号没有闭合。"),
    ("did not find expected '-' indicator", "列表的缩进不齐，每一项应当以“- ”开头并对齐。"),
    ("unexpected end of stream", "引号没有闭合。"),
    ("did not find expected node content", "括号里缺少内容，检查多余的逗号和没有闭合的括号。"),
)


@dataclass
class Source:
    """A file's data and where each key stands."""

    file: str
    data: dict[str, Any]
    lines: dict[Path, tuple[str, int]] = field(default_factory=dict)

    def where(self, path: Path) -> tuple[str, int]:
        """File and line of a key, or of its nearest ancestor that has one."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return self.file, 1 if self.lines else 0

    def error(self, path: Path, message: str, suggestion: str = "") -> PackError:
        """A defect at a key."""
        file, line = self.where(path)
        return PackError(file, line, dotted(path), message, suggestion)


def read_source(content: bytes, file: str) -> Source:
    """Parse a pack file; raises PackErrors with everything that makes it unreadable."""
    text = _decoded(content, file)
    builder = _Builder(file)
    try:
        builder.read(iter(yaml.parse(text, Loader=_LOADER)))
    except yaml.YAMLError as error:
        builder.errors.append(_syntax_error(error, file))
    if builder.errors:
        raise PackErrors(builder.errors)
    return Source(file, builder.data, builder.lines)


def _decoded(content: bytes, file: str) -> str:
    if len(content) > LIMIT:
        size = len(content) / LIMIT
        raise _unreadable(file, f"文件有 {size:.1f} MB，方案文件不能超过 1 MB，请检查是不是选错了文件。")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text) or text.startswith("PK"):
            break
        return text
    raise _unreadable(file, "这不是文本文件，请用文本编辑器另存为 UTF-8 编码的 .yaml 文件。")


def _unreadable(file: str, message: str) -> PackErrors:
    return PackErrors([PackError(file, 0, "", message)])


def _syntax_error(error: yaml.YAMLError, file: str) -> PackError:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", ""))
    advice = next((text for key, text in _PROBLEMS if key in problem), "请检查缩进、冒号、括号和引号。")
    line = mark.line + 1 if mark else 0
    column = f"第 {mark.column + 1} 列附近" if mark else ""
    return PackError(file, line, "", f"YAML 写法有误，{column}读不下去。", advice)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Builder:
    """Turns the event stream into data; defects that do not break the syntax are collected."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: dict[str, Any] = {}
        self.lines: dict[Path, tuple[str, int]] = {}
        self.errors: list[PackError] = []

    def read(self, events: Iterator[Any]) -> None:
        root: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._error(event, (), "一个文件只能写一份方案，请删去“---”和后面的内容。")
                    return
                root = self._node(next(events), events, ())
        if isinstance(root, dict):
            self.data = root
        elif not self.errors:
            self.errors.append(
                PackError(self.file, 1, "", "方案应当是一组“键: 值”，第一行写 policy: 方案标识。")
            )

    def _node(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        if len(path) > _DEPTH:
            raise PackErrors(
                [*self.errors, self._made(event, path[:3], f"嵌套超过 {_DEPTH} 层，方案用不到这么深。")]
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._error(
                event, path, "不能使用 YAML 的锚点和引用（& 和 *），请把内容写全，或用 extends 继承。"
            )
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            self._error(
                event, path, f"不能使用 YAML 标签“{tag.replace('tag:yaml.org,2002:', '!!')}”，直接写值即可。"
            )
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._scalar(event)

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                self._error(event, path, "键应当是文字，不能是列表或一组键值。")
                self._node(event, events, path)
                self._node(next(events), events, path)
                continue
            key, place = event.value, (*path, event.value)
            if key in result:
                first = self.lines[place][1]
                self._error(event, place, f"“{key}”重复了，第 {first} 行已经写过，请合并成一处。")
            self.lines.setdefault(place, (self.file, _line(event)))
            value = self._node(next(events), events, place)
            result.setdefault(key, value)
        return result

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        result: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            place = (*path, len(result))
            self.lines[place] = (self.file, _line(event))
            result.append(self._node(event, events, place))
        return result

    def _scalar(self, event: Any) -> str | None:
        value = str(getattr(event, "value", ""))
        is_null = value in {"null", "~"} and not getattr(event, "style", None)  # quoted, it is a text
        return None if is_null else value

    def _error(self, event: Any, path: Path, message: str) -> None:
        self.errors.append(self._made(event, path, message))

    def _made(self, event: Any, path: Path, message: str) -> PackError:
        return PackError(self.file, _line(event), dotted(path), message)
