"""The page of one task: read, receive, keep a draft, complete."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from audit.access import SYSADMIN, SeatedRequest, seated
from audit.refusals import NotFound, Refusal
from offices.queries.directory import titles_of
from workflows.forms.parts import cleaned
from workflows.forms.registry import FORMS
from workflows.forms.steps import StepForm
from workflows.models import WorkItem
from workflows.queries.discretion import reads_deliberation
from workflows.queries.inbox import next_item
from workflows.queries.returns import return_of
from workflows.queries.task_page import evidence_of, may_write, surroundings, task_seen
from workflows.queries.timeline import timeline
from workflows.services import tasks


def seen(request: SeatedRequest, item_id: UUID) -> WorkItem:
    """Return the task, or answer 404 when the acting office may not see it."""
    item = task_seen(request.seat, item_id)
    if item is None:
        raise Http404("没有找到这项任务，它可能不属于你目前的岗位。")
    return item


def form_of(request: SeatedRequest, item: WorkItem, **more: Any) -> StepForm:
    """Return the form of the task's flow as this person sees it."""
    back = return_of(item)
    return FORMS[item.flow](item, writable=may_write(item, request.seat), back=back, **more)


@require_safe
@seated(but=(SYSADMIN,))
def task(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """Show a task: to do, or to read."""
    item = seen(request, item_id)
    typed = item.draft if may_write(item, request.seat) else None
    return show(request, item, form_of(request, item, typed=typed))


def show(
    request: SeatedRequest, item: WorkItem, form: StepForm, *, comment_error: str = "", other: str = ""
) -> HttpResponse:
    """Render the page; with errors the answer is 422."""
    errors = error_links(form, other)
    context = surroundings(item, request.seat, form.back) | {
        "form": form,
        "errors": errors,
        "evidence": evidence_of(item, request.seat),
        "entries": timeline(
            item.process, request.seat.at, withheld=not reads_deliberation(request.seat, item.matter)
        ),
        "actions": actions(form) if form.writable else [],
        "version": tasks.draft_version(item),
        "picked": frozenset(request.POST.getlist("concerns")),
        "receive": item.opened_at is None and form.writable,
    }
    return render(request, "tasks/task.html", context, status=422 if errors else 200)


def error_links(form: StepForm, other: str) -> list[dict[str, str]]:
    """Return the lines of the error summary: each leads to its field where there is one."""
    known = {control.name: control.id for control in form.controls()}
    links = [
        {"text": sentence, "url": f"#{known[name]}" if name in known else ""}
        for name, sentence in form.errors.items()
    ]
    return links + ([{"text": other, "url": ""}] if other else [])


def actions(form: StepForm) -> list[dict[str, Any]]:
    """Return the buttons: the ways back first, the way on last; silence is no button."""
    ways = [each for each in form.node.choices.values() if not each.is_lapse and form.offers(each)]
    choices = sorted(ways, key=lambda choice: choice.name == "next")
    return [
        {
            "label": choice.title,
            "name": "choice",
            "value": choice.name,
            "kind": "primary" if choice.name == "next" else "danger" if choice.name == "reject" else "",
            "icon": "return" if choice.is_return else "",
        }
        for choice in choices
    ]


@require_POST
@seated(but=(SYSADMIN,))
def receive(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """Record that the office has opened the task; the page asks for it when it is shown."""
    seen(request, item_id)
    try:
        tasks.receive(item_id, user_id=request.seat.user.pk)
    except Refusal:
        return HttpResponse(status=204)
    return HttpResponse(status=204)


@sensitive_post_parameters("password")
@require_POST
@seated(but=(SYSADMIN,))
def submit(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """Complete the task by one of its buttons; a refusal shows the page again with everything typed."""
    item = seen(request, item_id)
    form = form_of(request, item)
    typed = form.read(request.POST)
    try:
        served = _complete(request, item, form, typed)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    except Refusal as refusal:
        return _refused(request, item, typed, refusal)
    messages.success(request, _done_message(request, item, served))
    return redirect("inbox")


def _complete(
    request: SeatedRequest, item: WorkItem, form: StepForm, typed: Mapping[str, str]
) -> list[WorkItem]:
    choice = request.POST.get("choice", "next")
    return tasks.complete(
        item.pk,
        user_id=request.seat.user.pk,
        choice=choice,
        comment=cleaned(request.POST.get("comment", "")),
        form=form.values(typed) if choice == "next" and form.entering else {},
        concerns=request.POST.getlist("concerns")[:500],
    )


def _refused(
    request: SeatedRequest, item: WorkItem, typed: Mapping[str, str], refusal: Refusal
) -> HttpResponse:
    """Show the page again; a task that somebody has closed meanwhile is shown as it now is."""
    fresh = seen(request, item.pk)
    if not may_write(fresh, request.seat):
        messages.error(request, str(refusal))
        return redirect("task", item.pk)
    form = form_of(request, fresh, typed=typed, errors={refusal.field: str(refusal)} if refusal.field else {})
    return show(request, fresh, form, other="" if refusal.field else str(refusal))


def _done_message(request: SeatedRequest, item: WorkItem, served: list[WorkItem]) -> str:
    """Say what is next and with whom, and offer the most urgent task that is left."""
    if served:
        offices = titles_of(list(dict.fromkeys(each.office_id for each in served)))
        onward = f"下一步：{tasks.step_of(served[0]).task_title}，由{'、'.join(offices)}办理。"
    else:
        onward = "等待其他会办单位办理。" if tasks.step_of(item).joint else "事项已办结。"
    following = next_item(request.seat, item.pk)
    said = f"“{item.matter.title}”已办理。{onward}"
    if following is None:
        return said
    url = reverse("task", args=[following.pk])
    return format_html('{}<a href="{}">下一项：{}</a>', said, url, following.matter.title)


@require_POST
@seated(but=(SYSADMIN,))
def draft(request: SeatedRequest, item_id: UUID) -> HttpResponse:
    """Keep what was typed so far; when somebody else has saved meanwhile, show both (409)."""
    item = seen(request, item_id)
    form = form_of(request, item)
    kept = form.draft(request.POST)
    version = request.POST.get("draft_version", "")
    try:
        version = tasks.save_draft(item.pk, user_id=request.seat.user.pk, draft=kept, version=version)
    except tasks.DraftConflict as conflict:
        return _conflict(request, item, form, kept, conflict)
    except Refusal as refusal:
        return render(request, "components/notice.html", {"tone": "bad", "text": str(refusal)}, status=422)
    answer = render(request, "tasks/draft.html", {"version": version})
    answer["HX-Trigger"] = "draft-saved"
    return answer


def _conflict(
    request: SeatedRequest,
    item: WorkItem,
    form: StepForm,
    mine: dict[str, str],
    conflict: tasks.DraftConflict,
) -> HttpResponse:
    titles = {control.name: control.label for control in form.controls()}
    differing = [
        {"label": titles[name], "before": conflict.draft.get(name, ""), "after": text}
        for name, text in mine.items()
        if conflict.draft.get(name, "") != text
    ]
    context = {
        "item": item,
        "sentence": str(conflict),
        "differing": differing,
        "version": conflict.at.isoformat() if conflict.at else "",
        "mine_version": request.POST.get("draft_version", ""),
    }
    return render(request, "tasks/conflict.html", context, status=409)
