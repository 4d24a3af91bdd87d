"""Evidence: upload, withdraw. Files are content-addressed and never replaced in place."""

from collections.abc import Iterable
from pathlib import PurePath
from uuid import UUID

from audit import blobs, ledger
from audit.actor import Actor
from audit.refusals import NotAllowed, NotPossible
from cycle.models import Evidence, Indicator, Matter
from offices.queries.acting import acting

TYPES = {
    ".pdf": "application/pdf",
    ".ofd": "application/ofd",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".zip": "application/zip",
}
MAX_BYTES = 100 * 1024 * 1024
MAX_FILES = 20


@ledger.service
def attach(
    matter_id: UUID,
    *,
    name: str,
    size: int,
    chunks: Iterable[bytes],
    user_id: UUID,
    office_id: UUID,
    indicator_id: UUID | None = None,
) -> Evidence:
    """Store a file as evidence of a matter (and of one indicator, if given).

    Raises NotPossible for a type that is not listed, an empty file, one over 100 MB, or the 21st file.
    """
    matter = Matter.objects.select_for_update(no_key=True, of=("self",)).get(pk=matter_id)
    by, at = acting(user_id, office_id)
    if matter.is_final:
        raise NotPossible(f"“{matter.title}”已经办结，不能再上传材料。")
    content_type = _checked(name, size)
    if Evidence.objects.filter(matter=matter, withdrawn_at__isnull=True).count() >= MAX_FILES:
        raise NotPossible(f"一项事项最多上传 {MAX_FILES} 个文件，请合并后再上传。", field="file")
    if indicator_id and not Indicator.objects.filter(pk=indicator_id, cycle_id=matter.cycle_id).exists():
        raise NotPossible("没有找到要佐证的指标，请刷新页面后重新选择。", field="file")
    blob = blobs.store(chunks)
    evidence = Evidence.objects.create(
        matter=matter,
        indicator_id=indicator_id,
        blob=blob,
        name=PurePath(name).name[:200],
        content_type=content_type,
        office_id=office_id,
        uploaded_by_id=user_id,
        uploaded_at=at,
    )
    ledger.record(
        "evidence.attach",
        f"evidence/{evidence.pk}",
        by=by,
        at=at,
        new_stream=True,
        set={
            "matter": matter.pk,
            "indicator": indicator_id,
            "name": evidence.name,
            "sha256": blob.digest,
            "size": blob.size,
        },
    )
    return evidence


def _checked(name: str, size: int) -> str:
    suffix = PurePath(name).suffix.lower()
    if suffix not in TYPES:
        listed = "、".join(sorted(kind.lstrip(".") for kind in TYPES))
        raise NotPossible(f"不接受“{suffix or '没有扩展名'}”类型的文件，可以上传：{listed}。", field="file")
    if size <= 0:
        raise NotPossible(f"“{name}”是空文件，请检查后重新上传。", field="file")
    if size > MAX_BYTES:
        raise NotPossible(f"“{name}”超过 100 MB，请压缩或者拆分后再上传。", field="file")
    return TYPES[suffix]


@ledger.service
def withdraw(evidence_id: UUID, *, user_id: UUID, office_id: UUID) -> None:
    """Take a file back before the matter moves on; the record that it was there stays."""
    evidence = (
        Evidence.objects.select_for_update(no_key=True, of=("self",))
        .select_related("matter")
        .get(pk=evidence_id)
    )
    by: Actor
    by, at = acting(user_id, office_id)
    if evidence.office_id != office_id:
        raise NotAllowed("只能撤回本单位上传的材料。")
    if evidence.matter.is_final:
        raise NotPossible("事项已经办结，材料已成为依据，不能撤回。")
    if evidence.withdrawn_at:
        raise NotPossible("这份材料已经撤回。")
    evidence.withdrawn_at = at
    evidence.save(update_fields=["withdrawn_at"])
    ledger.record(
        "evidence.withdraw",
        f"evidence/{evidence.pk}",
        by=by,
        at=at,
        was={"withdrawn_at": None},
        set={"withdrawn_at": at},
    )
