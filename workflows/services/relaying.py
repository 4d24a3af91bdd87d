"""The relay: hands each outbox message to its subscriber until that succeeds.

One message, one transaction: the handler's work and the mark "done" commit together, so that a crash
repeats it and never loses it. Handlers are idempotent by their own unique keys and may ask to be called
again.
"""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from audit.models import Outbox
from workflows.subscriptions import SUBSCRIPTIONS

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
_PENDING = """
SELECT id FROM audit_outbox WHERE done_at IS NULL AND dead_at IS NULL AND available_at <= clock_timestamp()
ORDER BY available_at, id LIMIT %s
"""
_RETRY = """
UPDATE audit_outbox SET attempts = attempts + 1, last_error = %s,
  available_at = clock_timestamp() + least(interval '1 hour', interval '2 seconds' * power(2, attempts)),
  dead_at = CASE WHEN attempts + 1 >= %s THEN clock_timestamp() END
WHERE id = %s AND done_at IS NULL
"""


def pending(limit: int = 200) -> list[UUID]:
    """Return the ids of messages that are due, oldest first."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(_PENDING, [limit])
        return [row[0] for row in cursor.fetchall()]


def deliver(message_id: UUID) -> bool:
    """Deliver one message if nobody else is at it; return whether its work was done now.

    A failure is noted with a growing pause before the next try; after `MAX_ATTEMPTS` the message is dead and
    shown to the administrator.
    """
    try:
        with transaction.atomic():
            return _handle(message_id)
    except Exception as error:
        log.exception("outbox message %s failed", message_id)
        with transaction.atomic(), transaction.get_connection().cursor() as cursor:
            cursor.execute(_RETRY, [f"{type(error).__name__}: {error}"[:2000], MAX_ATTEMPTS, message_id])
        return False


def _handle(message_id: UUID) -> bool:
    rows = Outbox.objects.select_for_update(skip_locked=True)
    message = rows.filter(pk=message_id, done_at__isnull=True, dead_at__isnull=True).first()
    if message is None:
        return False
    again = SUBSCRIPTIONS[message.topic](message.key, message.payload)
    if not again:
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("UPDATE audit_outbox SET done_at = clock_timestamp() WHERE id = %s", [message.pk])
    return True


def drain(max_messages: int = 100_000) -> int:
    """Deliver everything that is due, also what is left by the handlers themselves; return how many."""
    done = 0
    while done < max_messages:
        ids = pending()
        progress = sum(deliver(message_id) for message_id in ids)
        done += progress
        if not progress:
            break
    return done


def replay(message_id: UUID) -> None:
    """Give a dead message another life, from now."""
    dead = Outbox.objects.filter(pk=message_id, dead_at__isnull=False)
    dead.update(dead_at=None, attempts=0, available_at=Now())
