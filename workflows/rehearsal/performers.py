"""What each post does when its task is served: one function a step, through the tasks' own forms."""

from decimal import ROUND_HALF_UP, Decimal

from audit.marks import DEMO_MARK
from cycle.models import Collection, Feedback, Indicator, Matter, Survey, Turnout
from cycle.queries.ballots import voters_units
from cycle.queries.periods import period_end
from cycle.queries.problem_lines import KEY_MARK
from cycle.services.collections import indicators_of
from cycle.services.numbers import plain
from cycle.services.surveys import surveyed
from workflows.models import WorkItem
from workflows.rehearsal.adjusters import ADJUSTING
from workflows.rehearsal.appellants import APPEALING
from workflows.rehearsal.chance import Chance
from workflows.rehearsal.deeds import Deed, Performer, Stage, holder
from workflows.rehearsal.rectifiers import RECTIFYING
from workflows.services import attaching


def declare(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A unit confirms the drafted targets and refines its measures."""
    lines = {}
    for indicator in Indicator.objects.filter(subject=item.subject, state="draft").select_related("plan"):
        lines[str(indicator.pk)] = {"measures": indicator.plan.measures, "sections": indicator.plan.sections}
    return Deed(form={"lines": lines})


def review_sheet(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The performance office returns one sheet in six the first time."""
    if name[-1] == 1 and stage.chance.happens(17, "return", *name):
        return Deed("back_declare", stage.phrase("return_declare", *name))
    return Deed(comment=stage.phrase("opinion", *name))


def agree(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A head or an office agrees."""
    return Deed(comment="同意。")


def fill_report(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A unit reports its figures; a line now and then has nothing to report and says so."""
    lines: dict[str, dict[str, str]] = {}
    for line in item.matter.lines.select_related("indicator__subject"):
        key = line.indicator.key
        if stage.chance.happens(3, "nothing", *name, key):
            lines[str(line.pk)] = {"value": "", "note": "本月没有新的进展，按计划下月推进。"}
        else:
            value = achieved(line.indicator, item.matter.key, stage.chance)
            note = (
                stage.phrase("report_note", *name, key)
                if stage.chance.happens(20, "note", *name, key)
                else ""
            )
            lines[str(line.pk)] = {"value": value, "note": note}
    return Deed(form={"lines": lines})


def check_report(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A collector confirms, seldom returns."""
    if name[-1] == 1 and stage.chance.happens(0.6, "return", *name):
        return Deed("back_fill", stage.phrase("return_report", *name))
    return Deed(form={"lines": {}})


def compile_period(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The office passes the month's figures up."""
    return Deed(comment="汇总完毕，报县政府绩效管理工作领导小组。")


def write_self_assessment(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A unit writes its account of the year."""
    return Deed(
        form={
            "summary": stage.phrase("self_assessment", *name, 1) + stage.phrase("self_assessment", *name, 2),
            "problems": stage.phrase("problem", *name),
            "plans": "针对上述问题，" + stage.phrase("advice", *name),
        }
    )


def collect(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A collector enters the readings of every unit that it measures."""
    collection = Collection.objects.select_related("cycle", "office").get(pk=item.matter_id)
    lines = {
        str(each.pk): {"actual": achieved(each, collection.key, stage.chance)}
        for each in indicators_of(collection)
    }
    return Deed(form={"lines": lines})


def check_collection(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The office samples; one collection in twelve goes back once."""
    if name[-1] == 1 and stage.chance.happens(8, "return", *name):
        return Deed("back_collect", "抽查发现个别单位的实绩与原始台账不一致，请逐项核对后重新采集。")
    return Deed(comment="抽查复核无误。")


def vote(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A leader scores its units between 82 and 99."""
    turnout = Turnout.objects.select_related("cycle").get(pk=item.matter_id)
    scores = {
        unit.code: plain(
            stage.chance.share(86, 100, "vote", *name, unit.code) * 100 + _merit(unit.code, stage.chance)
        )
        for unit in voters_units(turnout)
    }
    return Deed(
        form={"scores": {code: plain(min(Decimal(score), Decimal(100))) for code, score in scores.items()}}
    )


def survey(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The surveying body's results come in."""
    record = Survey.objects.select_related("cycle").get(pk=item.matter_id)
    lines = {
        unit.code: {
            "satisfaction": plain(
                min(
                    stage.chance.share(80, 98, "survey", *name, unit.code) * 100
                    + _merit(unit.code, stage.chance),
                    Decimal(100),
                )
            ),
            "turnout": plain(stage.chance.share(62, 93, "turnout", *name, unit.code) * 100),
        }
        for unit, _ in surveyed(record)
    }
    return Deed(form={"lines": lines})


def submit_claim(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The claimant attaches the document and hands the claim in."""
    text = f"{DEMO_MARK}\n{item.matter.title}\n{stage.phrase('claim_evidence', *name)}\n"
    content = text.encode()
    attaching.attach(
        item.pk, user_id=holder(item), name="认定依据（演示）.txt", size=len(content), chunks=[content]
    )
    return Deed(form={"points": plain(claim_points(item.matter))})


def answer_claim(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """A unit hears of a deduction or a veto: two in three accept it, the others defend themselves."""
    if stage.chance.happens(67, "accepts", *name):
        return Deed(form={"accepts": "accepts", "statement": ""})
    return Deed(form={"accepts": "objects", "statement": stage.phrase("defence", *name)})


def verify_claim(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The office checks the documents; some bonuses that it may refuse by itself are not recognised."""
    claim = item.matter.adjustmentclaim
    if claim.sort == "bonus" and claim.item != "outstanding" and stage.chance.happens(10, "reject", *name):
        return Deed("reject", "所附文件不是正式文件，也没有注明表彰或者通报的对象，不予认定。")
    return Deed(comment="原件已核对。")


def serve_feedback(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The office writes problems and advice into the letter; one problem in five is a key item."""
    mark = KEY_MARK if stage.chance.happens(20, "key", *name) else ""
    problems = mark + stage.phrase("problem", *name)
    return Deed(form={"problems": problems, "advice": stage.phrase("advice", *name)})


def record_interview(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The office writes down what was said."""
    unit = item.matter.subject.title if item.matter.subject else ""
    return Deed(
        form={
            "present": f"县绩效办负责人\n{unit}主要负责人\n{unit}分管负责人",
            "said": f"反馈考核结果和失分情况。{unit}说明：{stage.phrase('problem', *name)}",
            "measures": stage.phrase("advice", *name),
        }
    )


def confirm_interview(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The head of the unit confirms; one record in six goes back once."""
    if name[-1] == 1 and stage.chance.happens(17, "return", *name):
        return Deed("back_record", "商定的措施没有写明完成时限，请补充后再确认。")
    return Deed(form={"opinion": "同意面谈记录，按商定的措施抓好落实。"})


def sign_feedback(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The head reads the letter and signs for its bytes."""
    letter = Feedback.objects.get(pk=item.matter_id)
    return Deed(form={"password": stage.password, "digest": letter.document_digest})


def execute(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """An office reports how it used the result."""
    amount = getattr(item.matter, "consequence", None)
    paid = plain(amount.amount) if amount is not None and amount.amount is not None else ""
    return Deed(form={"result": stage.phrase("consequence_report", *name), "amount": paid})


def evaluate(item: WorkItem, stage: Stage, name: tuple[object, ...]) -> Deed:
    """The office puts on record what it achieved."""
    return Deed(comment="运用到位，对改进工作起到了促进作用。")


PERFORMERS: dict[tuple[str, str], Performer] = {
    ("indicator_setting", "declare"): declare,
    ("indicator_setting", "first_review"): review_sheet,
    ("report", "fill"): fill_report,
    ("report", "verify"): check_report,
    ("compilation", "compile"): compile_period,
    ("self_assessment", "write"): write_self_assessment,
    ("data_verification", "collect"): collect,
    ("data_verification", "check"): check_collection,
    ("ballot", "vote"): vote,
    ("survey", "run"): survey,
    ("claim", "submit"): submit_claim,
    ("claim", "answer"): answer_claim,
    ("claim", "verify"): verify_claim,
    ("feedback", "serve"): serve_feedback,
    ("feedback", "sign"): sign_feedback,
    ("interview", "record"): record_interview,
    ("interview", "confirm"): confirm_interview,
    ("consequence", "execute"): execute,
    ("consequence", "evaluate"): evaluate,
    **ADJUSTING,
    **APPEALING,
    **RECTIFYING,
}


def achieved(indicator: Indicator, key: str, chance: Chance) -> str:
    """A plausible achievement of an indicator by the end of a period, as text.

    Depends on the unit's merit and the indicator, never on who asks, so that a monthly report and the
    collector's reading agree.
    """
    unit, name = indicator.subject.code, (indicator.subject.code, indicator.key, key)
    target = Decimal(indicator.round_values.get(key, {}).get("target") or indicator.target or 100)
    if indicator.method == "deduct":
        return str(chance.pick([0, 0, 0, 0, 1, 1, 2], "events", *name))
    merit = _merit(unit, chance)
    factor = (chance.share(90, 108, "achieved", *name) * 100 + merit * 2) / 100
    if indicator.params.get("direction") == "down":
        factor = 2 - factor
    if indicator.method == "growth":
        base = Decimal(indicator.round_values.get(key, {}).get("last_year") or indicator.last_year or 0)
        return _rounded(base + target * factor)
    value = target * factor * _progress(indicator, key)
    if indicator.unit in ("%", "％") and value > 100:
        value = Decimal(100)
    return _rounded(value)


def _progress(indicator: Indicator, key: str) -> Decimal:
    """How far a year's cumulative target has come by a month; rates and shares are always at full height."""
    if (
        not indicator.round_values
        or (not key.startswith("m0") and not key.startswith("m1"))
        or key == "midyear"
    ):
        return Decimal(1)
    month = period_end(2000, key)
    return Decimal(month.month) / 12 if month else Decimal(1)


def _merit(unit: str, chance: Chance) -> Decimal:
    """How good a unit is this year, between −5 and +4: it holds for everything the unit does."""
    return Decimal(chance.between(-10, 8, "merit", unit)) / 2


def _rounded(value: Decimal) -> str:
    return plain(max(value, Decimal(0)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def claim_points(matter: Matter) -> Decimal | None:
    """The points asked for where the rules leave them to a decision."""
    claim = getattr(matter, "adjustmentclaim", None)
    return Decimal("1.5") if claim is not None and claim.item == "outstanding" else None
