"""Confirming what the text of a policy leaves open and the pack filled in provisionally."""

from collections.abc import Collection
from uuid import UUID

from audit import ledger
from audit.refusals import NotFound, NotPossible
from cycle.models import AdoptedPolicy, Cycle, PolicyConfirmation
from cycle.queries.packs import pack_of
from offices.queries.acting import acting_as


@ledger.service
def confirm_values(cycle_id: UUID, paths: Collection[str], *, user_id: UUID) -> int:
    """Confirm provisional values of the policy that a cycle adopted; return how many were confirmed now.

    The head of the performance office does it. Values confirmed before are passed over. Raises NotFound for a
    path that is no provisional value of the policy, NotPossible when nothing is left to confirm.
    """
    cycle = Cycle.objects.get(pk=cycle_id)
    policy = AdoptedPolicy.objects.select_for_update(no_key=True).get(pk=cycle.policy_id)
    by, at = acting_as(user_id, cycle.owner_id, "performance_office", role="head")
    provisional = {path for path, _ in pack_of(policy.pk, cycle.year).defaults()}
    if set(paths) - provisional:
        raise NotFound("考核办法中没有这一项暂定内容，请刷新页面后再确认。")
    known = set(PolicyConfirmation.objects.filter(policy=policy).values_list("path", flat=True))
    fresh = sorted(set(paths) - known)
    if not fresh:
        raise NotPossible("所选的暂定内容都已经确认过，不需要再次确认。")
    PolicyConfirmation.objects.bulk_create(
        PolicyConfirmation(policy=policy, path=path, by_id=by.user, office_title=by.office_title, at=at)
        for path in fresh
    )
    ledger.record(
        "policy.confirm", f"policy/{policy.pk}", by=by, at=at, policy=policy.pk, set={"confirmed": fresh}
    )
    return len(fresh)
