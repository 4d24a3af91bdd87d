"""领导评估 and 公众评估: scores of units."""

from collections.abc import Iterable, Mapping
from typing import Any

from cycle.models import Cycle, Subject, Survey, SurveyResult, Turnout
from cycle.queries.ballots import voters_units
from cycle.queries.packs import rules_of
from cycle.queries.periods import period_title
from cycle.queries.provisional import component_note
from cycle.queries.rules import components_scored_by
from cycle.services.numbers import plain
from cycle.services.surveys import surveyed
from workflows.forms.parts import Cell, Control, Grid, Line, Pair, Section, pair
from workflows.forms.steps import StepForm

SECRECY = "评分不记名：系统只记录是否已经评分，不记录给哪个单位打了多少分；提交之前的内容也不保存。"


def ballot_grid(units: Iterable[Subject], values: Mapping[str, str], errors: Mapping[str, str]) -> Grid:
    """Return a ballot paper: one line a unit, one score from 0 to 100."""
    lines = [
        Line(
            unit.code,
            unit.title,
            cells=[
                Cell("评分", control=Control(
                    unit.code, f"{unit.title}的评分", values.get(unit.code, ""), kind="decimal", unit="分",
                    max_length=24, is_needed=True, error=errors.get(unit.code, ""),
                ))
            ],
        )
        for unit in units
    ]  # fmt: skip
    return Grid("评分表", lines, first="单位")


def basis_of(cycle: Cycle, units: Iterable[Subject], how: str) -> list[Pair]:
    """Return the article by which units are scored so, group by group, and what of it is provisional."""
    pack, pairs = rules_of(cycle), []
    for group in dict.fromkeys(unit.group for unit in units):
        for component in components_scored_by(pack, group, how):
            rule = pack.component(group, component)
            note = component_note(cycle, group, component)
            title = f"依据（{pack.groups[group].title}）"
            text = f"《{pack.title}》{rule.cite or ''}" if rule else ""
            pairs.append(pair(title, text, note=f"暂定：{note}" if note else "", long=True))
    return pairs


class BallotForm(StepForm):
    """A leader scores the units that the post answers for."""

    entry_steps = frozenset({"vote"})

    def build(self) -> list[Section]:
        """The ballot paper; afterwards only that it was handed in."""
        heading = f"{period_title(self.matter.key)}评分"
        if not self.entering:
            return [Section(heading, pairs=[pair("状态", self.matter.state_title)], text=SECRECY)]
        turnout = Turnout.objects.select_related("cycle").get(pk=self.item.matter_id)
        units = voters_units(turnout)
        grid = ballot_grid(units, self.typed or {}, self.errors)
        basis = basis_of(turnout.cycle, units, "ballots")
        return [Section(heading, "0–100 分，每个单位都要打分", basis, SECRECY, grid=grid)]

    @property
    def comment(self) -> None:
        """A ballot has no remarks: they would tell who wrote it."""
        return None

    def values(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """Return `scores` by unit code."""
        return {"scores": super().values(typed)}


class SurveyForm(StepForm):
    """The performance office enters the surveying body's results."""

    entry_steps = frozenset({"run"})
    evidence_steps = frozenset({"run"})

    def build(self) -> list[Section]:
        """One line a unit: satisfaction and response rate."""
        survey = Survey.objects.select_related("cycle").get(pk=self.item.matter_id)
        results = {each.subject_id: each for each in SurveyResult.objects.filter(survey=survey)}
        units = [unit for unit, _ in surveyed(survey)]
        lines = [self._line(unit, results.get(unit.pk)) for unit in units]
        grid = Grid("调查结果", lines, first="单位")
        basis = basis_of(survey.cycle, units, "survey")
        note = "满意度和回收率都是百分数；请上传调查机构盖章的报告" if self.entering else ""
        return [Section(f"{period_title(self.matter.key)}调查结果", note, basis, grid=grid)]

    def _line(self, unit: Subject, result: SurveyResult | None) -> Line:
        if not self.entering:
            shares = {"满意度": result.satisfaction, "回收率": result.turnout} if result else {}
            cells = [Cell(label, f"{plain(value)}%", is_number=True) for label, value in shares.items()]
            return Line(unit.code, unit.title, cells=cells)
        key = unit.code
        satisfaction = self.decimal(
            "satisfaction", f"{unit.title}的满意度", key=key, unit="%", is_needed=True
        )
        turnout = self.decimal("turnout", f"{unit.title}的回收率", key=key, unit="%", is_needed=True)
        return Line(
            key, unit.title, cells=[Cell("满意度", control=satisfaction), Cell("回收率", control=turnout)]
        )
