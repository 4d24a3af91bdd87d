"""Every flow, by the kind of matter that it moves."""

from workflows.flows.appeals import Appealing, RecusalRequest
from workflows.flows.assessment import (
    Claim,
    DataVerification,
    LeaderBallot,
    PublicSurvey,
    ResultApproval,
    ResultPublicity,
    UnitSelfAssessment,
)
from workflows.flows.base import MatterFlow
from workflows.flows.monitoring import PeriodCompilation, PeriodReport
from workflows.flows.outcome import Interviewing, UnitFeedback, UseOfResults
from workflows.flows.rectifying import ExtensionRequest, Rectifying
from workflows.flows.repair import PointRecheck, ResultChange, ResultReapproval
from workflows.flows.setting import IndicatorAdjusting, IndicatorSetting

FLOWS: tuple[type[MatterFlow], ...] = (
    IndicatorSetting,
    IndicatorAdjusting,
    PeriodReport,
    PeriodCompilation,
    UnitSelfAssessment,
    DataVerification,
    LeaderBallot,
    PublicSurvey,
    Claim,
    ResultPublicity,
    ResultApproval,
    UnitFeedback,
    Interviewing,
    UseOfResults,
    Appealing,
    RecusalRequest,
    Rectifying,
    ExtensionRequest,
    PointRecheck,
    ResultReapproval,
    ResultChange,
)
BY_KIND = {flow.kind.KIND: flow for flow in FLOWS}
BY_KEY = {flow.key: flow for flow in FLOWS}

__all__ = ["BY_KEY", "BY_KIND", "FLOWS", "MatterFlow"]
