"""Sessions that know their user: they come in one query, and end with the account."""

from allauth.core import context
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from todo.models import Session


class SessionStore(DatabaseSessionStore):
    user = None

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        session = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        return session

    def _get_session_from_db(self):
        session = super()._get_session_from_db()
        self.user = session and session.user
        return session


class SessionBackend(ModelBackend):
    """Takes the user who came with the session of this request."""

    def get_user(self, user_id):
        user = getattr(getattr(context.request, "session", None), "user", None)
        if user and user.pk == user_id and self.user_can_authenticate(user):
            return user
        return super().get_user(user_id)
