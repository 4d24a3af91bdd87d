"""The adopted policy packs, by digest."""

from functools import lru_cache

from cycle.models import AdoptedPolicy
from policies.packs import Pack, pack_from_bytes


@lru_cache(maxsize=32)
def pack_of(digest: str) -> Pack:
    """Return the pack whose canonical bytes have this digest; bytes never change, so it is cached."""
    content = AdoptedPolicy.objects.values_list("content", flat=True).get(pk=digest)
    return pack_from_bytes(bytes(content))
