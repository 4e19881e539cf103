"""Signing in to the admin, and what its pages of rows share."""

import time
from functools import wraps

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DEFAULT_DB_ALIAS
from django.utils.functional import cached_property

from aido.database import replica
from todo.accounts.adapter import log_refusal
from todo.models import User


def log_refused_access(view):
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            log_refusal(request, "Access to the admin refused")
            raise

    return wrapped


# Signing in to the admin is signing in to the pages, with the same rate limits.
admin.site.login = log_refused_access(secure_admin_login(admin.site.login))
admin.site.site_header = admin.site.site_title = "aido"


LAST_CHANGE = "admin_last_change"  # the key in a session
# Longer than the replica may be behind.
SHOW_CHANGES_FOR = 2 * replica.MAX_LAG.total_seconds()


def record_change(view):
    """Remember when something was sent, so that the lists show it."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        is_change = request.method == "POST" and request.user.is_authenticated
        if is_change and replica.is_in_use():
            request.session[LAST_CHANGE] = time.time()
        return response

    return wrapped


def has_changed_something(request):
    last = request.session.get(LAST_CHANGE, 0)
    return request.method == "POST" or time.time() - last < SHOW_CHANGES_FOR


admin_view = admin.site.admin_view
admin.site.admin_view = lambda view, cacheable=False: admin_view(
    record_change(view), cacheable
)


class ReplicaChangeList(ChangeList):
    """A list from the replica, unless its reader has just changed something."""

    def get_results(self, request):
        queryset, get_results = self.queryset, super().get_results

        def read(alias):
            self.queryset = queryset.using(alias)
            get_results(request)
            self.result_list = list(self.result_list)  # now, and not in the template

        if has_changed_something(request):
            read(DEFAULT_DB_ALIAS)
        else:
            replica.read(read)


class ReplicaListMixin:
    def get_changelist(self, request, **kwargs):
        return ReplicaChangeList


class BoundedPaginator(Paginator):
    """Counts up to LIMIT rows. Longer lists are for searching."""

    LIMIT = 10_000

    @cached_property
    def count(self):
        return self.object_list.order_by()[: self.LIMIT].count()


def owners(text):
    """Return the users whose email address starts with this text."""
    return User.objects.filter(email__startswith=User.objects.normalize_email(text))
