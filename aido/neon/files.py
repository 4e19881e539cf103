"""The files of a checkout that name its project: `.env`, and `.neon` of Neon's CLI."""

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from dotenv import dotenv_values, set_key

from aido.neon import mask
from aido.neon.types import Branch, NeonError, Project

URLS = ("DATABASE_URL", "DATABASE_URL_UNPOOLED")
SECRETS = ("SECRET_KEY", "JWT_SECRET")


@dataclass(frozen=True)
class Step:
    """A line of a report; its state is found, made, written or unchanged."""

    what: str
    state: str
    detail: str


@dataclass(frozen=True)
class Checkout:
    """A folder with `.env` and `.neon`. Each method may raise NeonError."""

    folder: Path

    @property
    def dotenv(self) -> Path:
        return self.folder / ".env"

    @property
    def context_file(self) -> Path:
        return self.folder / ".neon"

    def context(self) -> dict:
        """What `.neon` holds: projectId, orgId, and branch, which is a name."""
        try:
            found = json.loads(self.context_file.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise NeonError(
                f".neon cannot be read, mend or delete it: {error}"
            ) from error
        if not isinstance(found, dict):
            raise NeonError(".neon is not a JSON object: mend or delete it.")
        return found

    def branch_of(self, project: Project) -> str | None:
        """The branch that `.neon` names, if it names this project."""
        context = self.context()
        return context.get("branch") if context.get("projectId") == project.id else None

    def forget(self, project: Project) -> None:
        if self.context().get("projectId") == project.id:
            self.context_file.unlink()

    def urls(self) -> dict[str, str]:
        """The URLs that stand in `.env`."""
        found = read_dotenv(self.dotenv)
        return {key: found[key] for key in URLS if found.get(key)}

    def overridden(self) -> list[str]:
        """The variables that the process's own environment sets otherwise."""
        urls = self.urls()
        given = {key: os.environ[key] for key in URLS if os.environ.get(key)}
        return [key for key, url in given.items() if url != urls.get(key)]

    def has(self, urls: dict[str, str]) -> bool:
        """Whether one of these URLs stands in `.env`."""
        present = self.urls()
        return any(is_same(present.get(key, ""), url) for key, url in urls.items())

    def write_context(self, project: Project, branch: Branch) -> Step:
        before = self.context()
        after = before | {"projectId": project.id, "branch": branch.name}
        if project.org_id:
            after["orgId"] = project.org_id
        if after == before:
            return Step(".neon", "unchanged", branch.name)
        text = json.dumps(after, indent=2) + "\n"
        replace(self.context_file, lambda new: new.write_text(text))
        return Step(".neon", "written", branch.name)

    def write_urls(self, urls: dict[str, str], force: bool) -> Step:
        """Put the URLs into `.env`; others that stand there need `force`."""
        present = self.urls()
        new = {
            key: url for key, url in urls.items() if not is_same(present.get(key), url)
        }
        for key in new:
            if key in present and not force:
                raise NeonError(
                    f".env has another {key}, {mask(present[key])}: it is left as it"
                    " is. To replace it, add --force."
                )
        return self._write(new, list(urls))

    def write_secrets(self) -> Step:
        """Make the secrets that `.env` lacks."""
        present = read_dotenv(self.dotenv)
        missing = [key for key in SECRETS if not present.get(key)]
        return self._write({key: secrets.token_urlsafe(48) for key in missing}, SECRETS)

    def _write(self, values: dict[str, str], keys) -> Step:
        if not values:
            return Step(".env", "unchanged", ", ".join(keys))
        write_dotenv(self.dotenv, values)
        return Step(".env", "written", ", ".join(values))


def read_dotenv(path: Path) -> dict[str, str]:
    found = dotenv_values(path, interpolate=False)
    return {key: value or "" for key, value in found.items()}


def write_dotenv(path: Path, values: dict[str, str]) -> None:
    """Set these keys at once, leave every other line; for the owner's eyes alone."""

    def write(new: Path) -> None:
        if path.exists():
            shutil.copyfile(path, new)
        for key, value in values.items():
            set_key(new, key, quoted(value), quote_mode="never")

    replace(path, write)


def quoted(value: str) -> str:
    """In double quotes, which python-dotenv and django-environ read alike."""
    if "\n" in value or "\r" in value:
        raise NeonError("A value with more than one line cannot stand in .env.")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def replace(path: Path, write) -> None:
    """Let `write` fill a new file, then put it in the place of the old one."""
    if path.is_symlink():
        raise NeonError(f"{path.name} is a symbolic link: put a file in its place.")
    if path.exists() and not path.stat().st_mode & 0o200:
        raise NeonError(f"{path.name} is read-only: make it writable.")
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        write(new)
        os.replace(new, path)
    except OSError as error:
        raise NeonError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        new.unlink(missing_ok=True)


def is_same(url: str | None, other: str) -> bool:
    """Whether two URLs are the same but for the order of their parameters."""

    def normal(url):
        parts = urlsplit(url)
        return parts[:3], sorted(parse_qsl(parts.query))

    try:
        return bool(url) and normal(url) == normal(other)
    except ValueError:  # one that a person mistyped is none of ours
        return False
