"""What was made public, as a paper: targets, the notice of assessment, provisional and approved results."""

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from cycle.documents.paper import Block, Heading, Items, Paper, Table, Text
from policies.exact import plain

Content = dict[str, Any]
PLACES = 4
"""Decimals of a component's points that a table has room for; the stored content has them all."""


def publication_paper(content: Content, *, digest: str) -> Paper:
    """Lay out what was shown, from its stored content."""
    bodies = {"targets": _targets, "notice": _notice, "show": _provisional, "final": _approved}
    record = [f"公开内容摘要 sha256 {digest}", f"公开对象：{content['audience']}"]
    if content.get("run"):
        summary = f"，计分结果摘要 {content['result']}" if "result" in content else ""
        record.append(f"第 {content['run']} 次计分{summary}")
    record.append(f"考核办法摘要 {content['policy']}")
    return Paper(
        title=f"{content['year']} 年度{content['title']}",
        blocks=(*bodies[content["what"]](content), *_closing(content)),
        issuer=content["issuer"],
        signed_by=content["issuer"],
        date=dt.date.fromisoformat(content["shown_on"]),
        record=tuple(record),
        is_demo=content["demo"],
    )


def _opening(content: Content, what: str) -> Text:
    article = f"{content['cite']}的规定" if content["cite"] else "和本年度工作安排"
    return Text(
        f"根据《{content['policy_title']}》{article}，现将{content['group']} {content['year']} 年度{what}。"
    )


def _closing(content: Content) -> Iterator[Block]:
    if content["earlier"]:
        day = dt.date.fromisoformat(content["earlier"]["shown_on"])
        yield Text(f"本组的同类内容曾于 {_day(day)}公开，有不一致的，以本次为准。")


def _provisional(content: Content) -> Iterator[Block]:
    yield _opening(content, "考核结果予以公示")
    yield from _ranking(content)
    if content["window"]:
        yield Heading("公示期和异议的提出")
        yield from (Text(line) for line in content["window"])


def _approved(content: Content) -> Iterator[Block]:
    yield _opening(content, "经批准的考核结果予以公布")
    yield from _ranking(content)
    if content["window"]:
        yield Heading("异议的提出")
        yield from (Text(line) for line in content["window"])


def _ranking(content: Content) -> Iterator[Block]:
    """The group's units, best first, and who may not be rated among the best."""
    yield Heading("考核结果")
    yield _table(content)
    barred = [unit["unit"] for unit in content["units"] if unit.get("barred")]
    if barred:
        yield Text(f"注：{'、'.join(barred)}取消评先资格。")


def _table(content: Content) -> Table:
    """The table; an old one has totals and grades only."""
    parts = tuple(content["columns"])
    beside = ("加分", "减分") if parts else ()
    rows = tuple(
        (
            str(unit["rank"] or "—"),
            unit["unit"],
            *(_shown(value) for value in unit.get("components", ())),
            *([unit["bonus"], unit["deduction"]] if beside else []),
            unit["total"],
            unit["grade"] or "待定",
        )
        for unit in content["units"]
    )
    columns = ("名次", "单位", *parts, *beside, "综合得分", "等次")
    widths = (3, 7, *(5 for _ in parts), *(3 for _ in beside), 5, 4)
    return Table(columns, rows, widths, (0, *range(2, len(columns) - 1)))


def _targets(content: Content) -> Iterator[Block]:
    yield _opening(content, "绩效目标予以公布")
    for unit in content["units"]:
        yield Heading(unit["unit"])
        if not unit["indicators"]:
            yield Text("尚未下达指标。")
            continue
        total = sum((Fraction(each["points"]) for each in unit["indicators"]), Fraction(0))
        yield Text(f"共 {len(unit['indicators'])} 项指标，合计 {plain(total)} 分。")
        rows = tuple(
            (each["title"], each["target"] or "—", each["points"], each["standard"], each["collector"])
            for each in unit["indicators"]
        )
        yield Table(("指标", "目标值", "分值", "验收标准", "采集单位"), rows, (6, 5, 3, 12, 5), (2,))
    yield Text("公布以后依照规定调整的目标，以调整后下达的为准。")


def _notice(content: Content) -> Iterator[Block]:
    yield _opening(content, "考核有关事项预告如下")
    yield Heading("考核对象")
    yield Text("、".join(content["subjects"]) + f"，共 {len(content['subjects'])} 家。")
    yield Heading("考核内容和分值")
    parts = tuple(
        (one["title"], one["points"], f"{one['how']}；{one['rounds']}", one["cite"] or "—")
        for one in content["components"]
    )
    yield Table(("项目", "分值", "怎样得分", "依据"), parts, (4, 3, 12, 4), (1,))
    yield from (Text(line) for line in content["beside"])
    yield Heading("时间安排")
    dates = tuple((each["title"], each["when"], each["cite"] or "—") for each in content["dates"])
    yield Table(("事项", "时间", "依据"), dates, (7, 9, 4))
    yield from _assessors(content)
    if content["objecting"]:
        yield Heading("异议的提出")
        yield from (Text(line) for line in content["objecting"])


def _assessors(content: Content) -> Iterator[Block]:
    yield Heading("数据采集和评估")
    if content["collectors"]:
        yield Text("指标数据由下列单位采集、核验，逐项的采集单位以下达的指标为准：")
        yield Items(
            tuple(f"{each['title']}，采集 {each['indicators']} 项。" for each in content["collectors"])
        )
    if content["voters"]:
        yield Text(f"参加打分评估的是{'、'.join(content['voters'])}。")


def _shown(value: str) -> str:
    return plain(Fraction(value), PLACES) if value else "—"


def _day(day: dt.date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
