"""Files that prove something: which, how many, how large, and that none is replaced unseen."""

from collections.abc import Iterator
from typing import Any

import pytest

from audit import blobs
from audit.refusals import NotAllowed, NotFound
from cycle.models import Evidence
from cycle.services.evidence import MAX_BYTES, MAX_FILES
from tests.county import County, refused
from workflows.services import attaching

LISTED = "csv、doc、docx、jpeg、jpg、ofd、pdf、png、txt、xls、xlsx、zip"


def attach(county: County, name: str = "报表.pdf", content: bytes = b"%PDF", **more: Any) -> Evidence:
    report = county.matter("report", unit="nanniu", key="m01")
    return attaching.attach(
        county.item(report).pk,
        user_id=county.user(more.pop("by", "nanniu-handler")),
        name=name,
        size=more.pop("size", len(content)),
        chunks=more.pop("chunks", [content]),
        **more,
    )


def test_a_file_is_kept_by_its_content_and_recorded(monitoring: County) -> None:
    indicator = monitoring.indicator("nanniu", "investment")
    evidence = attach(monitoring, content=b"%PDF-1.7 first", indicator_id=indicator.pk)
    assert blobs.read(evidence.blob.digest) == b"%PDF-1.7 first"
    event = monitoring.last_event(f"evidence/{evidence.pk}")
    assert event["set"] == {
        "matter": str(evidence.matter_id),
        "indicator": str(indicator.pk),
        "name": "报表.pdf",
        "sha256": evidence.blob.digest,
        "size": 14,
    }
    again = attach(monitoring, name="同一份.pdf", content=b"%PDF-1.7 first")
    assert again.blob_id == evidence.blob_id


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("病毒.exe", 10, f"不接受“.exe”类型的文件，可以上传：{LISTED}。"),
        ("没有类型", 10, f"不接受“没有扩展名”类型的文件，可以上传：{LISTED}。"),
        ("页面.html", 10, f"不接受“.html”类型的文件，可以上传：{LISTED}。"),
        ("图.svg", 10, f"不接受“.svg”类型的文件，可以上传：{LISTED}。"),
        ("空.pdf", 0, "“空.pdf”是空文件，请检查后重新上传。"),
        ("大.zip", MAX_BYTES + 1, "“大.zip”超过 100 MB，请压缩或者拆分后再上传。"),
    ],
)
def test_a_bad_file_is_refused_before_it_is_read(
    monitoring: County, name: str, size: int, sentence: str
) -> None:
    read = []

    def content() -> Iterator[bytes]:
        read.append(name)
        yield b"x" * size

    with refused(sentence, field="file"):
        attach(monitoring, name=name, size=size, chunks=content())
    assert read == []


def test_exactly_the_limit_is_allowed(monitoring: County) -> None:
    for number in range(MAX_FILES):
        attach(monitoring, name=f"{number}.txt", content=str(number).encode())
    blobs.store([b"one too many"])  # the bytes are stored first; only the row that names them is refused
    with refused("一项事项最多上传 20 个文件，请合并后再上传。", field="file"):
        attach(monitoring, name="多余.txt", content=b"one too many")
    first = Evidence.objects.earliest("uploaded_at")
    report = monitoring.matter("report", unit="nanniu", key="m01")
    attaching.withdraw(monitoring.item(report).pk, first.pk, user_id=monitoring.user("nanniu-handler"))
    attach(monitoring, name="补.txt", content=b"instead")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\fakepath\\附件.PDF", "附件.PDF"),
        ("../../etc/附件.pdf", "附件.pdf"),
        ("附\u202efdp.exe.pdf", "附fdp.exe.pdf"),
        ("行\n头.pdf", "行头.pdf"),
        ("长" * 300 + ".pdf", ("长" * 300 + ".pdf")[-200:]),
    ],
)
def test_a_name_is_kept_without_tricks(monitoring: County, given: str, kept: str) -> None:
    assert attach(monitoring, name=given).name == kept


def test_an_indicator_of_another_year_is_not_found(monitoring: County) -> None:
    sentence = "没有找到要佐证的指标，请刷新页面后重新选择。"
    foreign = monitoring.matter("report", unit="nanniu", key="m01").pk
    blobs.store([b"%PDF"])
    with refused(sentence, field="file"):
        attach(monitoring, indicator_id=foreign)


def test_only_the_office_that_has_it_on_its_desk_attaches(monitoring: County) -> None:
    sentence = "此事项由南牛乡的工作人员办理，你目前没有这一任职，请联系本单位负责人。"
    with refused(sentence, NotAllowed):
        attach(monitoring, by="xinchengpu-handler")


def test_a_file_taken_back_stays_on_record(monitoring: County) -> None:
    evidence = attach(monitoring)
    item = monitoring.item(monitoring.matter("report", unit="nanniu", key="m01"))
    user_id = monitoring.user("nanniu-handler")
    attaching.withdraw(item.pk, evidence.pk, user_id=user_id)
    evidence.refresh_from_db()
    assert evidence.withdrawn_at is not None
    assert blobs.read(evidence.blob.digest) == b"%PDF"
    assert monitoring.events(f"evidence/{evidence.pk}") == ["evidence.attach", "evidence.withdraw"]
    with refused("这份材料已经撤回。"):
        attaching.withdraw(item.pk, evidence.pk, user_id=user_id)


def test_another_offices_file_cannot_be_taken_back(monitoring: County) -> None:
    evidence = attach(monitoring)
    report = monitoring.matter("report", unit="nanniu", key="m01")
    lines = {str(line.pk): {"value": "1"} for line in report.lines.all()}
    monitoring.do(report, "fill", lines=lines)
    monitoring.do(report, "approve")
    item = monitoring.item(report, office=monitoring.office("collector", "tongji"))
    with refused("只能撤回本单位上传的材料。", NotAllowed):
        attaching.withdraw(item.pk, evidence.pk, user_id=monitoring.user("collector"))


def test_a_file_of_another_matter_is_not_found(monitoring: County) -> None:
    evidence = attach(monitoring)
    other = monitoring.item(monitoring.matter("report", unit="xinchengpu", key="m01"))
    with refused("没有找到这份材料，它可能不属于这一事项。", NotFound):
        attaching.withdraw(other.pk, evidence.pk, user_id=monitoring.user("xinchengpu-handler"))


def test_nothing_is_added_to_a_task_that_is_done(monitoring: County) -> None:
    report = monitoring.matter("report", unit="nanniu", key="m01")
    item = monitoring.item(report)
    monitoring.do(report, "fill", lines={str(line.pk): {"value": "1"} for line in report.lines.all()})
    sentence = "这项任务已办，由演示·南牛乡经办员办理，不能重复办理。请返回待办列表查看最新情况。"
    with refused(sentence):
        attaching.attach(
            item.pk, user_id=monitoring.user("nanniu-handler"), name="晚.pdf", size=4, chunks=[b"late"]
        )
