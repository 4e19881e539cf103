"""The views of the URLconf by path, found with one expression per route."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.http import Http404
from django.urls import ResolverMatch, URLPattern, URLResolver

Found = tuple[Callable[..., Any], dict[str, Any], ResolverMatch]


class Route(NamedTuple):
    expression: re.Pattern[str]
    converters: dict[str, Any]
    match: ResolverMatch  # without arguments, so that all requests may share it


class Routes:
    """The routes in the order of the URLconf. Of several that match, the first wins.

    Django resolves each `include()` on the way, and makes a ResolverMatch for each.
    """

    def __init__(self, resolver: URLResolver) -> None:
        self.routes = [*flatten(resolver.url_patterns)]

    def find(self, path: str) -> Found:
        """Return the view of a path, its arguments and the route. Raises Http404."""
        for expression, converters, match in self.routes:
            if found := expression.match(path):
                arguments = found.groupdict()
                try:
                    for name, converter in converters.items():
                        arguments[name] = converter.to_python(arguments[name])
                except ValueError:
                    continue
                return match.func, arguments, match
        raise Http404


def flatten(
    patterns: list[URLPattern | URLResolver], prefix: str = "", route: str = ""
) -> Iterator[Route]:
    for pattern in patterns:
        expression = prefix + pattern.pattern.regex.pattern.removeprefix("^")
        full_route = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from flatten(pattern.url_patterns, expression, full_route)
        else:
            match = ResolverMatch(
                pattern.callback, (), {}, pattern.name, route=full_route
            )
            converters = pattern.pattern.converters
            yield Route(re.compile(f"/{expression}"), converters, match)
