"""Which form shows a task, by its flow. Every flow has one; a test holds this table to the flows."""

from workflows.forms.adjustments import AdjustmentForm
from workflows.forms.appeals import AppealForm, RecusalForm
from workflows.forms.ballots import BallotForm, SurveyForm
from workflows.forms.claims import ClaimForm
from workflows.forms.collections import CollectionForm
from workflows.forms.feedback import FeedbackForm
from workflows.forms.interviews import InterviewForm
from workflows.forms.outcome import UseForm
from workflows.forms.publications import PublicationForm
from workflows.forms.rectifying import ExtensionForm, RectificationForm
from workflows.forms.repair import ChangeForm, ReapprovalForm, RecheckForm
from workflows.forms.reports import CompilationForm, ReportForm
from workflows.forms.results import ApprovalForm
from workflows.forms.self_assessments import SelfAssessmentForm
from workflows.forms.sheets import SheetForm
from workflows.forms.steps import StepForm

FORMS: dict[str, type[StepForm]] = {
    "indicator_setting": SheetForm,
    "adjustment": AdjustmentForm,
    "report": ReportForm,
    "compilation": CompilationForm,
    "self_assessment": SelfAssessmentForm,
    "data_verification": CollectionForm,
    "ballot": BallotForm,
    "survey": SurveyForm,
    "claim": ClaimForm,
    "publicity": PublicationForm,
    "approval": ApprovalForm,
    "feedback": FeedbackForm,
    "interview": InterviewForm,
    "consequence": UseForm,
    "appeal": AppealForm,
    "recusal": RecusalForm,
    "rectification": RectificationForm,
    "extension": ExtensionForm,
    "recheck": RecheckForm,
    "reapproval": ReapprovalForm,
    "change_notice": ChangeForm,
}
