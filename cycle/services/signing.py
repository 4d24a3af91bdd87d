"""Signing for a document: the person who signs enters the password again."""

from audit.actor import Actor
from audit.refusals import NotPossible
from offices.models import User


def need_password(by: Actor, password: str) -> None:
    """Raise NotPossible unless this is the actor's own password: nobody signs on an unattended screen."""
    if not User.objects.get(pk=by.user).check_password(password):
        raise NotPossible("密码不正确，请重新输入登录密码完成签收。", field="password")
