"""A real PostgreSQL and a real Redis under the data directory, for machines without servers of their own.

Both listen on unix sockets only, run detached from the process that started them, and are reused by the next.
Every function is safe to call from several processes at once, and after any of them was killed.
"""

from __future__ import annotations

from config.embedded.errors import EmbeddedError
from config.embedded.home import Home
from config.embedded.postgres import APP_ROLE, OWNER_ROLE, Postgres
from config.embedded.redis import Redis
from config.embedded.redis import program as redis_program

__all__ = ["APP_ROLE", "OWNER_ROLE", "EmbeddedError", "Home", "Postgres", "Redis", "redis_program"]
