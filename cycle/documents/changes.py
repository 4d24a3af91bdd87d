"""The notice of a changed result (结果变更告知书) as a paper."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from cycle.documents.paper import Block, Heading, Items, Paper, Table, Text


def paper(content: dict[str, Any], *, digest: str, receipt: str) -> Paper:
    """Return the notice that these stored bytes say; `receipt`: whether and when it was received."""
    served = dt.date.fromisoformat(content["served_on"])
    return Paper(
        title=content["title"],
        blocks=(*_blocks(content), Text(receipt)),
        issuer=content["issuer"],
        addressee=content["unit"],
        signed_by=content["issuer"],
        date=served,
        record=(
            f"告知书内容摘要 sha256 {digest}",
            f"原计分结果摘要 {content['before']['result']}（第 {content['before']['run']} 次计分）",
            f"现计分结果摘要 {content['after']['result']}（第 {content['after']['run']} 次计分）",
            f"考核办法摘要 {content['policy']['digest']}",
        ),
        is_demo=content["demo"],
    )


def _blocks(content: dict[str, Any]) -> Iterator[Block]:
    old, new = content["before"], content["after"]
    cite = f"{content['cite']}的规定" if content["cite"] else f"《{content['policy']['title']}》"
    yield Text(f"你单位的绩效考核结果有变更，已经重新批准。依据{cite}，现告知如下。")
    yield Heading("变更前后的结果")
    yield Table(
        ("项目", "原结果", "现结果"),
        (
            ("综合得分", old["total"], new["total"]),
            ("名次", _rank(old), _rank(new)),
            ("等次", old["grade"], new["grade"]),
        ),
        widths=(2, 3, 3),
    )
    yield Heading("变更的原因")
    yield Items(tuple(f"{each['text']}（第 {each['run']} 次计分）。" for each in content["causes"]))
    yield Heading("你单位变化的数据")
    if content["own"]:
        yield Items(tuple(f"{each}。" for each in content["own"]))
    else:
        yield Text("你单位自身的数据和得分依据没有变化，名次、等次因其他单位的得分变更而重新计算。")
    if content["remedy"]:
        yield Heading("救济途径")
        yield Text(content["remedy"])
    yield Heading("签收")
    yield Text(content["statement"])


def _rank(result: dict[str, Any]) -> str:
    return f"{result['rank'] or '—'} / {result['ranked']}"
