"""Bringing a claim: a unit its bonus, the performance office a deduction or a veto."""

from typing import Any

from django import forms

from audit import clock
from cycle.models import AdjustmentClaim, Cycle, Subject
from cycle.queries.packs import rules_of
from cycle.queries.rules import ClaimItem, claim_items
from offices.queries.seats import Seat

_NO_UNIT = dict.fromkeys(("required", "invalid_choice"), "请从列表中选择单位。")
_NO_ITEM = dict.fromkeys(("required", "invalid_choice"), "请从列表中选择事项。")
_SORTS = {"unit": ("bonus",), "performance_office": ("deduction", "veto")}


class ClaimForm(forms.Form):
    """Unit, item, document. The items are those of the pack, with points and article."""

    subject = forms.ModelChoiceField(
        Subject.objects.none(), label="责任单位", empty_label="请选择单位", error_messages=_NO_UNIT
    )
    item = forms.ChoiceField(label="事项", error_messages=_NO_ITEM)
    source = forms.CharField(
        label="来源文件名称、文号",
        max_length=200,
        help_text="例如：关于表彰先进单位的决定（市政发〔2026〕12 号）。",
        error_messages={"required": "请写明依据的文件或证书名称、文号。"},
    )
    happened_on = forms.DateField(
        label="发生日期",
        help_text="文件印发或者事件发生的日期。",
        error_messages=dict.fromkeys(("required", "invalid"), "请填写日期，例如 2026-03-05。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    count = forms.IntegerField(
        label="次数",
        min_value=1,
        max_value=50,
        initial=1,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "请填写 1 到 50 的整数。"
        ),
    )
    fact = forms.CharField(
        label="同一事项标识",
        required=False,
        max_length=80,
        help_text="同一件事受到几级表彰或者通报的，几次都填相同的名称，系统只按最高一级计一次。",
    )

    def __init__(self, *args: Any, cycle: Cycle, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = clock.local_date(seat.at)
        self.cycle = cycle
        units = Subject.objects.filter(cycle=cycle)
        self.units = list(units.filter(office=seat.office) if seat.capacity == "unit" else units)
        self.sorts = _SORTS.get(seat.capacity, ())
        self._narrow("subject", units.filter(pk__in=[unit.pk for unit in self.units]))
        self._narrow("item", self._choices())
        if len(self.units) == 1:
            self.fields["subject"].initial = self.units[0]
            self.fields["subject"].widget = forms.HiddenInput()

    def _narrow(self, name: str, options: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = options
        elif isinstance(field, forms.ChoiceField):
            field.choices = options

    def _choices(self) -> list[Any]:
        pack = rules_of(self.cycle)
        found: dict[str, dict[str, str]] = {}
        for group in dict.fromkeys(unit.group for unit in self.units):
            for sort in self.sorts:
                label = str(AdjustmentClaim.Sort(sort).label)
                for key, item in claim_items(pack, group, sort).items():
                    found.setdefault(label, {})[f"{sort}:{key}"] = _words(item)
        return [("", "请选择事项"), *((label, list(items.items())) for label, items in found.items())]

    def clean_happened_on(self) -> Any:
        """A fact of this year, and not of the future."""
        day = self.cleaned_data["happened_on"]
        if day > self.today:
            raise forms.ValidationError("发生日期不能晚于今天，请改正。")
        if day.year != self.cycle.year:
            raise forms.ValidationError(
                f"这里只受理 {self.cycle.year} 年度内的事项，请核对日期或换一个年度。"
            )
        return day

    def claim(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        data = self.cleaned_data
        sort, _, item = data["item"].partition(":")
        names = ("source", "happened_on", "count", "fact")
        return {"sort": sort, "item": item, **{name: data[name] for name in names}}


def _words(item: ClaimItem) -> str:
    if item.given_range:
        low, high = item.given_range
        points = f"{low}–{high} 分"
    else:
        points = f"{item.points} 分" if item.points else ""
    detail = "，".join(part for part in (points, item.cite) if part)
    return f"{item.title}（{detail}）" if detail else item.title
