"""The routes under /api/."""

from django.urls import path, re_path, register_converter
from django.urls.converters import UUIDConverter
from django.utils.module_loading import import_string

from todo.api import (
    account_views,
    export_views,
    import_views,
    profile_views,
    session_views,
)
from todo.api.change_views import ChangesView
from todo.api.list_views import ListViewSet
from todo.api.task_views import TaskViewSet, UnknownRouteView
from todo.fields import UUID_PATTERN


class TaskIdConverter(UUIDConverter):
    regex = UUID_PATTERN  # uppercase too, as some tools print UUIDs


register_converter(TaskIdConverter, "task_id")

ALL_ACTIONS = {"get": "list", "post": "create"}
ONE_ACTIONS = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}


def lazy_view(dotted_path):
    """Return a view that is imported by its first request."""

    def view(request, **kwargs):
        return import_string(dotted_path)(request, **kwargs)

    return view


urlpatterns = [
    # The most frequent first: Django tries the patterns in order.
    path("v1/tasks", TaskViewSet.as_view(ALL_ACTIONS), name="tasks"),
    path("v1/tasks/<task_id:pk>", TaskViewSet.as_view(ONE_ACTIONS), name="task"),
    path("v1/lists", ListViewSet.as_view(ALL_ACTIONS), name="lists"),
    path("v1/lists/<task_id:pk>", ListViewSet.as_view(ONE_ACTIONS), name="list"),
    path(
        "v1/lists/<task_id:pk>/move",
        ListViewSet.as_view({"post": "move"}),
        name="move_list",
    ),
    path("v1/auth/signup", account_views.SignupView.as_view(), name="signup"),
    path("v1/auth/login", account_views.LoginView.as_view(), name="login"),
    path("v1/auth/session", account_views.SessionView.as_view(), name="session"),
    path("v1/auth/password/request", account_views.PasswordRequestView.as_view()),
    path("v1/auth/password/reset", account_views.PasswordResetView.as_view()),
    path("v1/tokens/refresh", account_views.RefreshView.as_view(), name="refresh"),
    path("v1/account", profile_views.AccountView.as_view(), name="account"),
    path("v1/account/email", profile_views.EmailView.as_view()),
    path("v1/account/sessions", session_views.SessionListView.as_view()),
    path("v1/account/sessions/<task_id:pk>", session_views.SessionDetailView.as_view()),
    path("v1/account/password/change", account_views.PasswordChangeView.as_view()),
    path("v1/tasks/bulk", TaskViewSet.as_view({"post": "bulk"}), name="bulk"),
    path("v1/tasks/quick", TaskViewSet.as_view({"post": "quick"}), name="quick"),
    path("v1/tasks/changes", ChangesView.as_view(), name="changes"),
    path("v1/tasks/export", export_views.ExportView.as_view(), name="export"),
    path("v1/tasks/import", import_views.ImportView.as_view(), name="import"),
    *(
        path(
            f"v1/tasks/<task_id:pk>/{verb}",
            TaskViewSet.as_view({"post": verb}),
            name=f"task_{verb}",
        )
        for verb in ("complete", "reopen", "restore", "move")
    ),
    path("schema", lazy_view("todo.api.schema_views.schema"), name="schema"),
    path("docs", lazy_view("todo.api.schema_views.docs"), name="docs"),
    re_path("", UnknownRouteView.as_view()),
]
