"""Adds summaries and examples to the views, for the OpenAPI document.

Only a hook of drf-spectacular imports this. A server that nobody asks for the document
starts faster and needs less memory.
"""

from todo.api import (
    account_docs,
    account_views,
    change_views,
    docs,
    export_views,
    import_views,
    list_docs,
    list_views,
    profile_views,
    session_views,
    task_views,
)

DESCRIPTIONS = {
    task_views.TaskViewSet: docs.tasks,
    change_views.ChangesView: docs.changes,
    export_views.ExportView: docs.export,
    import_views.ImportView: docs.import_,
    list_views.ListViewSet: list_docs.lists,
    profile_views.AccountView: account_docs.account,
    profile_views.EmailView: account_docs.email,
    session_views.SessionListView: account_docs.sessions,
    session_views.SessionDetailView: account_docs.one_session,
    account_views.SignupView: account_docs.signup,
    account_views.LoginView: account_docs.login,
    account_views.RefreshView: account_docs.refresh,
    account_views.PasswordRequestView: account_docs.password_request,
    account_views.PasswordResetView: account_docs.password_reset,
    account_views.SessionView: account_docs.session,
    account_views.PasswordChangeView: account_docs.password_change,
}
for view, describe in DESCRIPTIONS.items():
    describe(view)

# Actions besides those of HTTP's methods.
docs.quick(task_views.TaskViewSet.quick)
docs.complete(task_views.TaskViewSet.complete)
docs.reopen(task_views.TaskViewSet.reopen)
docs.move(task_views.TaskViewSet.move)
docs.restore(task_views.TaskViewSet.restore)
docs.bulk(task_views.TaskViewSet.bulk)
list_docs.move(list_views.ListViewSet.move)


def describe_views(endpoints):
    """Return the endpoints as they are: importing this module described the views."""
    return endpoints
