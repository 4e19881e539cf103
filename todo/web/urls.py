"""The pages' map."""

from django.urls import path

from todo.web import account, views

urlpatterns = [
    path("", views.task_list, {"view": "all"}, name="tasks"),
    path("active", views.task_list, {"view": "active"}, name="active"),
    path("completed", views.task_list, {"view": "completed"}, name="completed"),
    path("trash", views.task_list, {"view": "trash"}, name="trash"),
    path("tasks/new", views.task_add, name="task_add"),
    path("tasks/complete-all", views.complete_all, name="complete_all"),
    path("tasks/clear-completed", views.clear_completed, name="clear_completed"),
    path("tasks/<uuid:pk>", views.task_edit, name="task_edit"),
    path("tasks/<uuid:pk>/rename", views.task_rename, name="task_rename"),
    path("tasks/<uuid:pk>/<str:verb>", views.task_do, name="task_do"),
    path("profile", account.profile, name="profile"),
    path("profile/export", account.export, name="export_file"),
    path("profile/import", account.import_file, name="import_file"),
    path("profile/delete", account.delete, name="delete_account"),
    path("theme", views.set_theme, name="theme"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
