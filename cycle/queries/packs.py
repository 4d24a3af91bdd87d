"""The adopted policy packs, by digest, with the values in force in a cycle's year."""

from functools import lru_cache

from cycle.models import AdoptedPolicy, Cycle
from policies.packs import Pack, pack_from_bytes


@lru_cache(maxsize=32)
def pack_of(digest: str, year: int) -> Pack:
    """Return the pack whose canonical bytes have this digest, as it holds for the cycle of `year`.

    Bytes never change, so it is cached.
    """
    content = AdoptedPolicy.objects.values_list("content", flat=True).get(pk=digest)
    return pack_from_bytes(bytes(content)).for_cycle(year)


def rules_of(cycle: Cycle) -> Pack:
    """Return the rules that the cycle adopted."""
    return pack_of(cycle.policy_id, cycle.year)
