"""What an official document says, free of any layout: screen, printer and Word show the same paper."""

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

SHORT = 5
_DIGITS = "零一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; its numeral (一、 （一） 1. （1）) is counted by the paper, never written into the text."""

    text: str
    level: int = 1
    numeral: str = ""
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `flush` begins at the margin instead of two characters in. Line breaks part paragraphs."""

    text: str
    flush: bool = False
    kind: ClassVar[str] = "text"

    @property
    def lines(self) -> list[str]:
        """The paragraphs of the text."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Items:
    """Numbered items (1. 2. 3.), one paragraph each."""

    items: tuple[str, ...]
    kind: ClassVar[str] = "items"


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table. `widths` are proportions of the columns; `numbers` the places of columns of figures."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    kind: ClassVar[str] = "table"

    @property
    def cells(self) -> list[list[tuple[str, bool]]]:
        """The rows with, for each cell, whether it is a figure."""
        return [[(cell, place in self.numbers) for place, cell in enumerate(row)] for row in self.rows]

    @property
    def classed(self) -> list[list[tuple[str, str]]]:
        """The rows with the class of each cell on the screen: figures and short words are never broken."""
        return [
            [(cell, "num" if is_number else "short" if len(cell) <= SHORT else "") for cell, is_number in row]
            for row in self.cells
        ]


Block = Heading | Text | Items | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """One document in the layout of GB/T 9704-2012.

    `issuer` is the name in red at the head (发文机关标志), `number` the 发文字号, `addressee` the 主送机关,
    `signed_by` and `date` the 署名 and 成文日期, `note` the 附注, `copies_to` the 抄送机关. `record` are
    lines in small print below everything: digests and facts by which the document can be verified.
    """

    title: str
    blocks: tuple[Block, ...]
    issuer: str = ""
    number: str = ""
    signer: str = ""
    addressee: str = ""
    attachments: tuple[str, ...] = ()
    signed_by: str = ""
    date: dt.date | None = None
    note: str = ""
    copies_to: str = ""
    printed_by: str = ""
    printed_on: str = ""
    record: tuple[str, ...] = ()
    is_demo: bool = False

    @property
    def dated(self) -> str:
        """The date as documents write it: Arabic figures, no leading zeros."""
        return f"{self.date.year}年{self.date.month}月{self.date.day}日" if self.date else ""

    @property
    def numbered(self) -> tuple[Block, ...]:
        """The blocks, every heading with its numeral."""
        counts, found = [0, 0, 0, 0], []
        for block in self.blocks:
            if isinstance(block, Heading):
                place = min(max(block.level, 1), 4) - 1
                counts[place] += 1
                counts[place + 1 :] = [0] * (3 - place)
                block = Heading(block.text, place + 1, _numeral(place + 1, counts[place]))
            found.append(block)
        return tuple(found)


def _numeral(level: int, count: int) -> str:
    if level <= 2:
        return f"{chinese(count)}、" if level == 1 else f"（{chinese(count)}）"
    return f"{count}. " if level == 3 else f"（{count}）"


def chinese(count: int) -> str:
    """A count from 1 to 99 in Chinese figures, as headings write it."""
    tens, ones = divmod(count, 10)
    if count <= 10:
        return _DIGITS[count]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
