"""One's own account: postings, password, the office acted for."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from audit.access import SeatedRequest, seated
from audit.answers import accepted
from offices.forms import PasswordForm
from offices.queries.seats import ACTING_OFFICE
from offices.services import accounts


@require_safe
@seated()
def me(request: SeatedRequest) -> HttpResponse:
    """Show the person's postings and the form for a new password."""
    return _page(request, PasswordForm())


@sensitive_post_parameters("old", "new", "repeated")
@require_POST
@seated()
def change_password(request: SeatedRequest) -> HttpResponse:
    """Change the password; other sessions of the account end by it."""
    form = PasswordForm(request.POST)
    if not accepted(form, lambda: _change(request, form)):
        return _page(request, form)
    messages.success(request, "密码已修改，其他设备上的登录已经失效，下次请用新密码登录。")
    return redirect("me")


def _change(request: SeatedRequest, form: PasswordForm) -> None:
    data = form.cleaned_data
    user = accounts.change_password(request.seat.user.pk, old=data["old"], new=data["new"])
    update_session_auth_hash(request, user)


def _page(request: SeatedRequest, form: PasswordForm) -> HttpResponse:
    return render(request, "me/account.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@seated()
def switch_office(request: SeatedRequest) -> HttpResponse:
    """Act for another of one's offices from now on."""
    wanted = request.POST.get("office", "")
    office = next((each for each in request.seat.offices if str(each.pk) == wanted), None)
    if office is None:
        raise Http404("你目前没有这个岗位，请刷新页面后重新选择。")
    request.session[ACTING_OFFICE] = str(office.pk)
    messages.success(request, f"现在以“{office.title}”的岗位办理。")
    return redirect("/")
