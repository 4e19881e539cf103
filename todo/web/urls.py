"""The routes of the pages."""

from django.urls import path

from todo.web import (
    account_views,
    act_views,
    add_views,
    app_views,
    edit_views,
    list_edit_views,
    list_views,
    trash_views,
)

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
    path("tasks/new", add_views.task_add, name="task_add"),
    path("tasks/paste", add_views.task_paste, name="task_paste"),
    path("tasks/understand", add_views.task_understand, name="task_understand"),
    path("tasks/bulk", act_views.task_bulk, name="task_bulk"),
    path(
        "tasks/overdue-to-today", list_views.overdue_to_today, name="overdue_to_today"
    ),
    path("tasks/complete-all", list_views.complete_all, name="complete_all"),
    path("tasks/clear-completed", list_views.clear_completed, name="clear_completed"),
    path("tasks/undo", list_views.undo_all, name="undo_all"),
    path("tasks/<uuid:pk>", edit_views.task_edit, name="task_edit"),
    path("tasks/<uuid:pk>/rename", edit_views.task_rename, name="task_rename"),
    path("tasks/<uuid:pk>/tick", edit_views.task_tick, name="task_tick"),
    path("tasks/<uuid:pk>/set", act_views.task_set, name="task_set"),
    path("tasks/<uuid:pk>/move", act_views.task_move, name="task_move"),
    path("tasks/<uuid:pk>/delete", trash_views.task_delete, name="task_delete"),
    path("tasks/<uuid:pk>/<str:verb>", act_views.task_apply, name="task_apply"),
    path("trash/empty", trash_views.trash_empty, name="trash_empty"),
    path("lists/new", list_edit_views.list_new, name="list_new"),
    path("lists/<uuid:pk>/edit", list_edit_views.list_edit, name="list_edit"),
    path("lists/<uuid:pk>/delete", list_edit_views.list_delete, name="list_delete"),
    path("lists/<uuid:pk>/move", list_edit_views.list_move, name="list_move"),
    path("profile", account_views.profile, name="profile"),
    path("profile/export", account_views.export, name="export_file"),
    path("profile/import", account_views.import_file, name="import_file"),
    path("profile/email", account_views.change_email, name="change_email"),
    path(
        "profile/email/<str:token>", account_views.confirm_email, name="confirm_email"
    ),
    path("profile/sessions", account_views.session_list, name="session_list"),
    path("profile/delete", account_views.delete, name="delete_account"),
    path("theme", app_views.set_theme, name="theme"),
    path("manifest.webmanifest", app_views.manifest, name="manifest"),
    path("favicon.ico", app_views.favicon, name="favicon"),
    path("offline", app_views.offline, name="offline"),
    path("sw.js", app_views.service_worker, name="service_worker"),
]
