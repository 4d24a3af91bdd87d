"""Records of the cycle app."""

from cycle.models.assessment import (
    AdjustmentClaim,
    Collection,
    Reading,
    SelfAssessment,
    Survey,
    SurveyResult,
    VetoFact,
)
from cycle.models.ballots import Ballot, Invitation, PaperBallot, Turnout
from cycle.models.calendar import CalendarDay, CalendarYear
from cycle.models.confirmation import PolicyConfirmation
from cycle.models.cycle import AdoptedPolicy, Cycle, Stage
from cycle.models.evidence import Evidence
from cycle.models.matter import KINDS, Matter
from cycle.models.monitoring import Compilation, Report, ReportLine
from cycle.models.results import (
    Approval,
    Consequence,
    Decision,
    Feedback,
    Grade,
    Publication,
    Score,
    ScoringRun,
    Waiver,
)
from cycle.models.sheets import Indicator, Opinion, Sheet, WorkPlan
from cycle.models.subject import Subject

__all__ = [
    "KINDS",
    "AdjustmentClaim",
    "AdoptedPolicy",
    "Approval",
    "Ballot",
    "CalendarDay",
    "CalendarYear",
    "Collection",
    "Compilation",
    "Consequence",
    "Cycle",
    "Decision",
    "Evidence",
    "Feedback",
    "Grade",
    "Indicator",
    "Invitation",
    "Matter",
    "Opinion",
    "PaperBallot",
    "PolicyConfirmation",
    "Publication",
    "Reading",
    "Report",
    "ReportLine",
    "Score",
    "ScoringRun",
    "SelfAssessment",
    "Sheet",
    "Stage",
    "Subject",
    "Survey",
    "SurveyResult",
    "Turnout",
    "VetoFact",
    "Waiver",
    "WorkPlan",
]
