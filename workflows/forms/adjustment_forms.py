"""Asking for an adjustment: unit, ground, day, and which indicators are changed, dropped, added."""

from collections.abc import Sequence
from typing import Any

from django import forms

from cycle.models import AdjustmentLine, Indicator, Subject
from cycle.queries.adjustments import current
from cycle.services.adjusting import GROUNDS
from cycle.services.adjustment_lines import MOST_ADDED
from offices.queries.seats import Seat

_ACTIONS = [("", "不变"), ("change", "调整"), ("drop", "撤销")]
_NO_GROUND = dict.fromkeys(("required", "invalid_choice"), "请从列表中选择调整事由。")
_NO_DAY = dict.fromkeys(("required", "invalid"), "请填写生效日期，例如 2026-09-01。")
_NO_NUMBER = dict.fromkeys(("invalid", "min_value", "max_value"), f"请填写 0 到 {MOST_ADDED} 的整数。")


class LinesForm(forms.Form):
    """Which of a unit's indicators a request is about."""

    added = forms.IntegerField(
        label="新增指标",
        required=False,
        min_value=0,
        max_value=MOST_ADDED,
        initial=0,
        help_text="需要新增的指标项数，内容在下一页填写；不新增的留 0。",
        error_messages=_NO_NUMBER,
    )

    def __init__(
        self, *args: Any, unit: Subject, lines: Sequence[AdjustmentLine] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.indicators = current(unit)
        chosen = {line.indicator_id: line.action for line in lines}
        for each in self.indicators:
            self.fields[f"pick-{each.pk}"] = forms.ChoiceField(
                label=each.title, choices=_ACTIONS, required=False, initial=chosen.get(each.pk, "")
            )
        self.fields["added"].initial = sum(line.indicator_id is None for line in lines)
        self.fields["added"].unit = "项"  # type: ignore[attr-defined]

    def rows(self) -> list[tuple[Indicator, forms.BoundField]]:
        """Each indicator with the choice of what happens to it."""
        return [(each, self[f"pick-{each.pk}"]) for each in self.indicators]

    def chosen(self) -> dict[str, Any]:
        """Return `picks` and `added` as the service wants them."""
        data = self.cleaned_data
        picks = {str(each.pk): data[f"pick-{each.pk}"] for each in self.indicators}
        return {
            "picks": {key: action for key, action in picks.items() if action},
            "added": data["added"] or 0,
        }


class RequestForm(LinesForm):
    """A new request: the ground is one of those that the law gives to the office."""

    ground = forms.ChoiceField(label="调整事由", error_messages=_NO_GROUND)
    effective_on = forms.DateField(
        label="生效日期",
        help_text="已经汇总上报的月份和已经采集核定的评估期次不能追溯调整。",
        error_messages=_NO_DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label="理由和依据",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
        help_text="写明政策文件、机构调整决定的名称和文号，或者不可抗力的情况和对指标的影响。",
        error_messages={"required": "请写明调整的理由和依据的文件。"},
    )
    field_order = ("ground", "effective_on", "reason", "added")

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grounds = GROUNDS.get(seat.capacity, ())
        choices = [(each.value, str(each.label)) for each in grounds]
        field = self.fields["ground"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices if len(choices) == 1 else [("", "请选择"), *choices]
        self.heads = [self[name] for name in ("ground", "effective_on", "reason", "added")]

    def request(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        data = self.cleaned_data
        return {name: data[name] for name in ("ground", "effective_on", "reason")} | self.chosen()


class WithdrawForm(forms.Form):
    """Why a request is taken back."""

    why = forms.CharField(
        label="撤回理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        error_messages={"required": "请写明撤回申请的理由。"},
    )


class UnitForm(forms.Form):
    """For which unit the performance office asks."""

    unit = forms.ChoiceField(
        label="责任单位", error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表中选择单位。")
    )

    def __init__(self, *args: Any, units: Sequence[Subject], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "请选择"), *((each.code, each.title) for each in units)]
