"""Sessions with a foreign key to their user, so that they are deleted with the account.

The session and its user are loaded in one query.
"""

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import OperationalError, models
from django.db.models.functions import Now


class SessionManager(BaseSessionManager):
    def get_queryset(self):
        return super().get_queryset().select_related("user")

    def active(self, user_id, session_key):
        """Match the session if it has not ended and its user is active.

        The arguments may be expressions.
        """
        return self.filter(
            session_key=session_key,
            user_id=user_id,
            user__is_active=True,
            expire_date__gt=Now(),
        )


class Session(AbstractBaseSession):
    """The session of a browser or of an API client."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="sessions",
        null=True,  # before signing in
    )

    objects = SessionManager()

    class Meta(AbstractBaseSession.Meta):
        db_table = "session"

    @classmethod
    def get_session_store_class(cls):
        return SessionStore


class SessionStore(DatabaseSessionStore):
    """Django's database sessions; `user` is set once the session is loaded."""

    user = None

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        session = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        return session

    def load(self):
        """Return the data. After SECRET_KEY was changed, it is saved with the new one.

        Django would change the session's key as well, which the tokens name.
        """
        data = super().load()
        if BACKEND_SESSION_KEY in data:  # which had another name in earlier versions
            data[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session_hash = data.get(HASH_SESSION_KEY)
        if self.user and session_hash in self.user.get_session_auth_fallback_hash():
            data[HASH_SESSION_KEY] = self.user.get_session_auth_hash()
            self.modified = True
        return data

    def save(self, must_create=False):
        """Raise UpdateError only if the session is gone, not for an outage."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from error.__context__.__cause__
            raise

    def _get_session_from_db(self):
        session = super()._get_session_from_db()
        self.user = session and session.user
        return session
