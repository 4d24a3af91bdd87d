"""How pages answer a refusal: in its field, as a message, or with 404."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from audit.refusals import NotFound, Refusal


def performed(request: HttpRequest, command: Callable[[], object], *, done: str, to: str) -> HttpResponse:
    """Run a command and go to `to`, with `done` as message or with the sentence of its refusal."""
    try:
        command()
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(to)


def accepted(form: Form, command: Callable[[], object]) -> bool:
    """Run a command on a valid form; a refusal becomes the error of its field and the answer is False."""
    if not form.is_valid():
        return False
    try:
        command()
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True
