"""Which run was shown to the units. Results count as shown only as they were shown."""

from cycle.models import Cycle, Publication, ScoringRun
from cycle.queries.results import latest_run


def publications_of(run: ScoringRun) -> list[Publication]:
    """Return the publicity that showed exactly this run's results, one for each group.

    A run that was computed again with the same outcome is the same result: nobody has to be shown it twice.
    """
    rows = Publication.objects.filter(cycle=run.cycle_id, run__result_digest=run.result_digest)
    return list(rows.select_related("run").order_by("created_at", "pk"))


def is_newest(cycle: Cycle, run: ScoringRun | None) -> bool:
    """Whether the newest run of the cycle has this run's results."""
    newest = latest_run(cycle)
    return run is not None and newest is not None and newest.result_digest == run.result_digest
