"""Filters of the task lists; everything stays in the query string."""

from typing import Any

from django import forms

from cycle.models import Stage
from offices.queries.seats import Seat
from workflows.queries.inbox import DUES, VIEWS

_SEARCH = {"type": "search", "placeholder": "搜索事项、单位"}


class InboxForm(forms.Form):
    """The inbox: view, stage, deadline, word. Values that are none of the choices count as not given."""

    view = forms.ChoiceField(choices=list(VIEWS.items()), required=False, widget=forms.HiddenInput)
    q = forms.CharField(label="搜索", required=False, max_length=60, widget=forms.TextInput(attrs=_SEARCH))
    stage = forms.ChoiceField(label="阶段", choices=[("", "全部阶段"), *Stage.choices], required=False)
    due = forms.ChoiceField(label="时限", choices=[("", "全部时限"), *DUES.items()], required=False)

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()
        # Heads of units come to judge what their handlers prepared; that is what they see first.
        first = "review" if seat.is_head and seat.capacity == "unit" else "all"
        self.shown: str = self.cleaned_data.get("view") or first

    def criteria(self) -> dict[str, str]:
        """Return the arguments of `queries.inbox.inbox`."""
        data = self.cleaned_data
        return {
            "view": self.shown,
            "stage": data.get("stage", ""),
            "due": data.get("due", ""),
            "text": data.get("q", "").strip(),
        }


class DoneForm(forms.Form):
    """A word to look for among what is done."""

    q = forms.CharField(label="搜索", required=False, max_length=60, widget=forms.TextInput(attrs=_SEARCH))

    def text(self) -> str:
        """Return the word, empty when there is none."""
        return self.cleaned_data["q"].strip() if self.is_valid() else ""
