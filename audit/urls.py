"""Pages for auditors."""

from django.urls import path

from audit.views import events, integrity

urlpatterns = [
    path("audit/", events.events, name="audit"),
    path("audit/export/", events.export, name="audit-export"),
    path("audit/events/<uuid:event_id>/", events.event, name="audit-event"),
    path("audit/integrity/", integrity.integrity, name="audit-integrity"),
    path("audit/integrity/run/", integrity.verify, name="audit-integrity-run"),
    path("audit/refusals/", events.refused, name="audit-refusals"),
    path("audit/signins/", events.signed_in, name="audit-signins"),
]
