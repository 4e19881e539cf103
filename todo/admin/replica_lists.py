"""Lists of rows from the replica, unless their reader has just changed something."""

import time
from functools import wraps

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import DEFAULT_DB_ALIAS

from aido.database import replica

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


admin_view = admin.site.admin_view
admin.site.admin_view = lambda view, cacheable=False: admin_view(
    record_change(view), cacheable
)


def has_changed_something(request):
    last = request.session.get(LAST_CHANGE, 0)
    return request.method == "POST" or time.time() - last < SHOW_CHANGES_FOR


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
