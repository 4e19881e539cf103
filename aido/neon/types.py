"""Objects of Neon's API, as far as aido reads them, and errors."""

from dataclasses import dataclass, fields
from typing import Any, Self


class NeonError(Exception):
    """A request to Neon failed.

    The message says what to do and contains no secret.
    """


class LostResponse(NeonError):
    """A request was sent, but it is unknown whether Neon executed it."""


@dataclass(frozen=True)
class Resource:
    """An object in a response.

    Subclasses declare the fields that aido reads. Those without a default are
    required. All other fields of the object are ignored.
    """

    @classmethod
    def parse(cls, item: Any) -> Self:
        try:
            return cls(**{f.name: item[f.name] for f in fields(cls) if f.name in item})
        except TypeError:
            raise _invalid_response(cls.__name__) from None

    @classmethod
    def read(cls, response: dict[str, Any], key: str) -> Self:
        return cls.parse(response.get(key))

    @classmethod
    def read_all(cls, response: dict[str, Any], key: str) -> list[Self]:
        """Return the list under the key, which may be null but not absent."""
        if key not in response:
            raise _invalid_response(key)
        return [cls.parse(item) for item in response[key] or []]


@dataclass(frozen=True)
class Organization(Resource):
    id: str
    name: str = ""


@dataclass(frozen=True)
class Project(Resource):
    id: str
    name: str
    region_id: str | None = None
    pg_version: int | None = None
    org_id: str | None = None


@dataclass(frozen=True)
class Branch(Resource):
    id: str
    name: str
    default: bool


@dataclass(frozen=True)
class Database(Resource):
    name: str
    owner_name: str


@dataclass(frozen=True)
class Endpoint(Resource):
    host: str


@dataclass(frozen=True)
class ConnectionURI(Resource):
    uri: str


@dataclass(frozen=True)
class Operation(Resource):
    id: str
    status: str
    action: str = "unknown action"
    error: str | None = None

    @property
    def is_pending(self) -> bool:
        return self.status in {"scheduling", "running", "cancelling"}

    @property
    def has_succeeded(self) -> bool:
        return self.status in {"finished", "skipped"}

    @property
    def has_failed(self) -> bool:
        return self.status in {"failed", "error", "cancelled"}


def _invalid_response(name: str) -> NeonError:
    return NeonError(
        f"Neon's response has no valid {name}. Check NEON_API_HOST. If it is right,"
        " Neon's API has changed: update aido."
    )
