"""Read and write a checkout's `.env`, and `.neon`, which Neon's CLI uses too."""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dotenv import dotenv_values, set_key

from aido.neon import mask
from aido.neon.types import Branch, NeonError, Project

URLS = ("DATABASE_URL", "DATABASE_URL_UNPOOLED")
SECRET_NAMES = ("SECRET_KEY", "JWT_SECRET")


@dataclass(frozen=True)
class Step:
    """A line of a report. The state is found, created, written or unchanged."""

    what: str
    state: str
    detail: str


@dataclass(frozen=True)
class Checkout:
    """A folder with `.env` and `.neon`. Methods may raise NeonError."""

    folder: Path

    @property
    def dotenv(self) -> Path:
        return self.folder / ".env"

    @property
    def context_file(self) -> Path:
        return self.folder / ".neon"

    def read_context(self) -> dict[str, Any]:
        """Return the content of `.neon`: projectId, orgId and branch, which is a name.

        Return {} if the file does not exist.
        """
        try:
            context = json.loads(self.context_file.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise NeonError(
                f".neon cannot be read. Fix or delete it. ({error})"
            ) from error
        if not isinstance(context, dict):
            raise NeonError(".neon is not a JSON object. Fix or delete it.")
        return context

    def branch_of(self, project: Project) -> str | None:
        """Return the branch in `.neon`, or None if `.neon` names another project."""
        context = self.read_context()
        return context.get("branch") if context.get("projectId") == project.id else None

    def delete_context(self, project: Project) -> None:
        """Delete `.neon` if it names this project."""
        if self.read_context().get("projectId") == project.id:
            self.context_file.unlink()

    def read_urls(self) -> dict[str, str]:
        """Return the connection strings in `.env` by variable name."""
        values = read_dotenv(self.dotenv)
        return {key: values[key] for key in URLS if values.get(key)}

    def overridden_variables(self) -> list[str]:
        """Return the variables with another value in the environment than in `.env`."""
        urls = self.read_urls()
        environment = {key: os.environ[key] for key in URLS if os.environ.get(key)}
        return [key for key, url in environment.items() if url != urls.get(key)]

    def uses_any(self, urls: dict[str, str]) -> bool:
        """Return whether `.env` sets one of these connection strings."""
        present = self.read_urls()
        return any(is_same(present.get(key), url) for key, url in urls.items())

    def write_context(self, project: Project, branch: Branch) -> Step:
        """Write the IDs and the branch to `.neon`; keep its other keys."""
        before = self.read_context()
        after = before | {"projectId": project.id, "branch": branch.name}
        if project.org_id:
            after["orgId"] = project.org_id
        if after == before:
            return Step(".neon", "unchanged", branch.name)
        text = json.dumps(after, indent=2) + "\n"
        replace_file(self.context_file, lambda new: new.write_text(text))
        return Step(".neon", "written", branch.name)

    def write_urls(self, urls: dict[str, str], force: bool) -> Step:
        """Write connection strings to `.env`; others are replaced only with `force`."""
        present = self.read_urls()
        changed = {
            key: url for key, url in urls.items() if not is_same(present.get(key), url)
        }
        for key in changed:
            if key in present and not force:
                raise NeonError(
                    f".env already sets {key} to {mask(present[key])}. Add --force to"
                    " replace it."
                )
        return self._write_dotenv(changed, urls)

    def write_secrets(self) -> Step:
        """Generate the secrets that are missing in `.env`."""
        present = read_dotenv(self.dotenv)
        missing = [key for key in SECRET_NAMES if not present.get(key)]
        values = {key: secrets.token_urlsafe(48) for key in missing}
        return self._write_dotenv(values, SECRET_NAMES)

    def _write_dotenv(self, changed: dict[str, str], keys: Iterable[str]) -> Step:
        if not changed:
            return Step(".env", "unchanged", ", ".join(keys))
        write_dotenv(self.dotenv, changed)
        return Step(".env", "written", ", ".join(changed))


def read_dotenv(path: Path) -> dict[str, str]:
    values = dotenv_values(path, interpolate=False)
    return {key: value or "" for key, value in values.items()}


def write_dotenv(path: Path, values: dict[str, str]) -> None:
    """Set these variables in one atomic write. All other lines stay unchanged."""

    def write(new: Path) -> None:
        if path.exists():
            shutil.copyfile(path, new)
        for key, value in values.items():
            set_key(new, key, quote(value), quote_mode="never")

    replace_file(path, write)


def quote(value: str) -> str:
    """Quote a value so that python-dotenv and django-environ read it alike."""
    if "\n" in value or "\r" in value:
        raise NeonError(
            "A value with a line break cannot be written to .env. Remove the break."
        )
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Replace a file atomically by one of mode 0600 that `write` fills."""
    check_writable(path)
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        write(new)
        os.replace(new, path)
    except OSError as error:
        raise NeonError(
            f"{path} cannot be written ({error.strerror}). Check the folder's"
            " permissions and the free disk space."
        ) from error
    finally:
        new.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    if path.is_symlink():
        raise NeonError(f"{path.name} is a symbolic link. Replace it with a file.")
    if path.exists() and not path.stat().st_mode & 0o200:
        raise NeonError(f"{path.name} is read-only. Make it writable.")


def is_same(url: str | None, other: str) -> bool:
    """Return whether two URLs are equal, ignoring the order of their parameters."""
    if not url:
        return False
    try:
        return _normalize(url) == _normalize(other)
    except ValueError:  # a mistyped URL
        return False


def _normalize(url: str) -> tuple[Any, ...]:
    parts = urlsplit(url)
    return parts[:3], sorted(parse_qsl(parts.query))
