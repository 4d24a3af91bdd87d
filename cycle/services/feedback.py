"""Feedback: each unit's written result is served, and its head signs for exactly these bytes."""

import datetime as dt
from typing import Any
from uuid import UUID

from audit import blobs, ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Feedback, Grade, Score
from cycle.queries.packs import rules_of
from cycle.services.moving import hold, move
from offices.models import User

STATEMENT = "本人代表本单位确认收到上述考核结果。签收只表示收到，不影响本单位依照规定提出异议。"


def document(feedback: Feedback) -> dict[str, Any]:
    """The content of a feedback letter: result, components with articles, problems and advice."""
    pack = rules_of(feedback.cycle)
    subject = feedback.unit
    grade = Grade.objects.get(run=feedback.run, subject=subject)
    content = pack.content[subject.group]
    return {
        "title": f"{feedback.cycle.year} 年度绩效考核结果反馈书",
        "unit": subject.title,
        "demo": feedback.cycle.is_demo,
        "policy": {"title": pack.title, "digest": feedback.cycle.policy_id},
        "run": {"number": feedback.run.number, "result": feedback.run.result_digest},
        "total": grade.total,
        "rank": grade.rank,
        "ranked": grade.ranked,
        "grade": grade.grade_title,
        "bonus": grade.bonus,
        "deduction": grade.deduction,
        "vetoes": grade.vetoes,
        "components": [
            {
                "title": content.components[row.component].title,
                "value": row.value,
                "cite": content.components[row.component].cite or "",
            }
            for row in Score.objects.filter(run=feedback.run, subject=subject)
            if row.component in content.components
        ],
        "problems": feedback.text.get("problems", ""),
        "advice": feedback.text.get("advice", ""),
        "statement": STATEMENT,
    }


@ledger.service
def serve(
    matter_id: UUID, *, by: Actor, at: dt.datetime, problems: str = "", advice: str = "", comment: str = ""
) -> None:
    """Serve the letter on the unit (正定 七4: results with advice are fed back to every unit)."""
    feedback = hold(Feedback, matter_id)
    if not advice.strip():
        raise NotPossible("请写明对该单位的意见和建议后再送达。", field="advice")
    feedback.text = feedback.text | {"problems": problems.strip(), "advice": advice.strip()}
    letter = blobs.store([ledger.canonical(document(feedback)).encode()])
    move(
        feedback,
        "serve",
        by=by,
        at=at,
        why=comment,
        fields={"text": feedback.text, "document_digest": letter.digest, "served_at": at},
    )


@ledger.service
def sign(
    matter_id: UUID, *, by: Actor, at: dt.datetime, password: str, digest: str, comment: str = ""
) -> None:
    """The head signs: statement shown, password entered again, digest of the document confirmed.

    `digest` is what the page showed; a letter that was replaced meanwhile cannot be signed unseen.
    """
    feedback = hold(Feedback, matter_id)
    if digest != feedback.document_digest:
        raise NotPossible("反馈书在你打开之后有过更新，请重新阅读后再签收。")
    if not User.objects.get(pk=by.user).check_password(password):
        raise NotPossible("密码不正确，请重新输入登录密码完成签收。", field="password")
    move(
        feedback,
        "sign",
        by=by,
        at=at,
        why=comment,
        fields={"signed_at": at},
        statement=STATEMENT,
        document=feedback.document_digest,
    )
