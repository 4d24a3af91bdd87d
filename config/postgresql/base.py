"""The database back end named in settings.

Whoever connects first starts the embedded server: a command, a web worker, a thread of a test, or the next
query after somebody killed the server. With an external server this is Django's own back end.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from psycopg2 import OperationalError

from config.embedded import Home, Postgres


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, except that a failed connection to the embedded server starts that server."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; when the embedded server does not answer, start it and connect again."""
        try:
            return super().get_new_connection(conn_params)
        except OperationalError:
            if not settings.EMBEDDED_DATABASE:
                raise
        Postgres(Home(settings.DATA_DIR)).start()
        return super().get_new_connection(conn_params)
