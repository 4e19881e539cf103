"""What Neon answers, as far as aido reads it, and its errors.

Fields and values that are newer than this file are passed over.
"""

from dataclasses import dataclass, fields


class NeonError(Exception):
    """Neon could not be asked, or refused; the text says what to do, and no secret."""


class LostAnswer(NeonError):
    """A request was sent, but nothing tells whether it was carried out."""


@dataclass(frozen=True)
class Organization:
    id: str
    name: str


@dataclass(frozen=True)
class Project:
    id: str
    name: str
    region_id: str
    pg_version: int
    org_id: str | None = None


@dataclass(frozen=True)
class Branch:
    id: str
    name: str
    default: bool
    current_state: str


@dataclass(frozen=True)
class Database:
    name: str
    owner_name: str


@dataclass(frozen=True)
class Operation:
    id: str
    action: str
    status: str
    error: str = ""


def read(kind: type, answer: dict, key: str):
    return _one(kind, answer.get(key))


def read_all(kind: type, answer: dict, key: str) -> list:
    return [_one(kind, item) for item in answer.get(key) or []]


def _one(kind: type, item: dict):
    names = {field.name for field in fields(kind)}
    try:
        return kind(**{name: value for name, value in item.items() if name in names})
    except (TypeError, AttributeError):
        raise NeonError(
            f"Neon's answer about a {kind.__name__.lower()} is not as documented."
        ) from None
