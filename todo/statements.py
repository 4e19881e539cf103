"""Several statements in one round trip, and what they wrote as their answer."""

from django.db import connection

from aido.resilience import harmless


def in_one_trip(*statements):
    """The rows, as dicts, of each of these statements: pairs of SQL and parameters.

    All travel together, and take effect together or not at all. They must be such that
    to run them twice does no harm: ids chosen before, values absolute.
    """
    statement = "; ".join(statement for statement, _ in statements)
    parameters = [value for _, values in statements for value in values]
    with harmless(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [_rows_of_next_result(cursor) for _ in statements]


def returning(model, statement, fields):
    """The statement with these fields of each row that it wrote as its answer."""
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)
    return f"{statement} RETURNING {columns}"


def _rows_of_next_result(cursor):
    names = [column.name for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    cursor.nextset()
    return rows
