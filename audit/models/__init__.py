"""Records of the audit app."""

from audit.models.blob import Blob
from audit.models.clock import Clock
from audit.models.event import Event
from audit.models.heartbeat import Heartbeat
from audit.models.outbox import Outbox

__all__ = ["Blob", "Clock", "Event", "Heartbeat", "Outbox"]
