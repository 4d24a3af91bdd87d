"""Every kind of matter has its own states; the database holds the list, too.

The list is written out: a migration says what it did, whatever the code says later. A test compares it with
the code.
"""

from django.db import migrations

STATES = {
    "approval": ["approved", "compiled", "open", "opined"],
    "claim": ["confirmed", "draft", "rejected", "submitted", "verified"],
    "collection": ["approved", "checked", "collected", "open"],
    "compilation": ["open", "submitted"],
    "consequence": ["evaluated", "executed", "ordered", "verified"],
    "feedback": ["prepared", "served", "signed"],
    "publication": ["closed", "prepared", "published"],
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
    dependencies = [("cycle", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE cycle_matter ADD CONSTRAINT cycle_matter_state CHECK ({check(STATES)})",
            "ALTER TABLE cycle_matter DROP CONSTRAINT cycle_matter_state",
        )
    ]
