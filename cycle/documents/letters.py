"""The feedback letter as a paper, from its stored content; letters of the first version as they were."""

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from cycle.documents.paper import Block, Heading, Items, Paper, Table, Text
from cycle.queries.problem_lines import KEY_MARK
from policies.exact import plain

Content = dict[str, Any]
PLACES = 4
"""Decimals shown at most; the stored content, of which the digest is taken, has them all."""


def letter_paper(
    content: Content, *, digest: str, issuer: str, served_on: dt.date | None, receipt: str
) -> Paper:
    """Lay out a letter. `receipt`: whether and when it was signed for; empty digest: not served yet."""
    old = "version" not in content
    blocks = _first_version(content) if old else _blocks(content)
    record = (
        f"反馈书内容摘要 sha256 {digest}" if digest else "反馈书尚未送达，本页为送达前的预览",
        f"计分结果摘要 {content['run']['result']}（第 {content['run']['number']} 次计分）",
        f"考核办法摘要 {content['policy']['digest']}",
    )
    return Paper(
        title=content["title"],
        issuer=content.get("issuer", issuer),
        number=content.get("number", ""),
        addressee=content["unit"],
        blocks=(*blocks, Heading("签收"), Text(content["statement"]), Text(receipt)),
        signed_by=content.get("issuer", issuer),
        date=served_on,
        record=record,
        is_demo=content["demo"],
    )


def _first_version(content: Content) -> Iterator[Block]:
    rank = f"，在本组 {content['ranked']} 家单位中名列第 {content['rank']}" if content["rank"] else ""
    yield Text(f"根据{content['policy']['title']}，现将你单位本年度绩效考核结果反馈如下。")
    yield Heading("考核结果")
    yield Text(
        f"综合得分 {content['total']} 分{rank}，评定等次为“{content['grade'] or '待定'}”。"
        f"其中加分 {content['bonus']} 分，减分 {content['deduction']} 分。"
    )
    rows = tuple((each["title"], each["value"], each["cite"]) for each in content["components"])
    yield Table(("项目", "得分", "依据"), rows, (3, 2, 3), (1,))
    if content["problems"]:
        yield Heading("存在问题")
        yield Text(content["problems"])
    yield Heading("意见和建议")
    yield Text(content["advice"])


def _blocks(content: Content) -> Iterator[Block]:
    policy, year = content["policy"]["title"], content["year"]
    yield Text(f"根据《{policy}》，现将你单位 {year} 年度绩效考核结果反馈如下。")
    yield from _result(content)
    yield from _indicators(content)
    yield from _adjustments(content)
    yield from _comparison(content)
    yield from _problems(content)
    yield Heading("异议和申诉")
    yield from (Text(line) for line in content["rights"])


def _result(content: Content) -> Iterator[Block]:
    yield Heading("考核结果")
    place = f"，在{content['group']}参加排名的 {content['ranked']} 家单位中名列第 {content['rank']}"
    yield Text(
        f"综合得分 {content['total']} 分{place if content['rank'] else '，不参加排名'}，"
        f"评定等次为“{content['grade'] or '待定'}”。{content['grade_reason']}综合得分的构成如下："
    )
    rows = tuple(
        (each["title"], _shown(each["value"]), _cited(each["reason"], each["cite"]))
        for each in content["account"]
    )
    yield Table(("项目", "得分", "说明和依据"), (*rows, ("综合得分", content["total"], "")), (3, 2, 5), (1,))


def _indicators(content: Content) -> Iterator[Block]:
    yield Heading("各项得分和理由")
    yield Text(f"以下得分最多列示 {PLACES} 位小数，计算和保存时不作取舍。")
    for component in content["components"]:
        yield Heading(component["title"], 2)
        yield Text(
            f"满分 {_shown(component['points'])} 分，得 {_shown(component['value'])} 分，"
            f"失 {_shown(component['lost'])} 分。"
            + (f"依据：{component['cite']}。" if component["cite"] else "")
        )
        yield from _points(component)


def _points(component: Content) -> Iterator[Block]:
    """The table of a component: by indicator and round, or by round where it has no indicators."""
    rows = [row for each in component["indicators"] for row in _indicator_rows(each)]
    rows += [_round_row("", each) for each in component["rounds"]]
    rows += [("", each["title"], "", _shown(each["value"]), each["reason"]) for each in component["others"]]
    head = ("指标", "轮次", "满分", "得分", "计分理由和依据")
    if component["indicators"]:
        yield Table(head, tuple(rows), (9, 6, 5, 6, 18), (2, 3))
    elif rows:
        yield Table(head[1:], tuple(row[1:] for row in rows), (6, 5, 6, 27), (1, 2))


def _indicator_rows(indicator: Content) -> Iterator[tuple[str, ...]]:
    """One row for each round, then what the indicator brought in the year."""
    for place, each in enumerate(indicator["rounds"]):
        yield _round_row(indicator["title"] if place == 0 else "", each)
    words = f"失 {_shown(indicator['lost'])} 分" if indicator["lost"] != "0" else "未失分"
    yield "", "全年", _shown(indicator["points"]), _shown(indicator["value"]), words


def _round_row(title: str, each: Content) -> tuple[str, ...]:
    words = "：".join(part for part in (each["reason"], each["numbers"]) if part)
    if each["score"] and each["score"] != each["value"]:
        words = f"本轮得 {_shown(each['score'])} 分；{words}"
    if each["note"]:
        words = f"{words}。{each['note']}"
    return title, each["title"], _shown(each["points"]), _shown(each["value"]), _cited(words, each["cite"])


def _adjustments(content: Content) -> Iterator[Block]:
    yield Heading("加减分和否决事项")
    rows = [
        (
            sort,
            _source(line["title"], line["source"]),
            _shown(line["points"]),
            _shown(line["counted"]),
            _cited(line["reason"], line["cite"]),
        )
        for sort, key in (("加分", "bonus"), ("减分", "deduction"))
        for line in content["adjustments"][key]["lines"]
    ]
    rows += [
        (sort, "封顶", "", f"-{_shown(cut['points'])}", _cited(cut["title"], cut["cite"]))
        for sort, key in (("加分", "bonus"), ("减分", "deduction"))
        for cut in content["adjustments"][key]["cuts"]
    ]
    if rows:
        yield Table(("类别", "事项", "分值", "计入", "说明和依据"), tuple(rows), (3, 8, 3, 3, 9), (2, 3))
    for veto in content["vetoes"]:
        yield Text(f"否决事项：{_cited(veto['title'], veto['cite'])}，{veto['effect']}。")
    if not rows and not content["vetoes"]:
        yield Text("本年度没有认定加分、减分和否决事项。")


def _comparison(content: Content) -> Iterator[Block]:
    standing = content["standing"]
    yield Heading("与本组和上年比较")
    yield Text(f"{content['group']}共 {standing['units']} 家单位，本单位与本组比较如下：")
    lines = [("综合得分", standing["total"]), *((each["title"], each) for each in standing["components"])]
    rows = tuple(
        (title, _shown(each["own"]), each["mean"], each["best"], each["median"]) for title, each in lines
    )
    yield Table(("项目", "本单位", "本组平均", "本组最高", "本组中位"), rows, (4, 3, 3, 3, 3), (1, 2, 3, 4))
    yield Text(_history(content["history"]))


def _history(history: Content | None) -> str:
    if history is None:
        return "本系统没有本单位以前年度的考核结果，不作上年比较。"
    rank = f"，名列第 {history['rank']}" if history["rank"] else ""
    grade = f"，等次为“{history['grade']}”" if history["grade"] else ""
    return (
        f"{history['year']} 年度综合得分 {history['total'] or '未记录'}{rank}{grade}。"
        f"本年度综合得分{_change(history['change'], '分')}{_places(history['places'])}。"
    )


def _change(change: str, unit: str) -> str:
    if not change:
        return "不可比"
    if change == "0":
        return "与之持平"
    return f"下降 {change[1:]} {unit}" if change.startswith("-") else f"提高 {change} {unit}"


def _places(places: int | None) -> str:
    if places is None:
        return ""
    if places == 0:
        return "，名次未变"
    return f"，名次{'上升' if places > 0 else '下降'} {abs(places)} 位"


def _problems(content: Content) -> Iterator[Block]:
    yield Heading("存在问题")
    if content["problems"]:
        yield Items(tuple(content["problems"]))
        if any(line.startswith(KEY_MARK) for line in content["problems"]):
            yield Text(f"标有“{KEY_MARK}”的为重点整改事项。")
    else:
        yield Text("考核中没有发现需要列出的问题。")
    yield Heading("意见和建议")
    yield Text(content["advice"] or "（送达时填写）")


def _shown(value: str) -> str:
    return plain(Fraction(value), PLACES) if value else ""


def _source(title: str, source: str) -> str:
    return f"{title}（{source}）" if source else title


def _cited(words: str, cite: str) -> str:
    return f"{words}〔{cite}〕" if cite else words
