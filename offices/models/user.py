"""People who sign in. They are deactivated, never deleted."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from audit.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Makes users; a username is unique whatever its case, for ever."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password the account cannot sign in."""
        user = self.model(username=username.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person. What the person may do follows from postings, not from this row."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    username = models.CharField("账号", max_length=60)
    name = models.CharField("姓名或岗位名称", max_length=80)
    phone = models.CharField("电话", max_length=30, blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_demo = models.BooleanField(default=False, db_default=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="offices_user_username")]

    def __str__(self) -> str:
        return self.name
