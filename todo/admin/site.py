"""Signing in to the admin, and how its pages count and search."""

from functools import wraps

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.utils.functional import cached_property

from todo.accounts.adapter import log_when
from todo.models import User


def log_refused_access(view):
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        with log_when(PermissionDenied, request, "Access to the admin refused"):
            return view(request, *args, **kwargs)

    return wrapped


# Signing in to the admin is signing in to the pages, with the same rate limits.
admin.site.login = log_refused_access(secure_admin_login(admin.site.login))
admin.site.site_header = admin.site.site_title = "aido"


class BoundedPaginator(Paginator):
    """Counts up to LIMIT rows. Longer lists are for searching."""

    LIMIT = 10_000

    @cached_property
    def count(self):
        return self.object_list.order_by()[: self.LIMIT].count()


def owners(text):
    """Return the users whose email address starts with this text."""
    return User.objects.filter(email__startswith=User.objects.normalize_email(text))


def ids_of(queryset):
    """Return the ids of rows that a change may make the queryset miss."""
    return list(queryset.values_list("pk", flat=True))
