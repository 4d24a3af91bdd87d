"""Small pieces of WordprocessingML: runs, paragraphs, borders. Only what official documents need."""

import re
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from cycle.documents.geometry import BODY, CHARACTER, FANG, LATIN, LINE

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEFORE_BORDERS = ("w:pStyle", "w:keepNext", "w:keepLines", "w:pageBreakBefore", "w:widowControl")


def readable(text: str) -> str:
    """The text without the characters that no XML document may hold."""
    return _UNWRITABLE.sub("", text)


def element(tag: str, **attributes: object) -> Any:
    """An element of the `w` namespace with attributes of the same."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def write(
    paragraph: Paragraph,
    text: str,
    *,
    face: str = FANG,
    size: int = BODY,
    color: str = "",
    bold: bool = False,
) -> None:
    """Add a run whose Chinese and Latin faces are both named, so that no theme decides on them."""
    run = paragraph.add_run(readable(text))
    paint(run._r.get_or_add_rPr(), face=face, size=size, color=color)


def paint(properties: Any, *, face: str, size: int, color: str = "") -> None:
    """Set face, size and colour on the properties of a run or a style."""
    for tag in ("w:rFonts", "w:color", "w:sz", "w:szCs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    fonts = element("w:rFonts", ascii=LATIN, hAnsi=LATIN, eastAsia=face, cs=LATIN)
    properties.insert(0, fonts)
    if color:
        properties.append(element("w:color", val=color))
    properties.append(element("w:sz", val=size))
    properties.append(element("w:szCs", val=size))


def lay(
    paragraph: Paragraph,
    *,
    align: str = "",
    before: int = 0,
    after: int = 0,
    line: int = LINE,
    indent: float = 0,
    left: float = 0,
    right: float = 0,
    keep: bool = False,
) -> Paragraph:
    """Set spacing in twips, indents in characters and alignment; `line` 0 leaves the height to the text."""
    properties = paragraph._p.get_or_add_pPr()
    if keep:
        properties.append(element("w:keepNext"))
    if line:
        properties.append(element("w:spacing", before=before, after=after, line=line, lineRule="exact"))
    else:
        properties.append(element("w:snapToGrid", val="0"))
        properties.append(element("w:spacing", before=before, after=after, line=240, lineRule="auto"))
    ends = _indents(indent, left, right)
    if ends:
        properties.append(element("w:ind", **ends))
    if align:
        properties.append(element("w:jc", val=align))
    return paragraph


def _indents(first: float, left: float, right: float) -> dict[str, int]:
    """Indents in hundredths of a character, with the same in twips for readers that know no characters."""
    found = {}
    for name, value in (("firstLine", first), ("left", left), ("right", right)):
        if value:
            found[f"{name}Chars"] = round(value * 100)
            found[name] = round(value * CHARACTER)
    return found


def rule_below(paragraph: Paragraph, *, color: str, eighths: int, gap: int) -> None:
    """A rule under the paragraph over the whole type area."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("w:pBdr")
    borders.append(element("w:bottom", val="single", sz=eighths, space=gap, color=color))
    place = sum(1 for child in properties if child.tag in {qn(tag) for tag in _BEFORE_BORDERS})
    properties.insert(place, borders)


def table_borders(eighths_outside: int, eighths_inside: int, *, sides: bool) -> Any:
    """Borders of a table; without `sides` only rules across."""
    borders = element("w:tblBorders")
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV"):
        upright = edge in ("left", "right", "insideV")
        size = eighths_inside if edge.startswith("inside") else eighths_outside
        if upright and not sides:
            borders.append(element(f"w:{edge}", val="nil"))
        else:
            borders.append(element(f"w:{edge}", val="single", sz=size, space=0, color="000000"))
    return borders


def page_number(paragraph: Paragraph, *, face: str, size: int) -> None:
    """A field with the page's number between dashes."""
    write(paragraph, "— ", face=face, size=size)
    for kind in ("begin", "text", "end"):
        run = paragraph.add_run()
        paint(run._r.get_or_add_rPr(), face=face, size=size)
        if kind == "text":
            code = element("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = " PAGE "
            run._r.append(code)
        else:
            run._r.append(element("w:fldChar", fldCharType=kind))
    write(paragraph, " —", face=face, size=size)
