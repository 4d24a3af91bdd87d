"""公示公布: what will be shown, or was, before the office presses the button."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from audit import clock
from cycle.models import Publication
from cycle.queries.publication_content import content_of, stored_content
from workflows.forms.parts import Cell, Grid, Line, Pair, Section, pair
from workflows.forms.steps import StepForm
from workflows.queries.deadlines import day_text, moment_text

Content = dict[str, Any]


class PublicationForm(StepForm):
    """What will be, or is, made public of one group."""

    def build(self) -> list[Section]:
        """Who may read it and until when, then the content itself."""
        publication = Publication.objects.select_related("cycle", "run").get(pk=self.item.matter_id)
        shown = bool(publication.content_digest)
        content = stored_content(publication) if shown else content_of(publication, clock.now())
        body: dict[str, Callable[[Content], list[Section]]] = {"targets": _targets, "notice": _notice}
        note = "公示期满自动结束，不需要提前办理" if self.writable else ""
        if not shown:
            note = "公开以后内容固定不变，以后的变更另行公布"
        head = Section("公开范围", note, _facts(publication, content))
        return [head, *body.get(publication.what, _results)(content)]


def _facts(publication: Publication, content: Content) -> list[Pair]:
    facts = [pair("公开对象", content["audience"])]
    if content.get("run"):
        facts.append(pair("计分", f"第 {content['run']} 次"))
    if publication.published_at:
        url = reverse("publication", args=[publication.pk])
        facts.append(pair("公开时间", moment_text(publication.published_at), url=url))
    if publication.closes_at:
        facts.append(pair("公示截止", f"{day_text(clock.last_day(publication.closes_at))} 24:00"))
    if not publication.published_at and content.get("window"):
        when = "按现在开始公示计算" if content["what"] == "show" else ""
        facts.append(pair("异议的提出", "".join(content["window"]), note=when, long=True))
    return facts


def _results(content: Content) -> list[Section]:
    lines = [
        Line(
            unit["unit"],
            unit["unit"],
            notes=["取消评先资格"] if unit.get("barred") else [],
            cells=[
                Cell("名次", str(unit["rank"] or "—"), is_number=True),
                Cell("综合得分", unit["total"], is_number=True),
                *(
                    Cell(title, value or "—", is_number=True)
                    for title, value in zip(content["columns"], unit.get("components", ()), strict=False)
                ),
                Cell("加分", unit.get("bonus", "—"), is_number=True),
                Cell("减分", unit.get("deduction", "—"), is_number=True),
                Cell("等次", unit["grade"]),
            ],
        )
        for unit in content["units"]
    ]
    return [Section("考核结果", f"{len(lines)} 家", grid=Grid("考核结果名单", lines, first="单位"))]


def _targets(content: Content) -> list[Section]:
    lines = [
        Line(
            f"{unit['unit']}-{number}",
            each["title"],
            cells=[
                Cell("目标值", each["target"] or "—"),
                Cell("分值", each["points"], is_number=True),
                Cell("数据采集单位", each["collector"] or "—"),
            ],
            details=[pair("验收标准", each["standard"], long=True)],
            group=unit["unit"],
        )
        for unit in content["units"]
        for number, each in enumerate(unit["indicators"])
    ]
    note = f"{len(content['units'])} 家，共 {len(lines)} 项"
    return [Section("年度目标", note, grid=Grid("年度目标", lines), empty="本组还没有下达的指标。")]


def _notice(content: Content) -> list[Section]:
    parts = [
        Line(
            one["title"],
            one["title"],
            cells=[
                Cell("分值", one["points"], is_number=True),
                Cell("怎样得分", one["how"]),
                Cell("评估轮次", one["rounds"]),
                Cell("依据", one["cite"] or "—"),
            ],
        )
        for one in content["components"]
    ]
    collectors = [f"{each['title']}（{each['indicators']} 项）" for each in content["collectors"]]
    return [
        Section("考核内容", "", text="".join(content["beside"]), grid=Grid("得分构成", parts, first="项目")),
        Section("时间安排", "", [pair(each["title"], each["when"]) for each in content["dates"]]),
        Section(
            "采集和评估",
            "",
            [
                pair("数据采集单位", "、".join(collectors), long=True),
                *([pair("评估人", "、".join(content["voters"]), long=True)] if content["voters"] else []),
            ],
        ),
        Section("异议的提出", "", text="".join(content["objecting"])),
    ]
