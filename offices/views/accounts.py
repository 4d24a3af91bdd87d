"""The system administrator's list of accounts."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.access import SYSADMIN, SeatedRequest, seated
from audit.answers import performed
from offices.forms import SearchForm
from offices.queries import people
from offices.services import accounts

PAGE = 50


@require_safe
@seated(SYSADMIN)
def account_list(request: SeatedRequest) -> HttpResponse:
    """List accounts with their postings today."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    rows = people.accounts(clock.local_date(request.seat.at), text)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/list.html", {"filter_form": form, "page": page, "text": text})


@require_POST
@seated(SYSADMIN)
def reset_password(request: SeatedRequest, account_id: UUID) -> HttpResponse:
    """Give an account a new password, shown this once."""
    made: list[str] = []
    answer = performed(
        request,
        lambda: made.append(accounts.reset_password(account_id, **_by(request))),
        done="密码已重置，原密码和锁定已失效。",
        to="accounts",
    )
    if not made:
        return answer
    return render(request, "accounts/password.html", {"password": made[0], "account": account_id})


@require_POST
@seated(SYSADMIN)
def set_active(request: SeatedRequest, account_id: UUID) -> HttpResponse:
    """Switch an account on or off."""
    active = request.POST.get("active") == "yes"
    return performed(
        request,
        lambda: accounts.set_active(account_id, active, **_by(request)),
        done="账号已启用。" if active else "账号已停用，登录随即失效。",
        to="accounts",
    )


def _by(request: SeatedRequest) -> dict[str, UUID]:
    return {"user_id": request.seat.user.pk, "office_id": request.seat.office.pk}
