"""Authentication. Access tokens are trusted until they expire, after 10 minutes."""

import base64
import re
import time
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

import jwt
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from django.conf import settings
from django.db import transaction
from rest_framework.authentication import BaseAuthentication

from aido.problems import Unauthorized
from todo.accounts.adapter import log_refusal
from todo.accounts.sessions import record_use
from todo.models import Session, User
from todo.tasks import Owner

SESSION_KEY_PATTERN = re.compile(rb"[a-z0-9]{32}")
DECODE_OPTIONS = {"require": ["exp", "sid", "sub", "token_use"], "verify_iat": False}
REFRESH_GRACE = 60  # seconds a refresh token keeps working after its first use


class TokenUser(Owner):
    """Stands in for the token's user. It knows only ids, so it needs no query."""

    is_authenticated = True


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer` with an access token. Cookies are ignored."""

    def authenticate(self, request):
        token = bearer_token(request)
        if token is None:
            return None
        try:
            return token_user(token), token
        except Unauthorized as error:
            if error.detail.code == "token_invalid":  # not merely expired
                log_refusal(request, "Access token refused")
            raise

    def authenticate_header(self, request):
        return "Bearer"


def bearer_token(request):
    """Return the token of the Authorization header, or None."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def token_user(token):
    """Return the user of an access token. Raises Unauthorized."""
    try:
        user, expires_at = decode_token(token)
    except jwt.ExpiredSignatureError:
        raise token_expired() from None
    except (jwt.PyJWTError, ValueError):
        message = "The access token is not valid. Sign in again."
        raise Unauthorized(message, "token_invalid") from None
    if expires_at <= time.time():
        raise token_expired()
    return user


@lru_cache(4096)  # a client sends the same token for 10 minutes
def decode_token(token):
    """Return a TokenUser and the expiry. Raises PyJWTError or ValueError."""
    claims = decode_claims(token, "access")
    return TokenUser(UUID(claims["sub"]), claims["session_key"]), claims["exp"]


def decode_claims(token, use):
    """Return the claims of an `access` or `refresh` token, and its `session_key`.

    Raises PyJWTError.

    The time of issue is not checked: the clock of the machine that issued the token may
    be ahead of ours.
    """
    claims = verify_claims(token, [settings.JWT_SECRET, *settings.JWT_SECRET_FALLBACKS])
    if claims["token_use"] != use:
        raise jwt.InvalidTokenError(f"not a token for {use}")
    return claims | {"session_key": session_key_from_sid(claims["sid"])}


def verify_claims(token, secrets):
    """Return the claims of a token that one of the secrets has signed."""
    secret, *fallbacks = secrets
    try:
        return jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            options=DECODE_OPTIONS,
        )
    except jwt.InvalidSignatureError:
        if not fallbacks:
            raise
        return verify_claims(token, fallbacks)


def session_key_from_sid(sid):
    """Return the session key that allauth has encrypted in a token.

    The cipher has no checksum: with another secret the result is not a session key.
    """
    encrypted = base64.b64decode(sid)
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        cipher = Cipher(AES(sha256(secret.encode()).digest()), CTR(encrypted[:16]))
        decryptor = cipher.decryptor()
        key = decryptor.update(encrypted[16:]) + decryptor.finalize()
        if SESSION_KEY_PATTERN.fullmatch(key):
            return key.decode()
    raise jwt.InvalidTokenError("the sid is not valid")


def token_expired():
    return Unauthorized("The access token has expired. Refresh it.", "token_expired")


def session_error(user):
    """Return the error that says why the user's session is not active."""
    if User.objects.filter(pk=user.pk, is_active=True).exists():
        return Unauthorized("The session has ended. Sign in again.", "token_invalid")
    return Unauthorized("This account was deleted or deactivated.", "account_gone")


def ensure_session(user):
    """Raise Unauthorized if nothing was found because the session is not active."""
    if not Session.objects.active(user.pk, user.session_key).exists():
        raise session_error(user)


class TokenStrategy(JWTTokenStrategy):
    """The tokens of an API client. They name a session of allauth.

    Clients never see the session's key: as a cookie it would give access to the pages,
    and the cookie of a page would give access to the API.
    """

    def get_session_token(self, request):
        """Return the key of the token's session, or None if it has ended.

        For allauth that is a request without a token: open routes serve it, the others
        refuse it.
        """
        try:
            claims = decode_claims(bearer_token(request) or "", "access")
        except jwt.PyJWTError:
            return None
        key = claims["session_key"]
        return key if self.lookup_session(key) else None

    def create_session_token(self, request):
        super().create_session_token(request)
        return ""

    @transaction.atomic
    def refresh_token(self, refresh_token):
        """Return a new access token and refresh token, or None.

        The old token works for REFRESH_GRACE seconds more, for a second tab or after a
        lost response. Later use means that the token was copied, perhaps stolen, so
        the session ends (RFC 9700, section 4.14.2).
        """
        try:
            claims = decode_claims(refresh_token, "refresh")
        except jwt.PyJWTError:
            return None
        session = self._locked_session(claims)
        user = session and internal.validate_token_user(claims, session)
        if not user:
            return None
        expiries, now = internal.get_refresh_token_state(session), time.time()
        expiry = expiries.get(claims["jti"], 0)
        if expiry <= now:
            session.flush()
            return None
        expiries[claims["jti"]] = min(expiry, now + REFRESH_GRACE)
        delete_expired(expiries, now)
        access_token = internal.create_access_token(user, session, {})
        new_token = internal.create_refresh_token(user, session)
        record_use(session)
        session.save()
        return access_token, new_token

    def _locked_session(self, claims):
        """Return the session of the claims, locked until the commit, or None."""
        key = claims["session_key"]
        locked = Session.objects.select_for_update(of=("self",)).filter(pk=key)
        return self.lookup_session(key) if locked else None


def delete_expired(expiries, now):
    for token_id in [key for key, expiry in expiries.items() if expiry <= now]:
        del expiries[token_id]
