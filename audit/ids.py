"""Time-ordered keys that a client can make: UUID version 7 (RFC 9562 §5.7)."""

import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, a per-process counter, 62 random bits.

    Keys of one process are strictly increasing, which keeps b-tree inserts local. Never order history
    by them across processes: a stream's `seq` is the order.
    """
    global _last
    with _lock:
        stamp = max(time.time_ns() * 4096 // 1_000_000, _last + 1)  # 48-bit ms and a 12-bit fraction
        _last = stamp
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)
