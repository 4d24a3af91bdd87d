"""Official documents as Word files: GB/T 9704-2012 to the millimetre, and the same bytes always."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import zipfile

import docx as reader
import pytest
from docx.oxml.ns import qn
from docx.shared import Emu, Mm
from hypothesis import given
from hypothesis import strategies as st

from audit.marks import DEMO_MARK
from cycle.documents import Heading, Items, Paper, Table, Text, docx
from cycle.documents.paper import chinese

TYPE_AREA = Mm(156), Mm(225)
PAPER = Paper(
    issuer="正定县绩效管理委员会办公室",
    number="正绩复〔2027〕3号",
    title="复核决定书",
    addressee="县教育局",
    blocks=(
        Heading("申诉事项"),
        Text("你单位对“入学率”一项得分提出申诉。\n经审查予以受理。"),
        Heading("查明的事实"),
        Heading("数据来源", 2),
        Items(("统计月报", "现场核查记录")),
        Heading("认定", 2),
        Table(("指标", "得分"), (("入学率", "3.5"), ("巩固率", "2")), (3, 1), (1,)),
    ),
    attachments=("核查记录", "数据对照表"),
    signed_by="正定县绩效管理委员会办公室",
    date=dt.date(2027, 3, 1),
    note="此件依申请公开",
    copies_to="县统计局",
    printed_by="县绩效办",
    printed_on="2027年3月2日",
    record=("决定书内容摘要 sha256 abc",),
)


def opened(paper: Paper) -> reader.document.Document:
    return reader.Document(io.BytesIO(docx(paper)))


def part(paper: Paper, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(docx(paper))) as archive:
        return archive.read(name).decode()


def faces(paper: Paper) -> dict[str, tuple[str, float, str]]:
    """The Chinese face, the size in points and the colour of every run of the text."""
    found = {}
    for run in opened(paper).element.body.iter(qn("w:r")):
        properties = run.rPr
        text = "".join(each.text or "" for each in run.iter(qn("w:t")))
        face = properties.find(qn("w:rFonts")).get(qn("w:eastAsia"))
        color = properties.find(qn("w:color"))
        size = int(properties.find(qn("w:sz")).get(qn("w:val"))) / 2
        found[text] = (face, size, "" if color is None else color.get(qn("w:val")))
    return found


def test_the_page_is_a4_with_the_margins_of_the_standard() -> None:
    (section,) = opened(PAPER).sections
    assert abs(section.page_width - Mm(210)) < Mm(0.1)
    assert abs(section.page_height - Mm(297)) < Mm(0.1)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    for margin, millimetres in zip(margins, (37, 35, 28, 26), strict=True):
        assert abs(margin - Mm(millimetres)) <= Mm(1)
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert abs(width - TYPE_AREA[0]) <= Mm(1)
    assert abs(height - TYPE_AREA[1]) <= Mm(1)


def test_a_page_has_22_lines_of_28_characters() -> None:
    document = opened(PAPER)
    (section,) = document.sections
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    line = Emu(int(grid.get(qn("w:linePitch"))) * 635)
    height = section.page_height - section.top_margin - section.bottom_margin
    assert height // line == 22
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    width = Emu(section.page_width - section.left_margin - section.right_margin)
    assert width.pt // character == 28
    assert document.styles["Normal"].font.size.pt == 16  # the grid adds to the size of this style
    exact = {
        spacing.get(qn("w:line"))
        for paragraph in document.element.body.findall(qn("w:p"))
        for spacing in paragraph.iter(qn("w:spacing"))
        if spacing.get(qn("w:lineRule")) == "exact"
    }
    assert grid.get(qn("w:linePitch")) in exact


@pytest.mark.parametrize(
    ("text", "face", "points", "color"),
    [
        ("正定县绩效管理委员会办公室", "仿宋_GB2312", 16, ""),
        ("复核决定书", "方正小标宋简体", 22, ""),
        ("正绩复〔2027〕3号", "仿宋_GB2312", 16, ""),
        ("县教育局：", "仿宋_GB2312", 16, ""),
        ("一、申诉事项", "黑体", 16, ""),
        ("二、查明的事实", "黑体", 16, ""),
        ("（一）数据来源", "楷体_GB2312", 16, ""),
        ("（二）认定", "楷体_GB2312", 16, ""),
        ("1. 统计月报", "仿宋_GB2312", 16, ""),
        ("2027年3月1日", "仿宋_GB2312", 16, ""),
        ("抄送：县统计局。", "仿宋_GB2312", 14, ""),
        ("2027年3月2日印发", "仿宋_GB2312", 14, ""),
    ],
)
def test_every_part_has_its_chinese_face_and_size(text: str, face: str, points: float, color: str) -> None:
    assert faces(PAPER)[text] == (face, points, color)


def test_the_issuer_is_red_35_mm_below_the_type_area_and_the_rule_spans_it() -> None:
    issuer = opened(PAPER).paragraphs[0]
    assert issuer.text == PAPER.issuer
    assert issuer.runs[0].font.color.rgb == reader.shared.RGBColor(255, 0, 0)
    assert abs(issuer.paragraph_format.space_before - Mm(35)) < Mm(0.1)
    assert len(PAPER.issuer) * issuer.runs[0].font.size.pt <= Emu(TYPE_AREA[0]).pt
    number = next(each for each in opened(PAPER).paragraphs if each.text == PAPER.number)
    rule = number._p.pPr.find(f"{qn('w:pBdr')}/{qn('w:bottom')}")
    assert rule.get(qn("w:color")) == "FF0000"
    assert abs(float(rule.get(qn("w:space"))) - Emu(Mm(4)).pt) < 1


def test_a_document_without_an_issuer_begins_with_its_title() -> None:
    plain = Paper(title="绩效面谈记录", blocks=(Text("谈话内容。"),))
    assert opened(plain).paragraphs[0].text == "绩效面谈记录"
    assert "FF0000" not in part(plain, "word/document.xml")


def test_page_numbers_stand_at_the_outer_edge() -> None:
    (section,) = opened(PAPER).sections
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        (line,) = footer.paragraphs
        shown = [each.text for each in line._p.iter(qn("w:t"), qn("w:instrText"))]
        assert shown == ["— ", " PAGE ", " —"]
        assert line._p.pPr.find(qn("w:jc")).get(qn("w:val")) == align
        assert line.runs[0].font.size.pt == 14
    assert "w:evenAndOddHeaders" in part(PAPER, "word/settings.xml")


@pytest.mark.parametrize("is_demo", [True, False])
def test_a_demonstration_says_so_in_red_on_every_page(is_demo: bool) -> None:
    (section,) = opened(dataclasses.replace(PAPER, is_demo=is_demo)).sections
    for header in (section.header, section.even_page_header):
        assert header.paragraphs[0].text == (DEMO_MARK if is_demo else "")
        assert [run.font.color.rgb for run in header.paragraphs[0].runs] == (
            [reader.shared.RGBColor(255, 0, 0)] if is_demo else []
        )


def test_the_signature_stands_right_with_the_name_centred_over_the_date() -> None:
    def right(paragraph: reader.text.paragraph.Paragraph) -> int:
        return int(paragraph._p.pPr.find(qn("w:ind")).get(qn("w:rightChars")))

    lines = opened(PAPER).paragraphs
    date = next(each for each in lines if each.text == "2027年3月1日")
    name = lines[[each._p for each in lines].index(date._p) - 1]
    assert name.text == PAPER.signed_by
    assert right(name) >= 200
    width_of_date, width_of_name = 100 * (6 * 0.5 + 3), 100 * len(PAPER.signed_by)
    assert abs((right(date) + width_of_date / 2) - (right(name) + width_of_name / 2)) <= 1


def test_a_table_is_as_wide_as_the_type_area_and_repeats_its_head() -> None:
    table = opened(PAPER).tables[0]
    widths = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
    assert abs(Emu(sum(widths) * 635) - TYPE_AREA[0]) <= Mm(1)
    assert widths[0] == pytest.approx(3 * widths[1], rel=0.01)
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [cell.text for cell in table.rows[1].cells] == ["入学率", "3.5"]


def test_the_same_paper_is_the_same_bytes() -> None:
    assert docx(PAPER) == docx(dataclasses.replace(PAPER))
    assert docx(PAPER) != docx(dataclasses.replace(PAPER, number="正绩复〔2027〕4号"))


def test_nothing_of_the_library_s_template_is_left() -> None:
    content = docx(PAPER)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        core = archive.read("docProps/core.xml").decode()
    assert not [name for name in names if "thumbnail" in name or "customXml" in name]
    assert "python-docx" not in core
    assert PAPER.title in core


@given(text=st.text(max_size=60))
def test_whatever_somebody_typed_can_be_opened_and_read(text: str) -> None:
    document = opened(Paper(title="记录", blocks=(Text(f"甲{text}乙"), Table((text,), ((text,),)))))
    read = "".join(paragraph.text for paragraph in document.paragraphs)
    expected = "".join(each for each in text if each.isalnum())
    assert expected in "".join(each for each in read if each.isalnum())


@pytest.mark.parametrize(
    ("count", "words"), [(1, "一"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一")]
)
def test_headings_count_in_chinese(count: int, words: str) -> None:
    assert chinese(count) == words
    paper = Paper(title="", blocks=tuple(Heading("节") for _ in range(count)))
    assert paper.numbered[-1] == Heading("节", 1, f"{words}、")
