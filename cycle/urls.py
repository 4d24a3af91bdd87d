"""Pages of the records."""

from django.urls import path

from cycle.views import (
    calendar,
    change_notices,
    cycles,
    documents,
    indicators,
    policy,
    rechecks,
    results,
    runs,
    uses,
)

urlpatterns = [
    path("kpi/", indicators.indicators, name="kpi"),
    path("kpi/<uuid:indicator_id>/", indicators.indicator, name="indicator"),
    path("results/<int:year>/", results.results, name="results"),
    path("results/<int:year>/export/csv/", results.export, {"kind": "csv"}, name="results-csv"),
    path("results/<int:year>/export/xlsx/", results.export, {"kind": "xlsx"}, name="results-xlsx"),
    path("results/<int:year>/runs/", runs.runs, name="runs"),
    path("results/<int:year>/runs/<int:number>/", runs.run, name="run"),
    path("results/<int:year>/<slug:code>/", results.unit_result, name="result-unit"),
    path("letters/<uuid:feedback_id>/", documents.letter, name="letter"),
    path("publications/", publications.publications, name="publications"),
    path("publications/<uuid:publication_id>/", publications.publication, name="publication"),
    path("public/", publications.public, name="public"),
    path("public/<uuid:publication_id>/", publications.public_document, name="public-document"),
    path("notices/<uuid:notice_id>/", change_notices.notice, name="change-notice"),
    path("notices/<uuid:notice_id>/docx/", change_notices.notice_docx, name="change-notice-docx"),
    path("corrections/indicator/<uuid:point_id>/", rechecks.new, {"kind": "indicator"}, name="correction"),
    path("corrections/claim/<uuid:point_id>/", rechecks.new, {"kind": "claim"}, name="correction-claim"),
    path("uses/", uses.uses, name="uses"),
    path("policy/<str:policy>/", policy.policy, name="policy"),
    path("policy/<str:policy>/confirm/", policy.confirm, name="policy-confirm"),
    path("office/cycles/", cycles.cycles, name="office-cycles"),
    path("office/cycles/<int:year>/", cycles.cycle_page, name="office-cycle"),
    path("office/cycles/<int:year>/units/", cycles.add_units, name="office-cycle-units"),
    path("office/cycles/<int:year>/indicators/", cycles.add_indicators, name="office-cycle-indicators"),
    path("office/cycles/<int:year>/cancel/", cycles.cancel, name="office-cycle-cancel"),
    path("office/calendar/", calendar.calendar_page, name="office-calendar"),
    path("office/calendar/day/", calendar.set_day, name="office-calendar-day"),
    path("office/calendar/<int:year>/confirm/", calendar.confirm_year, name="office-calendar-confirm"),
]
