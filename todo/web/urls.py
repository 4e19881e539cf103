"""The routes of the pages."""

from django.urls import path

from todo.web import account_views, edit_views, list_views, task_views

VIEWS = {
    "all": "",
    "open": "active",
    "completed": "completed",
    "trash": "trash",
    "inbox": "inbox",
    "today": "today",
    "upcoming": "upcoming",
    "list": "lists/<uuid:list_id>",
    "label": "labels/<path:label>",
}

urlpatterns = [
    *(
        path(route, list_views.task_list, {"kind": kind}, name=f"list_{kind}")
        for kind, route in VIEWS.items()
    ),
    path("tasks/new", task_views.task_add, name="task_add"),
    path("tasks/complete-all", list_views.complete_all, name="complete_all"),
    path("tasks/clear-completed", list_views.clear_completed, name="clear_completed"),
    path("tasks/undo", list_views.undo_all, name="undo_all"),
    path("tasks/<uuid:pk>", edit_views.task_edit, name="task_edit"),
    path("tasks/<uuid:pk>/rename", edit_views.task_rename, name="task_rename"),
    path("tasks/<uuid:pk>/tick", edit_views.task_tick, name="task_tick"),
    path("tasks/<uuid:pk>/<str:verb>", task_views.task_apply, name="task_apply"),
    path("profile", account_views.profile, name="profile"),
    path("profile/export", account_views.export, name="export_file"),
    path("profile/import", account_views.import_file, name="import_file"),
    path("profile/email", account_views.change_email, name="change_email"),
    path(
        "profile/email/<str:token>", account_views.confirm_email, name="confirm_email"
    ),
    path("profile/sessions", account_views.session_list, name="session_list"),
    path("profile/delete", account_views.delete, name="delete_account"),
    path("theme", task_views.set_theme, name="theme"),
    path("manifest.webmanifest", task_views.manifest, name="manifest"),
]
