"""What a rehearsal shows at its end: tables, a summary, the proof that its scores can be recomputed."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.db.models import Count

from audit.ledger import canonical
from audit.marks import DEMO_MARK
from audit.models import Event
from cycle.models import Appeal, Cycle, Grade, IndicatorAdjustment, Rectification, ScoringRun
from cycle.queries.facts import facts_of
from cycle.queries.packs import rules_of
from cycle.queries.results import approved_run, latest_run
from policies.cases import read_case, write_case
from policies.scoring import score
from workflows.models import Process, WorkItem
from workflows.rehearsal.year import Year


def export_case(cycle: Cycle, directory: Path) -> None:
    """Write the cycle's facts in the public case format."""
    write_case(facts_of(cycle), directory)


def scores_agree(cycle: Cycle, directory: Path) -> bool:
    """Whether scoring the exported case gives exactly the scores of the newest run."""
    run = latest_run(cycle)
    if run is None:
        return False
    case = read_case(directory)
    units = score(rules_of(cycle), case.facts).to_json()["units"]
    grades = {grade.subject.code: grade for grade in Grade.objects.filter(run=run).select_related("subject")}
    recomputed = {unit["unit"]: (unit["total"], unit["rank"], unit["grade"] or "") for unit in units}
    stored = {code: (grade.total, grade.rank, grade.grade) for code, grade in grades.items()}
    return canonical(recomputed) == canonical(stored)


def result_lines(cycle: Cycle) -> list[str]:
    """The result of each group as text, best first."""
    run, pack = approved_run(cycle) or latest_run(cycle), rules_of(cycle)
    lines = [f"{cycle.title}结果（{DEMO_MARK}）"] if run else ["本年度还没有计分。"]
    for group, definition in pack.groups.items():
        grades = Grade.objects.filter(run=run, subject__group=group).select_related("subject")
        rows = sorted(grades, key=lambda grade: (grade.rank or 999, grade.subject.position))
        if rows:
            lines += ["", f"{definition.title}（{len(rows)} 个）"]
        for grade in rows:
            barred = "  取消评先" if grade.barred else ""
            place = f"{grade.rank or '-':>3}  {grade.total:>7}  {grade.grade_title:<4}"
            lines.append(f"  {place}  {grade.subject.title}{barred}")
    return lines


def summary_lines(cycle: Cycle, year: Year) -> list[str]:
    """Counts of what happened."""
    processes = Process.objects.filter(cycle=cycle).aggregate(n=Count("id"))["n"]
    items = WorkItem.objects.filter(cycle=cycle).aggregate(n=Count("id"))["n"]
    return [
        f"办理任务 {year.done} 项，其中退回 {year.returned} 次、超期办理 {year.late} 项；"
        f"流程 {processes} 个，待办 {items} 条，台账事件 {Event.objects.count()} 条。",
        repair_line(cycle),
    ]


def repair_line(cycle: Cycle) -> str:
    """What was contested, adjusted and put right."""
    appeals = Counter(
        each.get_outcome_display() or each.state_title for each in Appeal.objects.filter(cycle=cycle)
    )
    shown = "、".join(f"{title} {count} 件" for title, count in sorted(appeals.items())) or "没有"
    moved = sum(len(_grades_moved(run)) for run in cycle.runs.all())
    problems = Rectification.objects.filter(cycle=cycle)
    return (
        f"申诉：{shown}，{moved} 家单位的等次因此变更；"
        f"指标调整 {IndicatorAdjustment.objects.filter(cycle=cycle, state='effective').count()} 项；"
        f"整改 {problems.count()} 项，销号 {problems.filter(state='closed').count()} 项，"
        f"重复出现 {problems.filter(recurs__isnull=False).count()} 项。"
    )


def _grades_moved(run: ScoringRun) -> list[Any]:
    """The units whose grade the run changed against the one before."""
    return [each for each in run.changes.get("units", []) if each["grade"][0] != each["grade"][1]]
