"""The admin, fast with 1,000,000 tasks."""

from functools import wraps

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.utils.functional import cached_property

from todo.accounts.adapter import log_refusal
from todo.models import Task, User
from todo.models.task import ALWAYS_TRUE
from todo.models.verbs import Status


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


class BoundedPaginator(Paginator):
    """Counts up to LIMIT rows. Longer lists are for searching."""

    LIMIT = 10_000

    @cached_property
    def count(self):
        return self.object_list.order_by()[: self.LIMIT].count()


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = UserCreationForm
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    readonly_fields = ["last_login", "date_joined"]
    paginator = BoundedPaginator
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "time_zone"]}),
        (
            "Permissions",
            {
                "fields": [
                    *("is_active", "is_staff", "is_superuser"),
                    *("groups", "user_permissions"),
                ]
            },
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "usable_password", "password1", "password2"]})
    ]


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [choice for choice in Status.choices if choice[0] != Status.ALL]

    def queryset(self, request, queryset):
        if self.value() in Status:
            return queryset.in_status(self.value())


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    list_display = ["title", "owner", "priority", "due_date", "is_done"]
    list_filter = [StatusFilter, "priority", "due_date"]
    search_fields = ["title", "description"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    # Not autocomplete_fields: the inputs of its select2 have no accessible name.
    raw_id_fields = ["owner"]
    readonly_fields = ["created_at", "updated_at"]
    actions = ["complete", "reopen", "trash", "restore"]
    paginator = BoundedPaginator
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).filter(ALWAYS_TRUE)

    def get_search_results(self, request, queryset, search_term):
        """Search an email address among users, so that an index finds their tasks."""
        if "@" not in search_term:
            return super().get_search_results(request, queryset, search_term)
        email = User.objects.normalize_email(search_term)
        return queryset.filter(owner__email__startswith=email), False

    @admin.display(boolean=True, description="completed", ordering="completed_at")
    def is_done(self, task):
        return task.completed

    @admin.action(description="Complete the selected tasks", permissions=["change"])
    def complete(self, request, queryset):
        self._report(request, queryset.apply("complete"), "completed")

    @admin.action(description="Reopen the selected tasks", permissions=["change"])
    def reopen(self, request, queryset):
        self._report(request, queryset.apply("reopen"), "reopened")

    @admin.action(
        description="Move the selected tasks to the trash", permissions=["change"]
    )
    def trash(self, request, queryset):
        self._report(request, queryset.apply("trash"), "moved to the trash")

    @admin.action(description="Restore the selected tasks", permissions=["change"])
    def restore(self, request, queryset):
        self._report(request, queryset.apply("restore"), "restored")

    def _report(self, request, count, done):
        self.message_user(request, f"{count} task{'' if count == 1 else 's'} {done}.")
