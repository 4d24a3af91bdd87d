"""Verifying the ledger: every leaf hash computed again, every stream must count 1, 2, 3 … without a gap."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q

from audit import blobs
from audit.ledger import LEAF_ALG, leaf_hash
from audit.models import Event

BATCH = 2000
SHOWN = 50
CHUNK = 1024 * 1024
_FIELDS = ("id", "stream", "seq", "type", "body", "leaf_alg", "leaf_hash")


@dataclass(slots=True)
class Findings:
    """What a verification found: how many events it read, which were altered, where some are missing."""

    checked: int = 0
    streams: int = 0
    altered: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    complete: bool = True
    last: tuple[str, int] = ("", 0)

    @property
    def sound(self) -> bool:
        """Nothing altered, nothing missing."""
        return not (self.altered or self.gaps)


def is_intact(event: Event) -> bool:
    """Whether the body still has its hash, and the columns still say what the body says."""
    if event.leaf_alg != LEAF_ALG or bytes(event.leaf_hash) != leaf_hash(event.body):
        return False
    body = json.loads(event.body)
    return bool(
        (body["id"], body["stream"], body["seq"], body["type"])
        == (str(event.pk), event.stream, event.seq, event.type)
    )


def is_stored(digest: str) -> bool:
    """Whether the stored file still has the bytes that its name promises."""
    hashed = hashlib.sha256()
    try:
        with blobs.open_blob(digest) as file:
            while chunk := file.read(CHUNK):
                hashed.update(chunk)
    except FileNotFoundError:
        return False
    return hashed.hexdigest() == digest


def verify(events: Iterable[Event]) -> Findings:
    """Verify whole streams (all events of each, in any order)."""
    found, numbers = Findings(), defaultdict(set)
    for event in events:
        found.checked += 1
        numbers[event.stream].add(event.seq)
        if not is_intact(event):
            found.altered.append(f"{event.stream} 第 {event.seq} 条")
    found.streams = len(numbers)
    for stream, present in sorted(numbers.items()):
        missing = sorted(set(range(1, max(present) + 1)) - present)
        found.gaps += [f"{stream} 缺第 {number} 条" for number in missing[:SHOWN]]
    return found


def verify_ledger(after: tuple[str, int] = ("", 0), *, seconds: int = 20) -> Findings:
    """Verify the ledger from a place on, in order of stream and number, for at most so many seconds.

    `complete` is False when the time ran out; `last` is then the place to go on from.
    """
    found, began = Findings(last=after), time.monotonic()
    stream, seq = after
    for event in _from(after):
        found.checked += 1
        if event.stream != stream:
            stream, seq = event.stream, 0
            found.streams += 1
        if event.seq != seq + 1:
            found.gaps.append(f"{stream} 缺第 {seq + 1} 至 {event.seq - 1} 条")
        if not is_intact(event):
            found.altered.append(f"{stream} 第 {event.seq} 条")
        seq = event.seq
        found.last = stream, seq
        if found.checked % BATCH == 0 and time.monotonic() - began > seconds:
            found.complete = False
            break
    return found


def _from(place: tuple[str, int]) -> Iterator[Event]:
    """All events after a place, batch by batch by the key: no long transaction, no large result."""
    while True:
        stream, seq = place
        later = Q(stream=stream, seq__gt=seq) | Q(stream__gt=stream)
        batch = list(Event.objects.filter(later).only(*_FIELDS).order_by("stream", "seq")[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        place = batch[-1].stream, batch[-1].seq
