"""Addresses of the daily pages: inbox, tasks, files, ballots, claims."""

from django.urls import path

from workflows.views import adjustments, ballots, claims, evidence, extending, inbox, letters, rectify, task

urlpatterns = [
    path("", inbox.home, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/peek/<uuid:item_id>/", inbox.peek, name="inbox-peek"),
    path("done/", inbox.done, name="done"),
    path("sent/", inbox.sent, name="sent"),
    path("t/<uuid:item_id>/", task.task, name="task"),
    path("t/<uuid:item_id>/receive/", task.receive, name="task-receive"),
    path("t/<uuid:item_id>/extend/", extending.extend, name="task-extend"),
    path("t/<uuid:item_id>/draft/", task.draft, name="task-draft"),
    path("t/<uuid:item_id>/letter/", letters.preview, name="letter-preview"),
    path("t/<uuid:item_id>/submit/", task.submit, name="task-submit"),
    path("t/<uuid:item_id>/evidence/", evidence.add, name="task-evidence"),
    path(
        "t/<uuid:item_id>/evidence/<uuid:evidence_id>/withdraw/", evidence.withdraw, name="evidence-withdraw"
    ),
    path("evidence/<uuid:evidence_id>/", evidence.download, name="evidence"),
    path("kpi/adjustments/", adjustments.adjustment_list, name="adjustments"),
    path("kpi/adjustments/new/", adjustments.new, name="adjustment-new"),
    path("kpi/adjustments/<uuid:adjustment_id>/withdraw/", adjustments.withdraw, name="adjustment-withdraw"),
    path("t/<uuid:item_id>/lines/", adjustments.lines, name="adjustment-lines"),
    path("rectify/", rectify.board, name="rectify"),
    path("rectify/export/csv/", rectify.export, {"kind": "csv"}, name="rectify-csv"),
    path("rectify/export/xlsx/", rectify.export, {"kind": "xlsx"}, name="rectify-xlsx"),
    path("rectify/<uuid:rectification_id>/", rectify.one, name="rectify-one"),
    path("rectify/<uuid:rectification_id>/revoke/", rectify.revoke, name="rectify-revoke"),
    path(
        "rectify/<uuid:rectification_id>/milestones/<uuid:milestone_id>/",
        rectify.tick,
        name="rectify-milestone",
    ),
    path("claims/", claims.claim_list, name="claims"),
    path("claims/new/", claims.new, name="claim-new"),
    path("vote/<str:token>/", ballots.by_link, name="vote"),
    path("office/rounds/<slug:key>/ballots/", ballots.turnout_list, name="round-ballots"),
    path("office/rounds/<slug:key>/close/", ballots.close, name="ballots-close"),
    path("office/turnouts/<uuid:turnout_id>/link/", ballots.link, name="ballot-link"),
    path("office/turnouts/<uuid:turnout_id>/paper/", ballots.paper, name="ballot-paper"),
]
