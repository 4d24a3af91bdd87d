"""评估对象, 评估主体, 评估流程 and 评估周期: who is assessed, who assesses, step by step, by when."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, model_validator

from policies.clocks import Clock
from policies.packs.conditions import When
from policies.packs.entries import Entry, Strict
from policies.packs.errors import fail
from policies.packs.values import (
    ClockRule,
    Count,
    Flag,
    Id,
    Ids,
    LadderSpan,
    MonthDay,
    Text,
    month_day,
    text,
    within,
)

STAGES = ("indicator_setting", "monitoring", "assessment", "feedback", "uses")
BUILT_IN_OFFICES = frozenset({"unit", "unit_head", "collector", "superior"})
Audience = Literal["inside", "units", "public"]
Every = Literal["month", "quarter", "half", "year"]


def _titles(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        fail("members 应当是名单列表，例如 [南牛乡, 新城铺镇]。")
    names = tuple(within(index, text, item) for index, item in enumerate(raw))
    for index, name in enumerate(names):
        if name in names[:index]:
            fail(f"“{name}”在名单里重复了。", index)
    return names


def _covers(raw: object) -> tuple[tuple[tuple[int, int], bool], tuple[tuple[int, int], bool]]:
    if not isinstance(raw, list) or len(raw) != 2:
        fail("covers 应当写成 [起始日, 截止日]，例如 [01-01, 06-30]。")
    return within(0, month_day, raw[0]), within(1, month_day, raw[1])


class Classes(Strict):
    """Units are compared only with those that share this column of `units.csv`."""

    by: Text


class Group(Entry):
    """One kind of subject, e.g. 乡镇政府."""

    title: Text
    kind: Literal["organisation", "section", "person", "project"] = "organisation"
    members: Annotated[tuple[str, ...], PlainValidator(_titles)] = ()
    count: Count | None = None
    classes: Classes | None = None


class Subjects(Strict):
    """评估对象: the groups."""

    groups: dict[Id, Group]


class Assessor(Entry):
    """An office with a part in the assessment."""

    title: Text
    role: Literal["lead", "office", "organise", "collect", "decide", "use"]


class Titled(Entry):
    """A kind of voter, or the collectors as a whole."""

    title: Text


class Assessors(Strict):
    """评估主体: offices, kinds of voters, collectors, and who must stand aside."""

    offices: dict[Id, Assessor] = Field(default_factory=dict)
    voters: dict[Id, Titled] = Field(default_factory=dict)
    collectors: Titled | None = None
    recusal: Ids = ()


class Step(Entry):
    """One step of a flow: whose task, by when; or why it does not take place.

    `audience`: who may read what the step publishes (the group itself, all units, everybody).
    """

    office: Ids = ()
    due: ClockRule | None = None
    audience: Audience | None = None
    skip: Flag = False
    why: Text | None = None

    @model_validator(mode="after")
    def _skip_needs_a_reason(self) -> "Step":
        if self.skip and not self.why:
            fail("跳过一个步骤要写明 why（理由）。")
        return self


class Rung(Entry):
    """One rung of the overdue ladder, so far from the deadline (0: the last day is over)."""

    at: LadderSpan
    do: Literal["notice", "reminder", "yellow_card", "red_card", "supervision"]
    to: Ids
    deduct: Id | None = None


class Alert(Entry):
    """Tried on every report: what happens when the condition holds."""

    title: Text | None = None
    when: When
    do: Literal["notice", "correct", "supervision", "suspend"]
    office: Ids = ()
    due: ClockRule | None = None


class CycleDates(Strict):
    """The first and last day of a cycle."""

    first: MonthDay = Field(default=((1, 1), False), alias="from")
    last: MonthDay = Field(default=((12, 31), False), alias="to")


class Round(Entry):
    """A round of assessment: what time it covers, when it is assessed."""

    title: Text | None = None
    covers: Annotated[
        tuple[tuple[tuple[int, int], bool], tuple[tuple[int, int], bool]] | None, PlainValidator(_covers)
    ] = None
    assessed: Text | None = None


class Reporting(Entry):
    """How often something is reported, and to whom."""

    every: Every
    to: Id | None = None


class Interim(Entry):
    """Interim results during the year: ranks so far, no grades."""

    every: Every
    of: Literal["round", "to_date"] = "to_date"


class Periods(Strict):
    """评估周期."""

    cycle: CycleDates = CycleDates()
    rounds: dict[Id, Round] = Field(default_factory=dict)
    reporting: dict[Id, Reporting] = Field(default_factory=dict)
    interim: Interim | None = None


class Note(Strict):
    """How a silence or contradiction of the text was read."""

    about: Text
    says: Text | None = None
    read_as: Text
    cite: Text | None = None


@dataclass(frozen=True)
class StepRule:
    """What the policy says about one step; `is_default`: the pack is silent and the flow's own rule holds."""

    offices: tuple[str, ...]
    clock: Clock | None
    cite: str | None
    basis_default: bool
    skip: bool
    why: str | None
    is_default: bool = False
    audience: Audience | None = None
