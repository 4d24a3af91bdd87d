"""The working-day calendar: a year at a glance, setting a day, confirming a year."""

import calendar as gregorian
import datetime as dt
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from audit.access import OVERSEERS, PERFORMANCE_OFFICE, SeatedRequest, seated
from audit.answers import accepted, performed
from cycle.models import CalendarDay, CalendarYear
from cycle.queries.calendar import current_calendar
from cycle.queries.scopes import government_of
from cycle.services import calendars


class DayForm(forms.Form):
    """One day declared a working day or a day off."""

    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    working = forms.ChoiceField(label="这一天", choices=[("no", "休息"), ("yes", "上班")])
    name = forms.CharField(label="说明", max_length=40, help_text="例如：国庆节调休，写明依据的通知。")


@require_GET
@seated(*OVERSEERS)
def calendar_page(request: SeatedRequest) -> HttpResponse:
    """GET /office/calendar/: twelve months, rest days and exchanged working days marked."""
    return _page(request, DayForm(), _year(request))


@require_http_methods(["POST"])
@seated(PERFORMANCE_OFFICE)
def set_day(request: SeatedRequest) -> HttpResponse:
    """POST /office/calendar/day/: declare one day; the head of the performance office does it."""
    form = DayForm(request.POST)
    if accepted(form, lambda: _set(request, form.cleaned_data)):
        return redirect(f"{reverse('office-calendar')}?year={form.cleaned_data['day'].year}")
    return _page(request, form, _year(request), status=422)


@require_POST
@seated(PERFORMANCE_OFFICE)
def confirm_year(request: SeatedRequest, year: int) -> HttpResponse:
    """POST /office/calendar/<year>/confirm/: the year's holidays are published and entered."""
    return performed(
        request,
        lambda: calendars.confirm_year(
            year, owner_id=government_of(request.seat), user_id=request.seat.user.pk
        ),
        done=f"{year} 年的工作日历已确认。",
        to=f"{reverse('office-calendar')}?year={year}",
    )


def _set(request: SeatedRequest, data: dict[str, Any]) -> None:
    calendars.set_day(
        data["day"],
        working=data["working"] == "yes",
        name=data["name"],
        owner_id=government_of(request.seat),
        user_id=request.seat.user.pk,
    )


def _year(request: SeatedRequest) -> int:
    text = request.GET.get("year", "")
    known = set(CalendarYear.objects.values_list("year", flat=True))
    return (
        int(text)
        if text.isdecimal() and len(text) == 4 and int(text) in known
        else clock.local_date(clock.now()).year
    )


def _page(request: SeatedRequest, form: DayForm, year: int, status: int = 200) -> HttpResponse:
    names = dict(CalendarDay.objects.filter(day__year=year).values_list("day", "name"))
    today = clock.local_date(clock.now())
    years = list(CalendarYear.objects.filter(year__gte=today.year - 2))
    return render(
        request,
        "office/calendar.html",
        {
            "year": year,
            "form": form,
            "months": [_month(year, month, names, today) for month in range(1, 13)],
            "provisional": any(each.year == year and each.provisional for each in years),
            "chips": [
                {
                    "label": f"{each.year} 年{'（暂定）' if each.provisional else ''}",
                    "url": f"?year={each.year}",
                    "active": each.year == year,
                }
                for each in years
            ],
            "named": sorted(names.items()),
            "may_set": request.seat.office.capacity == PERFORMANCE_OFFICE and request.seat.role == "head",
        },
        status=status,
    )


def _month(year: int, month: int, names: dict[dt.date, str], today: dt.date) -> dict[str, Any]:
    known = current_calendar()

    def cell(day: dt.date) -> dict[str, Any] | None:
        if day.month != month:
            return None
        working = known.is_working(day)
        kind = (
            "moved"
            if working and day.weekday() > 4
            else "work"
            if working
            else "holiday"
            if day.weekday() < 5
            else "rest"
        )
        return {"day": day, "kind": kind, "name": names.get(day, ""), "today": day == today}

    weeks = gregorian.Calendar(firstweekday=0).monthdatescalendar(year, month)
    days = [day for week in weeks for day in week if day.month == month]
    worked = sum(known.is_working(day) for day in days)
    return {
        "title": f"{month} 月",
        "worked": worked,
        "weeks": [[cell(day) for day in week] for week in weeks],
    }
