"""Taking one row for change: the lock with which every service begins, composed once.

Django composes a query anew each time it is run. For a joined, locking SELECT of one row that costs twice
what PostgreSQL needs to answer it, and it is the most frequent statement of the product.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)

_KEY = UUID(int=0)  # stands for the key while the statement is composed


@dataclass(frozen=True, slots=True)
class _Composed:
    """A statement, and how a row of its result becomes an object with its related objects."""

    sql: str
    params: tuple[Any, ...]
    compiler: Any
    converters: dict[int, Any]
    own: slice
    names: list[str]
    related: list[Any]


class Held(Generic[M]):
    """A locking query for one row by its key: give it the query set once, then `get` rows by key.

    What comes back is what the query set would give, rows of `select_related` included.
    """

    def __init__(self, rows: models.QuerySet[M]) -> None:
        self._rows = rows.order_by().filter(pk=_KEY)

    def get(self, key: UUID) -> M | None:
        """Lock the row and return it as it is after the wait; None when there is none.

        Raises TransactionManagementError outside a transaction, where the lock would be gone at once.
        """
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError("rows are held inside a transaction only")
        composed = self._composed
        with connection.cursor() as cursor:
            cursor.execute(composed.sql, [key if value == _KEY else value for value in composed.params])
            found = cursor.fetchall()
        for values in composed.compiler.apply_converters(found, composed.converters):
            row: M = self._rows.model.from_db(connection.alias, composed.names, values[composed.own])
            for each in composed.related:
                each.populate(values, row)
            return row
        return None

    @cached_property
    def _composed(self) -> _Composed:
        compiler = self._rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        select, classes = compiler.select, compiler.klass_info
        own = slice(classes["select_fields"][0], classes["select_fields"][-1] + 1)
        names = [column[0].target.attname for column in select[own]]
        related = get_related_populators(classes, select, connection.alias)  # type: ignore[call-arg]
        converters = compiler.get_converters([column[0] for column in select])
        return _Composed(sql, tuple(params), compiler, converters, own, names, related)
