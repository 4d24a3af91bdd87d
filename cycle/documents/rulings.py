"""复核决定书: the decision on an appeal as an official document, from its stored content."""

import datetime as dt
from typing import Any

from cycle.documents.paper import Block, Heading, Paper, Text


def decision_paper(content: dict[str, Any], digest: str = "") -> Paper:
    """Return the paper that a stored decision (`cycle.services.rulings.ruling`) is read and printed as."""
    return Paper(
        issuer=content["issuer"],
        number=content["number"],
        title=content["title"],
        addressee=content["unit"],
        blocks=(Text(_opening(content)), *_sections(content)),
        signed_by=content["issuer"],
        date=_date(content["decided_on"]),
        record=_record(content, digest),
        is_demo=content["demo"],
    )


def _opening(content: dict[str, Any]) -> str:
    point = content["point"]
    values = "，".join(
        part
        for part in (
            f"分值 {_points(point['full'])}" if point["full"] else "",
            f"原认定 {_points(point['score'])}" if point["score"] else "",
        )
        if part
    )
    filed = f"于 {_day(content['filed_on'])}提出申诉" if content["filed_on"] else "提出申诉"
    shown = f"（{values}）" if values else ""
    return (
        f"你单位对 {content['year']} 年度绩效考核结果中“{point['title']}”{shown}有异议，{filed}，"
        f"申诉理由为{content['ground']}。{content['window']}经审查，申请符合受理条件，已经受理并复核终结。"
    )


def _points(text: str) -> str:
    return f"{text} 分" if text.replace(".", "", 1).removeprefix("-").isdecimal() else text


def _sections(content: dict[str, Any]) -> list[Block]:
    answer = content["answer"]
    said = f"{answer['office']}答复：{answer['text']}" if answer else "原认定机构在规定期限内没有书面答复。"
    request = f"请求：{content['request']}"
    more = f"补正说明：{content['supplement']}" if content["supplement"] else ""
    basis = f"依据《{content['policy']['title']}》{content['cite']}，作出本决定。"
    parts = [
        ("申诉的事实、理由和请求", [content["facts"], request, more]),
        ("原认定机构的答复", [said]),
        ("复核查明的情况", [content["findings"]]),
        ("决定的理由和依据", [content["reasons"], basis]),
        ("复核决定", [content["decision"]]),
        ("救济途径", [content["remedy"]]),
    ]
    blocks: list[Block] = []
    for title, texts in parts:
        blocks.append(Heading(title))
        blocks += [Text(text) for text in texts if text]
    return blocks


def _record(content: dict[str, Any], digest: str) -> tuple[str, ...]:
    lines = [
        f"复核决定书内容摘要 sha256 {digest}" if digest else "",
        f"本决定由{content['approved_by']}批准",
        f"所复核的计分结果摘要 {content['run']['result']}（第 {content['run']['number']} 次计分）",
        f"考核办法摘要 {content['policy']['digest']}",
    ]
    return tuple(line for line in lines if line)


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _day(text: str) -> str:
    day = _date(text)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
