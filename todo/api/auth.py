"""Who is asking. Access tokens are believed for the 10 minutes that they last."""

import time
from functools import lru_cache
from uuid import UUID

import jwt
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from django.conf import settings
from django.db import transaction
from rest_framework.authentication import BaseAuthentication

from aido.problems import Unauthorized
from todo.models import Session, User

GRACE = 60  # seconds for which a refresh token works on after its first use


class TokenUser:
    """The user whom a token names. To know no more of them costs no query."""

    is_authenticated = True

    def __init__(self, pk):
        self.pk = pk


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer` and an access token; never the cookie of a page."""

    def authenticate(self, request):
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return TokenUser(user_id(token.strip())), token

    def authenticate_header(self, request):
        return "Bearer"


def user_id(token):
    """The id of the user whom an access token names, or Unauthorized."""
    try:
        pk, expires_at = verified(token)
    except jwt.ExpiredSignatureError:
        raise expired() from None
    except (jwt.PyJWTError, ValueError):
        message = "The access token is not valid. Sign in again."
        raise Unauthorized(message, "token_invalid") from None
    if expires_at <= time.time():
        raise expired()
    return pk


@lru_cache(4096)  # a client sends the same one for 10 minutes
def verified(token):
    """The user's id and the expiry of a token; raises PyJWTError or ValueError."""
    claims = jwt.decode(
        token,
        settings.JWT_SECRET,
        algorithms=["HS256"],
        options={"require": ["exp", "sub", "token_use"]},
    )
    if claims["token_use"] != "access":
        raise jwt.InvalidTokenError("no access token")
    return UUID(claims["sub"]), claims["exp"]


def expired():
    return Unauthorized("The access token has expired. Refresh it.", "token_expired")


def account_gone():
    return Unauthorized("This account is gone, or switched off.", "account_gone")


def ensure_account(user):
    """For one whose data was not found: whether they are still there themselves."""
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        raise account_gone()


class TokenStrategy(JWTTokenStrategy):
    """How allauth tells its sessions, each of which an API client's tokens name.

    The key of a session is kept from clients: as a cookie it would open the pages,
    and the cookie of a page would open the API.
    """

    def get_session_token(self, request):
        payload = self._get_access_token(request)
        return payload and internal.session_key_from_sid(payload["sid"])

    def create_session_token(self, request):
        super().create_session_token(request)
        return ""

    @transaction.atomic
    def refresh_token(self, refresh_token):
        """A new pair of tokens, or None.

        The old token works for GRACE seconds more: a second tab may hold it, or the
        answer may have been lost. Who shows it later has a copy of it, perhaps a
        stolen one, so the session ends (RFC 9700, section 4.14.2).
        """
        claims = internal.decode_token(refresh_token, "refresh")
        session = claims and self._locked_session(claims)
        user = session and internal.validate_token_user(claims, session)
        if not user:
            return None
        expiries, now = internal.get_refresh_token_state(session), time.time()
        expiry = expiries.get(claims["jti"], 0)
        if expiry <= now:
            session.flush()
            return None
        expiries[claims["jti"]] = min(expiry, now + GRACE)
        for stale in [jti for jti, expiry in expiries.items() if expiry <= now]:
            del expiries[stale]
        access_token = internal.create_access_token(user, session, {})
        new_token = internal.create_refresh_token(user, session)
        session.save()
        return access_token, new_token

    def _locked_session(self, claims):
        """The session that the claims name, held from others until the commit."""
        key = internal.session_key_from_sid(claims["sid"])
        sessions = Session.objects.select_for_update(of=("self",))
        if not sessions.filter(session_key=key):
            return None
        return self.lookup_session(key)
