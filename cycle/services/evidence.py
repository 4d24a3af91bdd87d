"""Evidence: upload, withdraw. Files are content-addressed and never replaced in place."""

import datetime as dt
import unicodedata
from pathlib import PurePath
from uuid import UUID

from audit import ledger
from audit.actor import Actor
from audit.models import Blob
from audit.refusals import NotAllowed, NotFound, NotPossible
from cycle.models import Evidence, Indicator, Matter

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


def check_file(name: str, size: int) -> str:
    """Return the content type of a file that may be stored; raises NotPossible with the reason otherwise.

    Only listed types, not empty, at most 100 MB.
    """
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
def attach(
    matter_id: UUID, *, by: Actor, at: dt.datetime, name: str, blob: Blob, indicator_id: UUID | None = None
) -> Evidence:
    """Tie stored bytes to a matter (and to the indicator that they prove).

    Raises NotPossible for a type that is not listed, a closed matter, or the 21st file.
    """
    matter = Matter.objects.select_for_update(no_key=True, of=("self",)).get(pk=matter_id)
    content_type = check_file(name, blob.size)
    if matter.is_final:
        raise NotPossible(f"“{matter.title}”已经办结，不能再上传材料。")
    if Evidence.objects.filter(matter=matter, withdrawn_at__isnull=True).count() >= MAX_FILES:
        raise NotPossible(f"一项事项最多上传 {MAX_FILES} 个文件，请合并后再上传。", field="file")
    if indicator_id and not Indicator.objects.filter(pk=indicator_id, cycle_id=matter.cycle_id).exists():
        raise NotPossible("没有找到要佐证的指标，请刷新页面后重新选择。", field="file")
    evidence = Evidence.objects.create(
        matter=matter,
        indicator_id=indicator_id,
        blob=blob,
        name=_plain_name(name),
        content_type=content_type,
        office_id=by.office,
        uploaded_by_id=by.user,
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


def _plain_name(name: str) -> str:
    """The last part of a name without control and direction characters, which can disguise its type."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")[-200:]


@ledger.service
def withdraw(matter_id: UUID, evidence_id: UUID, *, by: Actor, at: dt.datetime) -> None:
    """Take a file back before the matter is closed; the record that it was there stays."""
    rows = Evidence.objects.select_for_update(no_key=True, of=("self",)).select_related("matter")
    evidence = rows.filter(pk=evidence_id, matter_id=matter_id).first()
    if evidence is None:
        raise NotFound("没有找到这份材料，它可能不属于这一事项。")
    if evidence.office_id != by.office:
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
