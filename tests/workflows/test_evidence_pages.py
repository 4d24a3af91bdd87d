"""Files of a task: several at once, each taken or refused by itself; downloads are on record and safe."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from cycle.models import Evidence
from cycle.services import evidence as files
from tests.cast import signed_in
from tests.county import County
from workflows.models import WorkItem

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(name="task")
def the_declaration(setting: County) -> WorkItem:
    """The unit's open declaration."""
    return setting.item(setting.matter("sheet", unit="nanniu"))


def send(task: WorkItem, *sent: SimpleUploadedFile, **more: Any) -> Any:
    return signed_in("nanniu-handler").post(
        f"/t/{task.pk}/evidence/", {"files": list(sent), **more}, headers=FRAGMENT
    )


def file(name: str, content: bytes = b"%PDF-1.7 content") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_files_are_listed_beside_the_point_that_they_prove(setting: County, task: WorkItem) -> None:
    indicator = setting.indicator("nanniu", "investment")
    answer = send(task, file("台账.pdf"), file("照片.png", b"\x89PNG"), indicator=str(indicator.pk))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "台账.pdf" in text
    assert "照片.png" in text
    assert list(Evidence.objects.values_list("indicator__title", flat=True)) == ["固定资产投资"] * 2


def test_a_good_file_is_taken_beside_bad_ones(task: WorkItem) -> None:
    answer = send(task, file("表.pdf"), file("病毒.exe"), file("空.pdf", b""))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "不接受“.exe”类型的文件" in text
    assert "“空.pdf”是空文件" in text
    assert list(Evidence.objects.values_list("name", flat=True)) == ["表.pdf"]


def test_a_point_of_another_unit_is_not_taken(setting: County, task: WorkItem) -> None:
    send(task, file("表.pdf"), indicator=str(setting.indicator("xinchengpu", "investment").pk))
    assert Evidence.objects.get().indicator is None


def test_the_twenty_first_file_is_refused(task: WorkItem) -> None:
    for number in range(files.MAX_FILES):
        send(task, file(f"{number}.pdf"))
    answer = send(task, file("21.pdf"))
    assert "一项事项最多上传 20 个文件" in answer.content.decode()
    assert Evidence.objects.count() == files.MAX_FILES


def test_a_file_over_the_limit_is_refused_before_it_is_kept(
    task: WorkItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    answer = send(task, file("大.pdf", b"x" * 11))
    assert "“大.pdf”超过 100 MB" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_nothing_chosen_is_said(task: WorkItem) -> None:
    assert "请先选择文件，再上传。" in send(task).content.decode()


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc%2fpasswd.pdf", "a;b=c&<script>.pdf", "\u202egpj.报告.pdf", "长" * 300 + ".pdf"]
)
def test_hostile_names_stay_names(task: WorkItem, name: str) -> None:
    send(task, file(name))
    kept = Evidence.objects.get()
    assert len(kept.name) <= 200
    answer = signed_in("nanniu-handler").get(f"/evidence/{kept.pk}/")
    header = answer["Content-Disposition"]
    assert header.startswith("attachment; filename=\"evidence\"; filename*=UTF-8''")
    assert not set(header) & set("\r\n\u202e")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_download_gives_the_bytes_and_goes_on_record(task: WorkItem) -> None:
    send(task, file("表.pdf", b"exactly these"))
    kept = Evidence.objects.get()
    allowed = ("nanniu-head", "jxb-clerk", "auditor")
    for username in (*allowed, "xinchengpu-handler", "collector", "leader", "sysadmin"):
        status = 200 if username in allowed else 404
        answer = signed_in(username).get(f"/evidence/{kept.pk}/")
        assert answer.status_code == status, username
        if status == 200:
            assert b"".join(answer.streaming_content) == b"exactly these"  # type: ignore[attr-defined]
    taken = Event.objects.filter(type="evidence.download")
    assert sorted(taken.values_list("actor_name", flat=True)) == sorted(
        ["演示·南牛乡负责人", "演示·县绩效办经办员", "演示·绩效监督员"]
    )


def test_a_file_is_taken_back_by_its_own_office_while_the_task_is_open(
    setting: County, task: WorkItem
) -> None:
    send(task, file("表.pdf"))
    kept = Evidence.objects.get()
    path = f"/t/{task.pk}/evidence/{kept.pk}/withdraw/"
    assert signed_in("xinchengpu-handler").post(path).status_code == 404
    answer = signed_in("nanniu-handler").post(path, headers=FRAGMENT)
    assert "还没有上传材料。" in answer.content.decode()
    kept.refresh_from_db()
    assert kept.withdrawn_at is not None
    setting.do_item(task, lines={})
    closed = signed_in("nanniu-handler").post(path, headers=FRAGMENT)
    assert closed.status_code == 422
    assert "不能重复办理" in closed.content.decode()


def test_only_steps_that_ask_for_files_take_them(setting: County, task: WorkItem) -> None:
    setting.do_item(task, lines={})
    head = setting.item(task.matter)
    answer = signed_in("nanniu-head").post(
        f"/t/{head.pk}/evidence/", {"files": [file("表.pdf")]}, headers=FRAGMENT
    )
    assert "这一步骤不上传材料" in answer.content.decode()
    assert not Evidence.objects.exists()
