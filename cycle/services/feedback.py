"""Feedback: each unit's written result is served, and its head signs for exactly these bytes."""

import datetime as dt
from uuid import UUID

from audit import blobs, clock, ledger
from audit.actor import Actor
from audit.refusals import NotPossible
from cycle.models import Feedback
from cycle.queries.letters import STATEMENT, composed, run_told
from cycle.services.deeming import UNSIGNED, deemed
from cycle.services.moving import hold, move
from cycle.services.numbering import next_number
from cycle.services.problem_lists import list_from_letter
from cycle.services.signing import need_password

WORD = "绩馈"
"""What the numbers of feedback letters are called by, after the government's first character."""


@ledger.service
def serve(
    matter_id: UUID, *, by: Actor, at: dt.datetime, problems: str = "", advice: str = "", comment: str = ""
) -> None:
    """Serve the letter on the unit (正定 七4: results with advice are fed back to every unit).

    Problems are written one a line; each becomes a rectification, a line that begins with ★ a key item.
    """
    feedback = hold(Feedback, matter_id)
    if not advice.strip():
        raise NotPossible("请写明对该单位的意见和建议后再送达。", field="advice")
    feedback.text = feedback.text | {"problems": problems.strip(), "advice": advice.strip()}
    number = next_number(feedback.cycle.owner_id, WORD, clock.local_date(at).year)
    letter = blobs.store([ledger.canonical(composed(feedback, at=at, number=number)).encode()])
    fields = {
        "text": feedback.text | {"number": number},
        "run": run_told(feedback),
        "document_digest": letter.digest,
        "served_at": at,
    }
    move(feedback, "serve", by=by, at=at, why=comment, fields=fields)
    list_from_letter(feedback, by=by, at=at)


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
    need_password(by, password)
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


@ledger.service
def deem_received(matter_id: UUID, *, by: Actor, at: dt.datetime, comment: str = "") -> None:
    """Nobody signed in time (留置送达): the letter counts as received from this day, without a signature."""
    feedback = hold(Feedback, matter_id)
    fields = deemed(feedback, at)
    move(
        feedback,
        "deem_received",
        by=by,
        at=at,
        why=UNSIGNED,
        fields=fields,
        document=feedback.document_digest,
    )
