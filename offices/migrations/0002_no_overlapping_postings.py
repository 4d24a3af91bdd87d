"""No person sits twice at once in one office and role.

GiST has no equality for UUIDs without an extension (`btree_gist`, absent from the embedded server), so the three
equal columns are hashed into a one-point range of 64 bits, which the built-in range class compares.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("offices", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION offices_seat(person uuid, office uuid, role text) RETURNS int8range
              LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
              SELECT int8range(h, h, '[]')
              FROM (SELECT hashtextextended(person::text || office::text || role, 0) >> 1 AS h) seat $$;
            ALTER TABLE offices_posting ADD CONSTRAINT offices_posting_no_overlap EXCLUDE USING gist (
              offices_seat(user_id, office_id, role) WITH &&,
              daterange(since, coalesce(until, 'infinity'::date), '[]') WITH &&
            );
            """,
            "ALTER TABLE offices_posting DROP CONSTRAINT offices_posting_no_overlap;"
            "DROP FUNCTION offices_seat(uuid, uuid, text);",
        )
    ]
