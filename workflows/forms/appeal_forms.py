"""What people fill in about an appeal outside its steps: bringing it, drafting, taking it back."""

from typing import Any

from django import forms
from django.utils.functional import cached_property

from audit import clock
from cycle.models import AdjustmentClaim, Appeal, Indicator, PointKind, Proposal
from cycle.queries.appointable import appointable
from cycle.queries.conflicts import eligible
from cycle.queries.overlay import recorded_claim
from cycle.queries.packs import rules_of
from cycle.queries.point_files import RoundLine, value_words
from cycle.queries.rules import claim_items, level_titles
from cycle.services.numbers import plain
from offices.queries.directory import holders
from offices.queries.seats import Seat
from workflows.queries.appeal_lists import POINTS, STATES, units_of, years_of

LONG = 2000


def _words(
    label: str, help_text: str, *, required: str, rows: int = 5, length: int = LONG
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": length}),
        error_messages={
            "required": required,
            "max_length": f"最多 {length} 个字，请删减，细节可以放进上传的材料。",
        },
    )


class NewAppealForm(forms.Form):
    """Ground, facts and request of a new appeal."""

    ground = forms.ChoiceField(
        label="申诉理由",
        choices=[("", "请选择"), *Appeal.Ground.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表中选择申诉理由。"),
    )
    facts = _words(
        "事实和理由",
        "写清楚认定错在哪里、正确的应当是什么、凭什么，一件一件写。",
        required="请写明事实和理由后再提交。",
        rows=7,
    )
    request = _words(
        "复核请求", "希望怎样改正，例如：按入库数重新计分。", required="请写明复核请求后再提交。", rows=3
    )


class SecondForm(forms.Form):
    """Facts and request of the second instance."""

    facts = _words(
        "不服复核决定的事实和理由",
        "针对复核决定书中的理由写。",
        required="请写明事实和理由后再提交。",
        rows=7,
    )
    request = _words("复议请求", "希望怎样改正。", required="请写明复议请求后再提交。", rows=3)


class WithdrawForm(forms.Form):
    """Why an appeal is taken back."""

    why = _words("撤回理由", "将记入台账。", required="请写明撤回申诉的理由。", rows=3, length=500)


class PersonForm(forms.Form):
    """A person of a list and a reason: who stands aside, who takes over."""

    person = forms.ChoiceField(
        label="人员", error_messages=dict.fromkeys(("required", "invalid_choice"), "请从名单中选择人员。")
    )
    why = _words("理由", "", required="请写明理由。", rows=4, length=500)

    def __init__(self, data: Any = None, *, people: list[tuple[str, str]], label: str, hint: str) -> None:
        super().__init__(data)
        self.fields["person"].choices = [("", "请选择"), *people]  # type: ignore[attr-defined]
        self.fields["person"].label = label
        self.fields["why"].help_text = hint


class AppointForm(PersonForm):
    """Somebody without a conflict, seated in the reviewing office until a day."""

    until = forms.DateField(
        label="任职止日",
        help_text="到期后自动离开复核机构，应当晚于本案办结的日期。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(("required", "invalid"), "请填写任职止日，例如 2027-03-31。"),
    )
    field_order = ("person", "until", "why")


def reviewers(appeal: Appeal, seat: Seat) -> list[tuple[str, str]]:
    """Return who in the reviewing office could take the case over."""
    people = eligible(appeal, appeal.office_id, seat.at)  # type: ignore[arg-type]
    return [(str(user.pk), user.name) for user in people if user.pk != appeal.reviewer_id]


def members(appeal: Appeal, seat: Seat) -> list[tuple[str, str]]:
    """Return who sits in the reviewing office: about whom the unit may ask that they stand aside."""
    people = holders(appeal.office_id, clock.local_date(seat.at))  # type: ignore[arg-type]
    return list({str(user.pk): user.name for user in people}.items())


def outsiders(appeal: Appeal, seat: Seat) -> list[tuple[str, str]]:
    """Return whom the leading group may seat in the reviewing office for this case."""
    return [
        (each.user.username, f"{each.user.name}（{each.office.title}）")
        for each in appointable(appeal, seat.at)
    ]


class QueueFilter(forms.Form):
    """What narrows the list of appeals; values that are none of the choices count as not given."""

    state = forms.ChoiceField(label="状态", choices=list(STATES.items()), required=False)
    year = forms.ChoiceField(label="年度", required=False)
    unit = forms.ChoiceField(label="单位", required=False)
    point = forms.ChoiceField(label="得分点类别", choices=[("", "全部类别"), *POINTS], required=False)

    def __init__(self, data: Any, *, seat: Seat) -> None:
        super().__init__(data)
        years = [(str(year), f"{year} 年度") for year in years_of(seat)]
        self.fields["year"].choices = [("", "全部年度"), *years]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [("", "全部单位"), *units_of(seat)]  # type: ignore[attr-defined]
        self.is_valid()

    @cached_property
    def wanted(self) -> dict[str, str]:
        """The arguments of `queries.appeal_lists.queue`."""
        found = {name: self.cleaned_data.get(name, "") for name in ("state", "year", "unit", "point")}
        return found | {"state": found["state"] or "standing"}


class ProposalForm(forms.Form):
    """The decision that a reviewer proposes: outcome, new values if it changes any, reasons, article."""

    outcome = forms.ChoiceField(
        label="拟作出的决定",
        choices=[("", "请选择"), *Appeal.Outcome.choices],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "请选择拟作出的决定：维持、变更或者退回重新核验。"
        ),
    )
    reasons = _words(
        "理由",
        "写明采信哪些证据、为什么这样认定；写入复核决定书。",
        required="请写明决定的理由后再保存。",
        rows=7,
    )
    cite = forms.CharField(
        label="依据的条款",
        max_length=200,
        help_text="考核办法或者指标标准的条款，例如：五（一）1。",
        error_messages={"required": "请写明依据的条款后再保存。", "max_length": "最多 200 个字，请删减。"},
    )

    def __init__(
        self, data: Any = None, *, appeal: Appeal, rounds: list[RoundLine], last: Proposal | None
    ) -> None:
        super().__init__(data)
        self.appeal, self.last = appeal, last
        self.kept: dict[str, Any] = last.changes if last else {}
        if appeal.indicator:
            for line in rounds:
                self.fields[f"{line.key}-value"] = self._value(appeal.indicator, line)
        elif appeal.claim:
            self._claim(appeal.claim)
        for name in ("outcome", "reasons", "cite"):
            self.fields[name].initial = getattr(last, name, "") or ""
        changed = [name for name in self.fields if name not in ("outcome", "reasons", "cite")]
        self.order_fields(["outcome", *changed, "reasons", "cite"])
        for name in ("outcome", "cite"):
            self.fields[name].width = "full"  # type: ignore[attr-defined]
        if appeal.point == PointKind.GRADE:
            shown = [each for each in Appeal.Outcome.choices if each[0] != Appeal.Outcome.CHANGE]
            self.fields["outcome"].choices = [("", "请选择"), *shown]  # type: ignore[attr-defined]

    def _value(self, indicator: Indicator, line: RoundLine) -> forms.Field:
        said = self.kept.get(line.key, {})
        initial = said.get("actual") or said.get("score") or ""
        now = f"现认定：{value_words(indicator, line.stored)}，得 {line.score or '—'} 分。不变更的留空。"
        label = f"{line.title}：变更为"
        if indicator.method == "levels":
            levels = [("", "不变更"), *level_titles(indicator.params).items()]
            return forms.ChoiceField(
                label=label, choices=levels, required=False, initial=initial, help_text=now
            )
        field = forms.CharField(label=label, max_length=24, required=False, initial=initial, help_text=now)
        field.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        field.unit = "分" if indicator.method == "given" else indicator.unit  # type: ignore[attr-defined]
        return field

    def _claim(self, claim: AdjustmentClaim) -> None:
        said, now = self.kept.get("claim", {}), recorded_claim(claim)
        if now.counts:
            self.fields["void"] = forms.BooleanField(
                label="撤销这一事项，不再计入", required=False, initial=bool(said.get("void"))
            )
        else:
            self.fields["recognise"] = forms.BooleanField(
                label="认定这一事项，计入考核结果", required=False, initial=bool(said.get("recognise"))
            )
        if claim.sort != "veto":
            self.fields["count"] = forms.CharField(
                label="次数变更为", max_length=4, required=False, initial=said.get("count") or "",
                help_text=f"现认定 {now.count} 次。不变更的留空。",
            )  # fmt: skip
        item = claim_items(rules_of(claim.cycle), claim.unit.group, claim.sort).get(claim.item)
        if item and item.given_range:
            low, high = item.given_range
            known = f"现为 {plain(now.points)} 分，" if now.points is not None else ""
            self.fields["points"] = forms.CharField(
                label="分值变更为", max_length=12, required=False, initial=said.get("points") or "",
                help_text=f"{known}应当在 {plain(low)} 到 {plain(high)} 分之间。不变更的留空。",
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """New values belong to a change; with another outcome they would be lost without a word."""
        data = super().clean() or self.cleaned_data
        values = [data.get(name) for name in self.fields if name not in ("outcome", "reasons", "cite")]
        if data.get("outcome") not in ("", None, Appeal.Outcome.CHANGE) and any(values):
            sentence = "填写了变更的数值：要变更的请选择“变更”，维持或者退回的请把数值清空。"
            self.add_error("outcome", sentence)
        return data

    def changes(self) -> dict[str, dict[str, str]]:
        """Return what was filled in, as `services.proposals.save` takes it."""
        data = self.cleaned_data
        if self.appeal.indicator:
            rounds = [name.removesuffix("-value") for name in self.fields if name.endswith("-value")]
            return {round: {"value": data.get(f"{round}-value", "")} for round in rounds}
        names = ("void", "recognise", "count", "points")
        said = {
            name: "yes" if data.get(name) is True else data.get(name) or "" for name in names if name in data
        }
        return {"claim": said} if self.appeal.claim else {}
