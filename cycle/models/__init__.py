"""Records of the cycle app."""

from cycle.models.adjustments import AdjustmentLine, IndicatorAdjustment
from cycle.models.appeals import (
    Appeal,
    Correction,
    DocumentNumber,
    PointKind,
    Proposal,
    Recheck,
    Recusal,
)
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
from cycle.models.rectification import Extension, Milestone, Rectification
from cycle.models.results import (
    Approval,
    ChangeNotice,
    Consequence,
    Decision,
    Feedback,
    Grade,
    Interview,
    Publication,
    Reapproval,
    Score,
    ScoringRun,
    Waiver,
)
from cycle.models.sheets import Indicator, Opinion, Sheet, WorkPlan
from cycle.models.subject import Subject

__all__ = [
    "KINDS",
    "AdjustmentClaim",
    "AdjustmentLine",
    "AdoptedPolicy",
    "Appeal",
    "Approval",
    "Ballot",
    "CalendarDay",
    "CalendarYear",
    "ChangeNotice",
    "Collection",
    "Compilation",
    "Consequence",
    "Correction",
    "Cycle",
    "Decision",
    "DocumentNumber",
    "Evidence",
    "Extension",
    "Feedback",
    "Grade",
    "Indicator",
    "IndicatorAdjustment",
    "Interview",
    "Invitation",
    "Matter",
    "Milestone",
    "Opinion",
    "PaperBallot",
    "PointKind",
    "PolicyConfirmation",
    "Proposal",
    "Publication",
    "Reading",
    "Reapproval",
    "Recheck",
    "Rectification",
    "Recusal",
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
