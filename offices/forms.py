"""Forms about people and offices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

MAX_BYTES = 3 * 1024 * 1024
NO_FILE = {"required": "请先选择文件。", "empty": "这是空文件，请重新选择有内容的表格。"}


class SignInForm(forms.Form):
    """Username and password."""

    username = forms.CharField(
        label="用户名",
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label="密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    old = forms.CharField(
        label="现在的密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        max_length=200,
        strip=False,
        help_text="至少 10 位，不能全是数字，不能是常见密码，也不要与账号、姓名、电话相近。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label="再输一次新密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_repeated(self) -> str:
        """Both entries must agree."""
        repeated: str = self.cleaned_data["repeated"]
        if repeated != self.cleaned_data.get("new", repeated):
            raise forms.ValidationError("两次输入的新密码不一致，请重新输入。")
        return repeated


class SearchForm(forms.Form):
    """A word to look for."""

    q = forms.CharField(
        label="搜索",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "账号、姓名、单位"}),
    )


class ImportForm(forms.Form):
    """A table to import; `since` and `password` are asked for where the table brings postings."""

    file = forms.FileField(
        label="表格文件",
        help_text="CSV（UTF-8 或 GBK 编码）或 XLSX，第一行是列名。先预览，不会立即写入。",
        error_messages=NO_FILE,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    since = forms.DateField(
        label="任职起始日期",
        help_text="表格中没有写任职起的，从这一天起任职。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind not in ("postings", "leaders"):
            del self.fields["since"]

    def clean_file(self) -> UploadedFile[bytes]:
        """Tables of people are small; a large file is the wrong file."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError("表格超过 3 MB，请确认没有选错文件，或者拆分后分别导入。")
        return file


class InitialPasswordForm(forms.Form):
    """The first password of the accounts that an import makes."""

    password = forms.CharField(
        label="新建账号的初始密码",
        required=False,
        min_length=10,
        max_length=200,
        strip=False,
        help_text="至少 10 位；不填的，新账号要由管理员重置密码后才能登录。请要求各人首次登录后自行修改。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
