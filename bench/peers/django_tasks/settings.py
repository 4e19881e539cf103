"""Django for django-ninja and django-bolt: a connection pool, and no middleware."""

import os
from urllib.parse import unquote, urlsplit

url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": url.hostname,
        "PORT": url.port,
        "USER": unquote(url.username),
        "PASSWORD": unquote(url.password),
        "NAME": url.path.strip("/"),
        "OPTIONS": {"pool": {"min_size": 2, "max_size": 15}, "sslmode": "require"},
    }
}
SECRET_KEY, JWT_SECRET = os.environ["SECRET_KEY"], os.environ["JWT_SECRET"]
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django_bolt", "django_tasks"]
BOLT_API = ["django_tasks.bolt:api"]
ROOT_URLCONF = "django_tasks.urls"
USE_TZ = True
# No service logs requests.
LOGGING = {"version": 1, "loggers": {"django.server": {"level": "ERROR"}}}
