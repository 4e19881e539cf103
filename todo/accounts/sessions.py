"""The list of a user's sessions, made of what their rows hold anyway."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from todo.models import Session, User
from todo.models.session import SessionStore

MAX_SESSIONS = 100  # that a list shows
MAX_USER_AGENT = 200  # characters
USER_AGENT = "user_agent"
SIGNED_IN_AT = "signed_in_at"
LAST_USED_ON = "last_used_on"


def record_sign_in(request: HttpRequest) -> None:
    """Keep what the list shows in the session, which signing in saves anyway."""
    user_agent = request.headers.get("User-Agent", "")
    request.session[USER_AGENT] = user_agent[:MAX_USER_AGENT]
    request.session[SIGNED_IN_AT] = timezone.now().timestamp()


def record_use(session: SessionBase) -> None:
    """Keep the day in a session that is saved anyway, when tokens are refreshed."""
    session[LAST_USED_ON] = timezone.now().date().isoformat()


def list_sessions(user: User, current_key: str) -> Iterator[dict[str, Any]]:
    """Yield the user's active sessions, the newest first."""
    sessions = Session.objects.select_related(None).filter(
        user_id=user.pk, expire_date__gt=timezone.now()
    )
    for session in sessions.order_by("-expire_date")[:MAX_SESSIONS]:
        data = SessionStore().decode(session.session_data)
        yield {
            "id": public_id(session.pk),
            "user_agent": data.get(USER_AGENT, ""),
            "signed_in_at": _sign_in_time(data),
            "last_used_on": data.get(LAST_USED_ON),
            "is_current": session.pk == current_key,
        }


def end_session(user: User, session_id: UUID) -> bool:
    """End one session; return whether it existed."""
    keys = Session.objects.filter(user_id=user.pk).values_list("pk", flat=True)
    found = [key for key in keys if public_id(key) == session_id]
    return Session.objects.filter(pk__in=found).delete()[0] > 0


def end_other_sessions(user: User, current_key: str) -> None:
    Session.objects.filter(user_id=user.pk).exclude(pk=current_key).delete()


def public_id(key: str) -> UUID:
    """Return an id that does not reveal the key, which gives access as a cookie."""
    return UUID(bytes=sha256(key.encode()).digest()[:16])


def _sign_in_time(data: dict[str, Any]) -> datetime | None:
    # allauth's record is for sessions of earlier versions; sign-up leaves none.
    methods = data.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{}]
    timestamp = data.get(SIGNED_IN_AT, methods[0].get("at"))
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)
