"""What Celery runs. Messages carry ids only; everything here may run twice or late."""

from uuid import UUID

from celery import shared_task

from workflows.services import relaying, ticking


@shared_task(name="workflows.tasks.relay")
def relay() -> int:
    """Hand every due outbox message to a worker; return how many."""
    ids = relaying.pending()
    for message_id in ids:
        deliver.delay(str(message_id))
    return len(ids)


@shared_task(name="workflows.tasks.deliver")
def deliver(message_id: str) -> bool:
    """Deliver one outbox message."""
    return relaying.deliver(UUID(message_id))


@shared_task(name="workflows.tasks.tick")
def tick() -> dict[str, int]:
    """Do what time asks for: open periods and rounds, fire deadlines."""
    return ticking.tick()
