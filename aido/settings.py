"""Settings. `.env.example` documents each environment variable that is read here.

Missing and weak values are errors of the system checks in `checks.py`, and web servers
refuse to start with them. So `manage.py neon` runs without any configuration.
"""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

import aido
from aido import database, neon, openapi
from aido.env import is_host_name, is_on, mailer, one_of, text, whole_number, words
from aido.log_settings import logging_settings
from aido.server_settings import (  # noqa: F401  Django and the checks look here
    API_HOST,
    API_PORT,
    API_WORKERS,
    BASE_DIR,
    LOG_LEVEL,
    METRICS,
)

# The kind of process. A production server (wsgi.py, asgi.py) gets no development
# defaults.

IS_COMMAND = aido.command is not None
IS_SERVER = aido.command in {None, "runserver"}
DEBUG = is_on("DEBUG", IS_COMMAND and not text("SECRET_KEY"))
IS_DEVELOPMENT = IS_COMMAND and DEBUG
IS_LOCAL = IS_DEVELOPMENT or aido.command == "runserver"  # no TLS, no collectstatic

SECRET_KEY = text("SECRET_KEY", "only-for-development " * 2 if IS_DEVELOPMENT else "")
JWT_SECRET = text("JWT_SECRET", "only-for-development " * 3 if IS_DEVELOPMENT else "")

# Earlier secrets, so that changing one signs nobody out.
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
JWT_SECRET_FALLBACKS = words("JWT_SECRET_FALLBACKS")

# HTTP.

ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
PLAIN_HTTP = is_on("PLAIN_HTTP", False)  # only in a private network: see checks.py
HAS_TLS = not IS_LOCAL and not PLAIN_HTTP
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", 1 if HAS_TLS else 0)
SCRIPT_NAME = text("SCRIPT_NAME").rstrip("/")
FORCE_SCRIPT_NAME = SCRIPT_NAME or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{SCRIPT_NAME}/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HAS_TLS
if HAS_TLS:  # behind a proxy that terminates TLS and sets or drops this header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
# No HSTS for subdomains and no preloading, which would affect other services.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# It looks for the name of Django's SecurityMiddleware; aido's is a subclass. So a test
# runs the checks of the settings of Django's.
SILENCED_SYSTEM_CHECKS += ["security.W001"]
# ArrayField needs nothing of django.contrib.postgres, which would look for the types of
# extensions on every connection.
SILENCED_SYSTEM_CHECKS += ["postgres.E005"]
if PLAIN_HTTP:  # the operator knows that there is no HSTS, redirect or Secure cookie
    SILENCED_SYSTEM_CHECKS += [f"security.W{n}" for n in ("004", "008", "012", "016")]
    SILENCED_SYSTEM_CHECKS += ["mail.E001"]  # at home, the admin resets passwords
FRONTEND_URL = text("FRONTEND_URL", "http://localhost:3000" if IS_DEVELOPMENT else "")
CORS_ALLOWED_ORIGINS = [FRONTEND_URL] if FRONTEND_URL else []
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type"),
    *("idempotency-key", "if-match", "if-none-match"),
]
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Retry-After", "X-Request-ID"]
CSRF_FAILURE_VIEW = "todo.web.csrf.csrf_failure"
ROOT_URLCONF = "aido.urls"
WSGI_APPLICATION = "aido.wsgi.application"

# Database. Servers use a connection pool and may use a pooler; commands connect
# directly.

DATABASE_POOL_MIN = whole_number("DATABASE_POOL_MIN", 1)
DATABASE_POOL_MAX = whole_number("DATABASE_POOL_MAX", 15)
EMBEDDED_HOME = BASE_DIR / ".postgres"
IS_EMBEDDED = IS_DEVELOPMENT and not text("DATABASE_URL")
DATABASE_ERROR = ""


def default_database():
    pool = (DATABASE_POOL_MIN, DATABASE_POOL_MAX) if IS_SERVER else None
    if IS_EMBEDDED:
        return database.embedded_config(EMBEDDED_HOME, pool)
    url, unpooled = text("DATABASE_URL"), text("DATABASE_URL_UNPOOLED")
    if not url:
        raise ImproperlyConfigured("DATABASE_URL is not set.")
    has_pooler = unpooled not in {"", url}
    config = database.config_from_url(url, pool=pool, pooler=has_pooler)
    if IS_SERVER:
        return config
    direct_url = unpooled or neon.direct_url(url)
    return database.config_from_url(direct_url, "DATABASE_URL_UNPOOLED")


def replica():
    if not (url := text("DATABASE_URL_READ")):
        return {}
    if IS_EMBEDDED:
        raise ImproperlyConfigured("DATABASE_URL_READ is set, but DATABASE_URL is not.")
    if url in {text("DATABASE_URL"), text("DATABASE_URL_UNPOOLED")}:
        raise ImproperlyConfigured("DATABASE_URL_READ is the URL of the primary.")
    pool = (DATABASE_POOL_MIN, DATABASE_POOL_MAX) if IS_SERVER else None
    return {"replica": database.replica_config(url, pool)}


try:
    DATABASES = {"default": default_database(), **replica()}
except ImproperlyConfigured as error:
    DATABASES = {}
    DATABASE_ERROR = str(error)

# Applications, middleware and templates.

INSTALLED_APPS = [
    "aido",  # before staticfiles, to override runserver
    "todo",  # before the admin, to override templates
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "aido.apps.UsedStaticFilesConfig",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "corsheaders",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
MIDDLEWARE = [
    *(["aido.metrics.MetricsMiddleware"] if METRICS else []),
    "aido.logs.RequestLogMiddleware",
    "aido.middleware.ProbeShortcutMiddleware",
    "aido.middleware.SecurityMiddleware",
    "aido.static_files.StaticFilesMiddleware",
    *(["corsheaders.middleware.CorsMiddleware"] if FRONTEND_URL else []),
    "aido.caching.PrivateCacheMiddleware",
    "aido.middleware.LoadSheddingMiddleware",
    "aido.middleware.LengthRequiredMiddleware",
    "aido.middleware.TokenShortcutMiddleware",
    "aido.middleware.DatabaseOutageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "todo.web.context_processors.theme",
                "todo.web.context_processors.address",
            ],
        },
    },
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["todo.api.auth.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["todo.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["aido.rest.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "todo.api.schema.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "aido.rest.JSONNegotiation",
    "DEFAULT_METADATA_CLASS": "aido.rest.NoMetadata",
    "EXCEPTION_HANDLER": "aido.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = openapi.spectacular_settings(SCRIPT_NAME)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20  # bytes; does not apply to uploaded files
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "img-src": [CSP.SELF, "data:"],
    "manifest-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
}
STATIC_URL = f"{SCRIPT_NAME}/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True  # for files that are not collected
WHITENOISE_AUTOREFRESH = IS_LOCAL
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site uses these files
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# What is compressed already, and what only developer tools load.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("png", "gif", "woff2", "map")
if not IS_LOCAL or aido.command == "collectstatic":  # hashed names, compressed files
    STORAGES = {"staticfiles": {"BACKEND": "aido.static_files.StaticFilesStorage"}}

# Accounts. Users have their own time zone; the service uses UTC.

AUTH_USER_MODEL = "todo.User"
PASSWORD_HASHERS = ["aido.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["todo.accounts.adapter.SessionBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "list_all"
SESSION_ENGINE = "todo.models.session"
SESSION_COOKIE_AGE = 30 * 24 * 3600  # seconds
SIGNUP = one_of("SIGNUP", "open", ["open", "closed"])
ACCOUNT_ADAPTER = "todo.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "todo.web.forms.LoginForm",
    "signup": "todo.web.forms.SignupForm",
    "change_password": "todo.web.forms.ChangePasswordForm",
    "reset_password": "todo.web.forms.ResetPasswordForm",
    "reset_password_from_key": "todo.web.forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[aido] "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses without an account
# The host of links in mails, or "" for that of the request.
SITE_HOST = next((host for host in ALLOWED_HOSTS[:1] if is_host_name(host)), "")
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_RATE_LIMITS = {"import": "20/5m/user"}  # besides allauth's own
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES  # rate limits apply to their clients
HEADLESS_CLIENTS = ["app"]
HEADLESS_TOKEN_STRATEGY = "todo.api.auth.TokenStrategy"
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_PRIVATE_KEY = JWT_SECRET
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 600  # seconds
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = SESSION_COOKIE_AGE
CACHES = {  # in the database, so that all processes share the rate limits
    "default": {
        "BACKEND": "aido.cache.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
TIME_ZONE = "UTC"

# Mail. Without EMAIL_URL it is printed in development, and discarded in production.

EMAIL_URL = text("EMAIL_URL", "consolemail://" if IS_DEVELOPMENT else "dummymail://")
MAILERS = {"default": mailer(EMAIL_URL)}
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "aido@localhost")

# Logging.

LOGGING = logging_settings(LOG_LEVEL, is_command=IS_COMMAND, is_local=IS_LOCAL)
logging.captureWarnings(not IS_COMMAND)
DEFAULT_EXCEPTION_REPORTER_FILTER = "aido.debug.ExceptionReporterFilter"

# Neon's API, only for commands.

NEON_API_KEY = text("NEON_API_KEY")
NEON_API_HOST = text("NEON_API_HOST", "https://console.neon.tech/api/v2")
