"""Signing in and out."""

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit.answers import accepted
from offices.forms import SignInForm
from offices.models import User
from offices.services import accounts

BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page; sign in."""
    target = _target(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and accepted(form, lambda: _enter(request, form)):
        return redirect(target)
    context = {"form": form, "next": target if target != "/" else "", "demo_banner": _is_demonstration()}
    return render(request, "registration/login.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, form: SignInForm) -> None:
    address = request.META.get("REMOTE_ADDR", "")
    user = accounts.sign_in(form.cleaned_data["username"], form.cleaned_data["password"], address=address)
    login(request, user, backend=BACKEND)


def _target(request: HttpRequest) -> str:
    """Where to go after signing in: within this site only."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def _is_demonstration() -> bool:
    return User.objects.filter(is_demo=True, is_active=True).exists()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    if not request.user.is_authenticated:
        return redirect_to_login("/")
    accounts.sign_out(request.user)
    logout(request)
    messages.success(request, "已退出登录。离开前请关闭浏览器窗口。")
    return redirect("login")
