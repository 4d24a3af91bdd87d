"""The performance office's pages, process histories, the administrator's outbox."""

from django.urls import path

from workflows.views import outbox, process, samples
from workflows.views.office import cockpit, decisions, overdue, stage, units

urlpatterns = [
    path("office/", cockpit.cockpit, name="office"),
    path("office/overdue/", overdue.overdue, name="office-overdue"),
    path("office/overdue/export/", overdue.export, name="office-overdue-export"),
    path("office/urge/", overdue.urge, name="office-urge"),
    path("office/stage/<slug:stage>/", stage.stage_page, name="office-stage"),
    path("office/stage/<slug:stage>/<slug:action>/", stage.act, name="office-act"),
    path("office/waive/<uuid:matter_id>/", decisions.waive, name="office-waive"),
    path("office/ties/<slug:group>/<slug:level>/", decisions.tie, name="office-tie"),
    path("office/quotas/<slug:group>/<slug:level>/", decisions.quota, name="office-quota"),
    path("office/units/<slug:code>/", units.unit, name="office-unit"),
    path("p/<uuid:process_id>/", process.process, name="process"),
    path("p/<uuid:process_id>/export/", process.export, name="process-export"),
    path("audit/p/<uuid:process_id>/", process.process, name="audit-process"),
    path("system/outbox/", outbox.outbox, name="outbox"),
    path("system/outbox/<uuid:message_id>/replay/", outbox.replay, name="outbox-replay"),
    path("ui/", samples.samples, name="ui"),
]
