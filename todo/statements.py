"""SQL that the ORM compiles once and many requests run, several in one round trip.

To build and compile a query for one task takes longer than the rest of a request. The
insert and update builders use private classes of the ORM; the tests of this module fail
when a new Django changes them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import (
    DecimalField,
    Expression,
    Field,
    Model,
    QuerySet,
    TextField,
    sql,
)
from django.db.models.functions import Cast
from psycopg.adapt import Transformer

from aido.prepared import Call, Query
from aido.resilience import idempotent

Row = dict[str, Any]
# Pairs of a key and an expression, in which {name} is the value of a column.
Computed = tuple[tuple[str, str], ...]


class Parameter(Expression):
    """A placeholder in a query for a value that is bound each time it runs."""

    def __init__(self, name: str, output_field: Field | None = None):
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass
class Statement:
    """SQL with a value or a Parameter for each %s, and the columns it returns."""

    sql: str
    parameters: Sequence[Any]
    columns: Sequence[str]
    template: "Statement | None" = None  # that this one binds to `values`
    values: Mapping[str, Any] = field(default_factory=dict)  # of Parameters, by name
    computed: Computed = ()  # more keys of each row

    def bind(self, **values: Any) -> "Statement":
        """Return the statement with these values for its Parameters."""
        return Statement(self.sql, self.parameters, self.columns, self, values)

    def arguments(self) -> list[Any]:
        """Return the value of each %s."""
        return [
            self.values[parameter.name]
            if isinstance(parameter, Parameter)
            else parameter
            for parameter in self.parameters
        ]

    @cached_property
    def parametrized(self) -> tuple[Query, list[str]]:
        """Return a query and the names of its values.

        Other values are written into it: to use an index of an expression, PostgreSQL
        has to know them while it plans.
        """
        names = [p.name for p in self.parameters if isinstance(p, Parameter)]
        places = {name: f"${n}" for n, name in enumerate(dict.fromkeys(names), 1)}
        texts = [
            places[value.name] if isinstance(value, Parameter) else literal(value)
            for value in self.parameters
        ]
        return Query(self.sql % tuple(texts)), [*places]

    def call(self) -> Call:
        """Return what `aido.prepared` runs, of a statement that is bound."""
        assert self.template
        query, names = self.template.parametrized
        values = [self.values[name] for name in names]
        return Call(query, values, dict_maker(tuple(self.columns), self.computed))

    def returning(self, model: type[Model], fields: Sequence[str]) -> "Statement":
        """Return the statement with a RETURNING clause of these fields."""
        names = column_list(model, fields)
        return Statement(f"{self.sql} RETURNING {names}", self.parameters, fields)

    def also_returning(self, name: str, query: "Statement") -> "Statement":
        """Return the statement with a value of a query in its RETURNING clause too."""
        parameters = [*self.parameters, *query.parameters]
        return Statement(
            f"{self.sql}, ({query.sql})", parameters, [*self.columns, name]
        )

    def rows(self) -> list[Row]:
        """Run the statement; return its rows as dicts."""
        return run_together(self)[0]


def select(queryset: QuerySet, columns: Sequence[str]) -> Statement:
    """Return the SELECT of these columns; decimal numbers are text, as in JSON."""
    numbers = {
        field.name
        for field in queryset.model._meta.concrete_fields
        if isinstance(field, DecimalField)
    }
    decimals = [name for name in columns if name in numbers]
    others = [name for name in columns if name not in decimals]
    texts = {f"{name}_text": Cast(name, TextField()) for name in decimals}
    text, parameters = queryset.values(*others, **texts).query.sql_with_params()
    return Statement(text, parameters, [*others, *decimals])


def update(queryset: QuerySet, **values: Any) -> Statement:
    """Return the UPDATE that `queryset.update(**values)` would run."""
    query: Any = queryset.query.chain(sql.UpdateQuery)
    query.add_update_values(values)
    text, parameters = query.get_compiler(queryset.db).as_sql()
    return Statement(text, parameters, [])


def insert(model: type[Model], **values: Any) -> Statement:
    """Return the INSERT of these values; other columns get their default."""
    query = sql.InsertQuery(model)
    fields = _fields(model, values)
    instance = model(**{field.attname: values[field.name] for field in fields})
    # raw: the values of the instance as they are, without Field.pre_save().
    query.insert_values(fields, [instance], raw=True)
    [(text, parameters)] = query.get_compiler(connection.alias).as_sql()
    return Statement(text, parameters, [])


def column_list(model: type[Model], fields: Sequence[str]) -> str:
    """Return SQL of these fields, decimal numbers as text."""
    return ", ".join(
        f'"{field.column}"{"::text" if isinstance(field, DecimalField) else ""}'
        for field in _fields(model, fields)
    )


def _fields(model: type[Model], names: Iterable[str]) -> list[Field]:
    fields = {field.name: field for field in model._meta.concrete_fields}
    return [fields[name] for name in names]


def raw(text: str, columns: Sequence[str] = ()) -> Statement:
    """Return a statement of SQL with a %(name)s for each Parameter."""
    names = re.findall(r"%\((\w+)\)s", text)
    positional = " ".join(re.sub(r"%\(\w+\)s", "%s", text).split())
    return Statement(positional, [Parameter(name) for name in names], columns)


def run_together(
    *statements: Statement, using: str = DEFAULT_DB_ALIAS
) -> list[list[Row]]:
    """Run the statements in one round trip; return the rows of each, as dicts.

    They take effect together or not at all. They must be idempotent (ids chosen by the
    client, absolute values), since they run again if the connection breaks.
    """
    database: Any = connections[using]
    if database.is_observed or not all(statement.template for statement in statements):
        return _run_with_cursor(database, statements)
    return database.run_queries([statement.call() for statement in statements])


def _run_with_cursor(database: Any, statements: Sequence[Statement]) -> list[list[Row]]:
    """Run the statements as Django runs its own, with the values in the SQL.

    A statement that is compiled for one request is not worth preparing.
    """
    text = "; ".join(statement.sql for statement in statements)
    parameters = [value for statement in statements for value in statement.arguments()]
    with idempotent(), database.cursor() as cursor:
        cursor.execute(text, parameters)
        results = [_fetch(cursor, statements[0])]
        for statement in statements[1:]:
            cursor.nextset()
            results.append(_fetch(cursor, statement))
        return results


def _fetch(cursor: Any, statement: Statement) -> list[Row]:
    rows = cursor.fetchall() if statement.columns else []
    to_dict = dict_maker(tuple(statement.columns), statement.computed)
    return [to_dict(row) for row in rows]


def literal(value: Any) -> str:
    return Transformer().as_literal(value).decode()


@cache
def dict_maker(
    columns: tuple[str, ...], computed: Computed = ()
) -> Callable[[Sequence[Any]], Row]:
    """Compile a function that makes a dict, in a quarter of the time of dict(zip(...)).

    CPython takes longer for a dict literal with more than 15 items. No name or
    expression is input.
    """
    places = {name: f"value{index}" for index, name in enumerate(columns)}
    values = places | {name: text.format(**places) for name, text in computed}
    items = [f"{name!r}: {value}" for name, value in values.items()]
    more = [f"made[{name!r}] = {value}" for name, value in [*values.items()][15:]]
    lines = [
        f"[{', '.join(places.values())}] = row",
        f"made = {{{', '.join(items[:15])}}}",
    ]
    body = "\n    ".join([*lines, *more, "return made"])
    names: dict[str, Any] = {}
    exec(f"def make(row):\n    {body}", names)
    return names["make"]
