"""A paper as a Word file (DOCX) in the layout of GB/T 9704-2012. The same paper is the same bytes, always."""

import datetime as dt
import io
import zipfile
from typing import Any

import docx as python_docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.section import Section
from docx.text.paragraph import Paragraph

from audit.marks import DEMO_MARK
from cycle.documents import geometry as size
from cycle.documents import tables
from cycle.documents.markup import element, lay, page_number, paint, readable, rule_below, write
from cycle.documents.paper import Block, Heading, Items, Paper, Table, Text

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_STILL = (1980, 1, 1, 0, 0, 0)


def docx(paper: Paper) -> bytes:
    """Return the paper as the bytes of a Word file."""
    document = python_docx.Document()
    _page(document, paper)
    _head(document, paper)
    for block in paper.numbered:
        _block(document, block)
    _tail(document, paper)
    _properties(document, paper)
    _forget_template(document)
    file = io.BytesIO()
    document.save(file)
    return _still(file.getvalue())


def _page(document: Document, paper: Paper) -> None:
    section = document.sections[0]
    properties = section._sectPr
    for tag in ("w:pgSz", "w:pgMar", "w:docGrid"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    paper_size = element("w:pgSz", w=size.PAGE_WIDTH, h=size.PAGE_HEIGHT)
    margins = element(
        "w:pgMar",
        top=size.TOP,
        right=size.RIGHT,
        bottom=size.BOTTOM,
        left=size.LEFT,
        header=size.HEADER,
        footer=size.FOOTER,
        gutter=0,
    )
    properties.insert(0, paper_size)
    properties.insert(1, margins)
    grid = element("w:docGrid", type="linesAndChars", linePitch=size.LINE, charSpace=size.CHARACTER_SPACE)
    properties.append(grid)
    document.settings.odd_and_even_pages_header_footer = True
    _faces(document)
    _running(section, paper)


def _faces(document: Document) -> None:
    """Name the faces where Word looks for defaults: the themes of the template know no Chinese."""
    styles = document.styles.element
    defaults = styles.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    paint(defaults, face=size.FANG, size=size.BODY)
    for language in defaults.findall(qn("w:lang")):
        defaults.remove(language)
    defaults.append(element("w:lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA"))
    normal: Any = document.styles["Normal"].element
    paint(normal.get_or_add_rPr(), face=size.FANG, size=size.BODY)


def _running(section: Section, paper: Paper) -> None:
    """Page numbers at the outer edge, and the demonstration mark at the top of every page."""
    odd, even = section.footer, section.even_page_footer
    odd.is_linked_to_previous = even.is_linked_to_previous = False
    for line in (
        lay(odd.paragraphs[0], align="right", line=0, right=1),
        lay(even.paragraphs[0], align="left", line=0, left=1),
    ):
        page_number(line, face=size.SONG, size=size.NUMBER)
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        line = lay(header.paragraphs[0], align="center", line=0)
        if paper.is_demo:
            write(line, DEMO_MARK, face=size.BLACK, size=size.CELL, color=size.RED)


def _head(document: Document, paper: Paper) -> None:
    if paper.issuer:
        issuer = lay(document.add_paragraph(), align="center", before=size.ISSUER_TOP, line=0)
        fitting = min(size.ISSUER, 2 * int(size.TEXT_WIDTH / 20 / max(len(paper.issuer), 1)))
        write(issuer, paper.issuer, face=size.TITLE_FACE, size=fitting, color=size.RED)
        _empty(document, 2)
        rule_below(_number(document, paper), color=size.RED, eighths=12, gap=size.RULE_GAP)
        _empty(document, 2)
    title = lay(document.add_paragraph(), align="center", line=round(size.LINE * 1.15))
    write(title, paper.title, face=size.TITLE_FACE, size=size.TITLE)
    _empty(document, 1)
    if paper.addressee:
        write(lay(document.add_paragraph()), f"{paper.addressee}：")


def _number(document: Document, paper: Paper) -> Paragraph:
    if not paper.signer:
        line = lay(document.add_paragraph(), align="center")
        write(line, paper.number)
        return line
    line = lay(document.add_paragraph(), left=1, right=1)
    stops = element("w:tabs")
    stops.append(element("w:tab", val="right", pos=size.TEXT_WIDTH - size.CHARACTER))
    line._p.get_or_add_pPr().insert(0, stops)
    write(line, f"{paper.number}\t签发人：")
    write(line, paper.signer, face=size.KAI)
    return line


def _block(document: Document, block: Block) -> None:
    if isinstance(block, Heading):
        line = lay(document.add_paragraph(), indent=2, keep=True)
        write(line, f"{block.numeral}{block.text}", face=size.HEADING_FACES[block.level])
    elif isinstance(block, Table):
        tables.add(document, block)
    else:
        for text in _paragraphs(block):
            flush = isinstance(block, Text) and block.flush
            write(lay(document.add_paragraph(), align="both", indent=0 if flush else 2), text)


def _paragraphs(block: Text | Items) -> list[str]:
    if isinstance(block, Text):
        return block.lines
    return [f"{place}. {item}" for place, item in enumerate(block.items, start=1)]


def _tail(document: Document, paper: Paper) -> None:
    if paper.attachments:
        _empty(document, 1)
        many = len(paper.attachments) > 1
        for place, title in enumerate(paper.attachments, start=1):
            head = "附件：" if place == 1 else "　　　"
            line = lay(document.add_paragraph(), left=2)
            write(line, f"{head}{f'{place}. ' if many else ''}{title}")
    if paper.signed_by or paper.date:
        _signature(document, paper)
    if paper.note:
        write(lay(document.add_paragraph(), indent=2), f"（{paper.note}）")
    if paper.copies_to or paper.printed_by:
        tables.add_imprint(document, paper)
    for text in paper.record:
        write(lay(document.add_paragraph(), line=0, before=60), text, face=size.SONG, size=size.SMALL)


def _signature(document: Document, paper: Paper) -> None:
    """The date four characters from the right, the issuer's name centred above it."""
    _empty(document, 2, keep=True)
    spread = (_width(paper.dated) - _width(paper.signed_by)) / 2
    # A name that is longer than the date ends two characters from the edge; the date then moves in below it.
    of_name = max(4 + spread, 2)
    name = lay(document.add_paragraph(), align="right", right=of_name, keep=True)
    write(name, paper.signed_by)
    write(lay(document.add_paragraph(), align="right", right=of_name - spread), paper.dated)


def _width(text: str) -> float:
    """The width in characters: Latin letters and figures take half of one."""
    return sum(0.5 if each.isascii() else 1 for each in text)


def _empty(document: Document, lines: int, *, keep: bool = False) -> None:
    for _ in range(lines):
        lay(document.add_paragraph(), keep=keep)


def _properties(document: Document, paper: Paper) -> None:
    day = paper.date or dt.date(1980, 1, 1)
    moment = dt.datetime(day.year, day.month, day.day)
    about = document.core_properties
    about.title, about.author = readable(paper.title)[:255], readable(paper.issuer or paper.signed_by)[:255]
    about.comments = DEMO_MARK if paper.is_demo else ""
    about.subject, about.keywords, about.last_modified_by = readable(paper.number)[:255], "", ""
    about.created = about.modified = moment
    about.language, about.revision = "zh-CN", 1


def _forget_template(document: Document) -> None:
    """Leave out what the library's template brings along: its picture and its bibliography."""
    for relations, kind in (
        (document.part.rels, "customXml"),
        (document.part.package.rels, "thumbnail"),
    ):
        for key in [key for key, one in relations.items() if one.reltype.endswith(f"/{kind}")]:
            del relations[key]


def _still(content: bytes) -> bytes:
    """The same archive without times, so that the same paper is the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in sorted(old.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            entry = zipfile.ZipInfo(name, date_time=_STILL)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, old.read(name))
    return file.getvalue()
