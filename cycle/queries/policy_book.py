"""The policy as a book of seven sections: every value with its article, and what is still provisional.

Read from the pack's canonical bytes, so that each entry has the path by which it is confirmed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cycle.models import Cycle, PolicyConfirmation
from cycle.queries.periods import period_title
from cycle.queries.policy_words import (
    ADJUSTMENTS,
    SCORED_BY,
    STAGE_TITLES,
    adjustment_text,
    audience_text,
    clock_text,
    component_text,
    grade_text,
    offices_text,
    step_title,
    use_text,
    veto_text,
    window_text,
)
from policies.packs import Pack


@dataclass(frozen=True, slots=True)
class Entry:
    """One value; `note` and `confirmation` only where the text is silent and the value ours."""

    path: str
    title: str
    text: str
    cite: str
    note: str = ""
    confirmation: PolicyConfirmation | None = None

    @property
    def is_open(self) -> bool:
        """Provisional and not yet confirmed."""
        return bool(self.note) and self.confirmation is None


@dataclass(slots=True)
class Block:
    """Entries under one heading."""

    title: str
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """One of the seven elements."""

    id: str
    title: str
    blocks: list[Block]

    @property
    def open(self) -> int:
        """Provisional values that wait for confirmation."""
        return sum(entry.is_open for block in self.blocks for entry in block.entries)


Raw = dict[str, Any]


class Book:
    """A pack turned into sections."""

    def __init__(self, pack: Pack, cycle: Cycle | None) -> None:
        self.pack = pack
        self.data: Raw = json.loads(pack.canonical)
        self.notes = dict(pack.defaults())
        self.cycle = cycle
        rows = (
            PolicyConfirmation.objects.filter(policy=pack.digest)
            if cycle is None
            else (PolicyConfirmation.objects.filter(policy=cycle.policy_id))
        )
        self.confirmed = {each.path: each for each in rows.select_related("by")}
        self.groups = {key: group.title for key, group in pack.groups.items()}
        self.offices = pack.assessors.offices

    @property
    def open(self) -> int:
        """Provisional values that wait for confirmation."""
        return len(set(self.notes) - set(self.confirmed))

    def sections(self) -> list[Section]:
        """The seven elements in their order."""
        return [
            Section("subjects", "评估对象", list(self._subjects())),
            Section("content", "评估内容", list(self._content())),
            Section("assessors", "评估主体", list(self._assessors())),
            Section("process", "评估流程", list(self._process())),
            Section("periods", "评估周期", list(self._periods())),
            Section("grades", "评估等次", list(self._grades())),
            Section("uses", "结果运用", list(self._uses())),
        ]

    def _entry(self, path: str, title: str, text: str, raw: Raw) -> Entry:
        return Entry(
            path, title, text, raw.get("cite", ""), self.notes.get(path, ""), self.confirmed.get(path)
        )

    def _section(self, name: str) -> Raw:
        found: Raw = self.data.get(name) or {}
        return found

    def _covered(self, raw: Raw) -> str:
        """The groups that a shared part is for."""
        groups = raw["for"] if isinstance(raw["for"], list) else [raw["for"]]
        return (
            "各组共同" if groups == ["all"] else "、".join(self.groups.get(one, str(one)) for one in groups)
        )

    def _subjects(self) -> Iterator[Block]:
        block = Block("")
        for key, raw in self._section("subjects").get("groups", {}).items():
            members = raw.get("members", [])
            text = f"{raw.get('count', len(members))} 家：{'、'.join(members)}" if members else ""
            block.entries.append(self._entry(f"subjects.groups.{key}", raw["title"], text, raw))
        yield block

    def _content(self) -> Iterator[Block]:
        content = self._section("content")
        for group, raw in content.items():
            if group != "common":
                yield from self._content_blocks(f"content.{group}", self.groups.get(group, group), raw)
        for index, raw in enumerate(content.get("common", [])):
            yield from self._content_blocks(f"content.common[{index}]", self._covered(raw), raw)

    def _content_blocks(self, path: str, title: str, raw: Raw) -> Iterator[Block]:
        components = raw.get("components", {})
        if components:
            yield Block(
                f"{title}：得分构成",
                [
                    self._entry(f"{path}.components.{key}", one["title"], component_text(one, self.pack), one)
                    for key, one in components.items()
                ],
            )
        for kind, words in ADJUSTMENTS.items():
            section = raw.get(kind) or {}
            if section:
                cap = f"，累计不超过 {section['cap']} 分" if section.get("cap") else ""
                yield Block(
                    f"{title}：{words}{cap}",
                    [
                        self._entry(
                            f"{path}.{kind}.items.{key}",
                            one["title"],
                            adjustment_text(one, self.offices),
                            one,
                        )
                        for key, one in section.get("items", {}).items()
                    ],
                )
        if raw.get("vetoes"):
            yield Block(
                f"{title}：否决事项",
                [
                    self._entry(f"{path}.vetoes.{key}", one["title"], veto_text(one, self.pack), one)
                    for key, one in raw["vetoes"].items()
                ],
            )

    def _assessors(self) -> Iterator[Block]:
        section = self._section("assessors")
        roles = {
            "lead": "领导",
            "office": "承办",
            "organise": "组织",
            "collect": "采集",
            "decide": "决定",
            "use": "运用结果",
        }
        yield Block(
            "机构",
            [
                self._entry(f"assessors.offices.{key}", one["title"], roles.get(one.get("role", ""), ""), one)
                for key, one in section.get("offices", {}).items()
            ],
        )
        voters = [
            self._entry(f"assessors.voters.{key}", one["title"], SCORED_BY["ballots"], one)
            for key, one in section.get("voters", {}).items()
        ]
        if section.get("collectors"):
            one = section["collectors"]
            voters.append(self._entry("assessors.collectors", one["title"], "采集和核验数据", one))
        yield Block("评估人和数据采集", voters)

    def _process(self) -> Iterator[Block]:
        section = self._section("process")
        for stage, title in STAGE_TITLES.items():
            for flow, steps in section.get(stage, {}).items():
                if not isinstance(steps, dict) or flow in ("title", "alerts"):
                    continue
                yield Block(
                    f"{title}：{step_title(flow)}",
                    [
                        self._entry(
                            f"process.{stage}.{flow}.{step}",
                            step_title(step, flow),
                            self._step_text(stage, flow, step, raw),
                            raw,
                        )
                        for step, raw in steps.items()
                    ],
                )
        if section.get("ladder"):
            yield Block(
                "超期处理",
                [
                    self._entry(f"process.ladder[{index}]", *self._rung(raw), raw)
                    for index, raw in enumerate(section["ladder"])
                ],
            )

    def _step_text(self, stage: str, flow: str, step: str, raw: Raw) -> str:
        if raw.get("skip"):
            return f"不设：{raw.get('why', '')}"
        parts = [
            offices_text(raw.get("office"), self.pack),
            window_text(raw.get("due"))
            if (flow, step) == ("publicity", "show")
            else clock_text(raw.get("due")),
            audience_text(flow, self.pack.step(stage, flow, step).audience),
        ]
        return "，".join(part for part in parts if part)

    def _rung(self, raw: Raw) -> tuple[str, str]:
        deeds = {
            "notice": "预告",
            "reminder": "提醒",
            "yellow_card": "黄牌",
            "red_card": "红牌",
            "supervision": "督办立案",
        }
        at = str(raw["at"]).strip()
        days = at.lstrip("+-").split()[0]
        when = f"到期前 {days} 个工作日" if at.startswith("-") else f"超期 {days} 个工作日"
        when = "到期未办" if at == "0" else when
        deed = str(raw["do"])
        return deeds.get(deed, deed), f"{when}，送{offices_text(raw.get('to'), self.pack)}"

    def _periods(self) -> Iterator[Block]:
        section = self._section("periods")
        cycle = section.get("cycle") or {}
        block = Block(
            "", [self._entry("periods.cycle", "评估年度", f"{cycle.get('from')} 至 {cycle.get('to')}", cycle)]
        )
        for key, raw in section.get("rounds", {}).items():
            covers = raw.get("covers")
            text = f"覆盖 {covers[0]} 至 {covers[1]}" if covers else "每期结束时评估"
            block.entries.append(
                self._entry(f"periods.rounds.{key}", raw.get("title") or period_title(key), text, raw)
            )
        every = {"month": "每月", "quarter": "每季度", "half": "每半年", "year": "每年"}
        for key, raw in section.get("reporting", {}).items():
            text = f"{every.get(raw['every'], raw['every'])}报送{offices_text(raw.get('to'), self.pack)}"
            block.entries.append(self._entry(f"periods.reporting.{key}", "完成情况报送", text, raw))
        yield block

    def _grades(self) -> Iterator[Block]:
        for index, scheme in enumerate(self.data.get("grades") or []):
            yield Block(
                self._covered(scheme),
                [
                    self._entry(
                        f"grades[{index}].levels.{key}", raw["title"], grade_text(raw, self.pack), raw
                    )
                    for key, raw in scheme["levels"].items()
                ],
            )

    def _uses(self) -> Iterator[Block]:
        yield Block(
            "",
            [
                self._entry(f"uses.{key}", raw["title"], use_text(raw, self.pack), raw)
                for key, raw in self._section("uses").items()
            ],
        )
