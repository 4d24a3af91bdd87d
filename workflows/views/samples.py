"""The internal page that shows every component once, for looking and for screenshot tests."""

import json
from pathlib import Path

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit.access import SeatedRequest, seated


class SampleForm(forms.Form):
    """Fields of every kind."""

    target = forms.DecimalField(label="年度目标值", min_value=0)
    standard = forms.CharField(label="验收标准", widget=forms.Textarea(attrs={"rows": 3, "maxlength": 200}))
    collector = forms.ChoiceField(label="数据采集单位", choices=[("", "请选择"), ("tongji", "县统计局")])
    agreed = forms.BooleanField(label="已与统计口径核对")


class SampleFilter(forms.Form):
    """A search and a choice."""

    q = forms.CharField(label="搜索", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    stage = forms.ChoiceField(label="阶段", required=False, choices=[("", "全部阶段"), ("1", "指标设置")])


@require_GET
@seated()
def samples(request: SeatedRequest) -> HttpResponse:
    """GET /ui/: on a developer's or a demonstration's machine only."""
    if not (settings.DEBUG or request.seat.user.is_demo) or settings.PRODUCTION:
        raise Http404("没有这个页面。")
    data = json.loads(
        (Path(settings.BASE_DIR) / "templates" / "ui" / "samples.json").read_text(encoding="utf-8")
    )
    form = SampleForm({"target": "-1"})
    form.fields["target"].unit = "亿元"  # type: ignore[attr-defined]
    return render(
        request,
        "ui/index.html",
        {
            **data,
            "form": form,
            "filter_form": SampleFilter(),
            "page": Paginator(range(120), 50).get_page(1),
        },
    )
