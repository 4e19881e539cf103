"""SQL that the ORM writes once for many requests, and several in one round trip."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Expression, sql

from aido.resilience import idempotent


class Parameter(Expression):
    """Stands in a query for a value that is told each time it runs."""

    def __init__(self, name, output_field=None):
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


class Statement(NamedTuple):
    """SQL, with a value or a Parameter for each %s, that answers with these columns."""

    sql: str
    parameters: Sequence
    columns: Sequence

    def bind(self, **values):
        """The statement with these values in the places of its Parameters."""
        bound = [
            values[parameter.name] if isinstance(parameter, Parameter) else parameter
            for parameter in self.parameters
        ]
        return self._replace(parameters=bound)

    def returning(self, columns):
        """With these columns of each row that it wrote as its answer."""
        names = ", ".join(f'"{name}"' for name in columns)
        return Statement(f"{self.sql} RETURNING {names}", self.parameters, columns)

    def rows(self):
        """The rows, as dicts, in one round trip."""
        return run_together(self)[0]


def select(queryset, columns):
    """The SELECT of these columns."""
    return Statement(*queryset.values(*columns).query.sql_with_params(), columns)


def update(queryset, **values):
    """The UPDATE that `queryset.update()` would run."""
    query = queryset.query.chain(sql.UpdateQuery)
    query.add_update_values(values)
    return Statement(*query.get_compiler(queryset.db).as_sql(), [])


def insert(instance):
    """The INSERT of an unsaved instance, with a value for each column."""
    query = sql.InsertQuery(type(instance))
    query.insert_values(instance._meta.concrete_fields, [instance])
    [written] = query.get_compiler(connection.alias).as_sql()
    return Statement(*written, [])


def run_together(*statements):
    """The rows, as dicts, of each of these statements.

    All travel together, and take effect together or not at all. They must be such that
    to run them twice does no harm: ids chosen before, values absolute.
    """
    sql = "; ".join(statement.sql for statement in statements)
    parameters = [value for statement in statements for value in statement.parameters]
    with idempotent(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        answers = [_rows(cursor, statements[0].columns)]
        for statement in statements[1:]:
            cursor.nextset()
            answers.append(_rows(cursor, statement.columns))
        return answers


def _rows(cursor, columns):
    found = cursor.fetchall() if columns else []
    return [dict(zip(columns, row, strict=True)) for row in found]
