"""An approval of changed results that a later one has overtaken is merged into it (`reapproval`: merged).

The list of states in the database is made anew; it is written out, and a test compares it with the code.
"""

from django.db import migrations

STATES = {
    "adjustment": ["draft", "effective", "referred", "rejected", "requested", "reviewed", "withdrawn"],
    "appeal": ["accepted", "answered", "decided", "draft", "filed", "incomplete", "investigated", "lapsed", "proposed", "refused", "signed", "withdrawn"],
    "approval": ["approved", "compiled", "open", "opined"],
    "change_notice": ["served", "signed"],
    "claim": ["answered", "confirmed", "draft", "rejected", "submitted", "verified"],
    "collection": ["approved", "checked", "collected", "open"],
    "compilation": ["open", "submitted"],
    "consequence": ["evaluated", "executed", "ordered", "revoked", "verified"],
    "extension": ["asked", "denied", "expired", "granted"],
    "feedback": ["prepared", "served", "signed"],
    "interview": ["confirmed", "planned", "recorded"],
    "publication": ["closed", "posted", "prepared", "published"],
    "reapproval": ["approved", "compiled", "merged", "open", "opined"],
    "recheck": ["confirmed", "measured", "open"],
    "rectification": ["closed", "listed", "planned", "reported", "revoked", "underway"],
    "recusal": ["asked", "denied", "granted"],
    "report": ["approved", "compiled", "due", "filled", "verified"],
    "self_assessment": ["approved", "due", "written"],
    "sheet": ["approved", "decided", "declared", "draft", "issued", "joint_reviewed", "reviewed", "signed"],
    "survey": ["open", "recorded"],
    "turnout": ["invited", "missed", "voted"],
}


def check(states: dict[str, list[str]]) -> str:
    return " OR ".join(
        "(kind = '{}' AND state IN ({}))".format(kind, ", ".join(f"'{state}'" for state in names))
        for kind, names in sorted(states.items())
    )


class Migration(migrations.Migration):
    dependencies = [("cycle", "0008_runs_are_immutable")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE cycle_matter DROP CONSTRAINT cycle_matter_state;"
            f"ALTER TABLE cycle_matter ADD CONSTRAINT cycle_matter_state CHECK ({check(STATES)})",
            migrations.RunSQL.noop,
        )
    ]
