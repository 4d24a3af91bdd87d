"""What the engine library would let anybody do, and that nobody can do it here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.db.models import ProtectedError
from django.urls import URLPattern, URLResolver, get_resolver
from viewflow.fsm import TransitionNotAllowed

from audit.models import Event
from audit.refusals import NotFound, NotPossible
from offices.models import User
from tests.county import fingerprint
from tests.workflows import county
from workflows.flows import FLOWS, MatterFlow
from workflows.models import Process, Task, WorkItem
from workflows.nodes import BeginActivation, FinishActivation, StepActivation
from workflows.services import tasks

each_flow = pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.key)


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def test_no_view_of_the_library_is_routed() -> None:
    """Its form confusion (a POST to another step's URL) and its lock bypass need its URLs."""
    modules = [
        getattr(each.callback, "view_class", each.callback).__module__ for each in patterns(get_resolver())
    ]
    assert modules, "there are pages"
    assert [module for module in modules if module.startswith("viewflow")] == []


def test_no_admin_site_deletes_processes() -> None:
    assert not apps.is_installed("django.contrib.admin")


def test_requests_are_not_wrapped_in_a_transaction() -> None:
    """Within an outer transaction a failed lock would poison everything after it."""
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False
    assert connection.settings_dict["ATOMIC_REQUESTS"] is False


def test_the_librarys_own_checks_have_seen_the_flows() -> None:
    found = [each for each in checks.run_checks() if (each.id or "").startswith("viewflow")]
    assert found == []


@each_flow
def test_start_and_cancel_of_the_library_are_closed(flow: type[MatterFlow]) -> None:
    with pytest.raises(RuntimeError, match="start_all"):
        flow.instance.node("start").run()
    with pytest.raises(RuntimeError, match="cancelling"):
        flow.instance.cancel(Process())


@pytest.mark.django_db
def test_the_start_activation_is_closed() -> None:
    node: Any = FLOWS[0].instance.node("start")
    activation: Any = BeginActivation.create(node, None, None)  # type: ignore[no-untyped-call]
    with pytest.raises(RuntimeError, match="start_all"):
        activation.execute()


@pytest.mark.parametrize("activation", [StepActivation, FinishActivation, BeginActivation])
@pytest.mark.parametrize("door", ["undo", "revive"])
@pytest.mark.parametrize("status", ["NEW", "DONE", "CANCELED"])
def test_nothing_is_undone_or_revived(activation: Any, door: str, status: str) -> None:
    """A revived task of the library has no permission set and is everybody's."""
    flow: Any = FLOWS[0]
    task = Task(process=Process(flow_class=flow), flow_task=flow.instance.node("declare"), status=status)
    with pytest.raises(RuntimeError, match="undone|revived"):
        getattr(activation(task), door)()
    assert task.status == status


@pytest.mark.parametrize("model", [Process, Task, WorkItem])
def test_no_deletion_elsewhere_reaches_the_engines_rows(model: type[models.Model]) -> None:
    """The library's own tables cascade: deleting a user deletes finished tasks."""
    links = [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]
    assert links
    assert [field.name for field in links if field.remote_field.on_delete is not models.PROTECT] == []


@pytest.mark.django_db
def test_people_who_acted_cannot_be_deleted() -> None:
    county.setting()
    county.walk("first_review")
    for username in (county.HANDLER, county.HEAD):
        with pytest.raises(ProtectedError):
            User.objects.get(username=username).delete()


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["workflows_workitem", "workflows_task", "workflows_process"])
def test_history_is_never_deleted(table: str) -> None:
    county.setting()
    with pytest.raises(ProgrammingError, match="never deleted"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    with pytest.raises(ProgrammingError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.django_db
def test_a_way_of_another_step_is_not_open_here() -> None:
    """Which step is done is decided by the item alone, never by what a page claims."""
    county.setting()
    (item,) = county.walk("approve")
    before = fingerprint()
    for choice in ("back_first_review", "reject", "decide", ""):
        with pytest.raises(NotPossible, match="没有这种办理方式"):
            county.do(item, county.HEAD, choice, "理由")
    assert fingerprint() == before


@pytest.mark.django_db
def test_a_task_that_does_not_exist_is_not_found() -> None:
    county.setting()
    with pytest.raises(NotFound):
        tasks.complete(county.sheet().pk, user_id=county.user(county.HANDLER))


@pytest.mark.django_db
def test_an_error_in_a_step_keeps_no_trace_of_anybodys_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library would keep local variables with the task and mark it failed; here all is rolled back."""

    def breaks(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("secret")

    county.setting()
    item = county.waiting()
    before, events = fingerprint(), Event.objects.count()
    choice = tasks.step_of(item).choices["next"]
    monkeypatch.setattr(choice, "does", breaks)
    with pytest.raises(ZeroDivisionError):
        county.do(item, county.HANDLER)
    assert (fingerprint(), Event.objects.count()) == (before, events)


def _by_handle(item: WorkItem) -> None:
    StepActivation(item.task).complete()


def _by_assignment(item: WorkItem) -> None:
    with transaction.atomic():
        item.task.status = "DONE"
        item.task.save()  # type: ignore[no-untyped-call]
        connection.check_constraints()


@pytest.mark.django_db
@pytest.mark.parametrize("command", [_by_handle, _by_assignment])
def test_a_task_cannot_be_finished_past_the_completion_service(command: Callable[[WorkItem], None]) -> None:
    """The engine refuses (nobody has begun), or the database does (its item is open)."""
    county.setting()
    with pytest.raises((TransitionNotAllowed, IntegrityError)):
        command(county.waiting())
