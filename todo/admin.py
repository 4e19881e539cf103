"""The admin, fast with 1,000,000 tasks."""

from functools import wraps
from uuid import UUID

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget, AdminTimeWidget
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html

from todo import repeats
from todo.accounts.adapter import log_refusal
from todo.models import List, Task, User
from todo.models.task import ALWAYS_TRUE
from todo.models.verbs import VERBS, Status, next_version


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


def owners(text):
    """Return the users whose email address starts with this text."""
    return User.objects.filter(email__startswith=User.objects.normalize_email(text))


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


@admin.register(List)
class ListAdmin(admin.ModelAdmin):
    list_display = ["name", "owner", "color", "created_at", "tasks"]
    search_fields = ["name"]
    search_help_text = "Part of the name, or the email address of the owner."
    ordering = ["-id"]  # the newest first
    raw_id_fields = ["owner"]
    paginator = BoundedPaginator
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        """Its tasks belong to the owner too: task_list_of_owner."""
        return ["owner", "position", "created_at", "updated_at"] if obj else []

    def get_search_results(self, request, queryset, search_term):
        if "@" not in search_term:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(owner__in=owners(search_term)), False

    @admin.display
    def tasks(self, in_list):
        url = reverse("admin:todo_task_changelist", query={"list": in_list.pk})
        return format_html('<a href="{}">Show tasks</a>', url)

    def save_model(self, request, obj, form, change):
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        self.delete_queryset(request, List.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        """Move the tasks of the lists to the trash."""
        ids = list(queryset.values_list("pk", flat=True))
        lists = List.objects.filter(pk__in=ids)
        list(lists.order_by("pk").select_for_update())  # so that no task is added
        Task.objects.filter(list__in=ids).update(
            **VERBS["trash"].changes(Now()), list=None, updated_at=next_version(Now())
        )
        lists.delete()


class ListFilter(admin.SimpleListFilter):
    """The inbox, or the list that was chosen in the admin of lists: there are many."""

    title = "list"
    parameter_name = "list"
    INBOX = "inbox"

    def lookups(self, request, model_admin):
        list_id = self._list_id()
        chosen = List.objects.filter(pk=list_id) if list_id else []
        return [(self.INBOX, "Inbox"), *((str(row.pk), row.name) for row in chosen)]

    def queryset(self, request, queryset):
        if self.value() == self.INBOX:
            return queryset.filter(list=None)
        if list_id := self._list_id():
            return queryset.filter(list=list_id)

    def _list_id(self):
        try:
            return UUID(self.value())
        except (TypeError, ValueError):
            return None


class LabelsField(forms.CharField):
    """Labels as text, separated by blanks or commas. The first spelling is kept."""

    widget = AdminTextInputWidget

    def prepare_value(self, value):
        return " ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        labels = {}
        for label in super().to_python(value).replace(",", " ").split():
            labels.setdefault(label.lower(), label)
        return list(labels.values())

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class TaskForm(forms.ModelForm):
    labels = LabelsField(required=False, help_text="Separated by blanks.")
    due_time = forms.TimeField(
        required=False,
        input_formats=["%H:%M"],
        widget=AdminTimeWidget(format="%H:%M"),
        help_text="HH:MM, on the clock of the owner's time zone.",
    )

    class Meta:
        help_texts = {"repeat": "A rule such as FREQ=WEEKLY;BYDAY=MO."}

    def clean_repeat(self):
        rule = self.cleaned_data["repeat"]
        try:
            return rule and repeats.parse(rule)
        except repeats.InvalidRule as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self):
        in_list, owner = map(self.cleaned_data.get, ("list", "owner"))
        if in_list and owner and in_list.owner_id != owner.pk:
            self.add_error("list", "This list belongs to another user.")
        for name in ("due_time", "repeat"):
            if self.cleaned_data.get(name) and not self.cleaned_data.get("due_date"):
                self.add_error(name, "This needs a due date.")
        return super().clean()


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    form = TaskForm
    list_display = ["title", "owner", "list", "priority", "due_date", "is_done"]
    list_filter = [StatusFilter, "priority", "due_date", ListFilter]
    search_fields = ["title", "description"]
    search_help_text = "Words of title and description, an email address, or #labels."
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    # Not autocomplete_fields: the inputs of its select2 have no accessible name.
    raw_id_fields = ["owner", "list"]
    actions = ["complete", "reopen", "trash", "restore"]
    paginator = BoundedPaginator
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        return ["position", "created_at", "updated_at"] if obj else []

    def get_queryset(self, request):
        return super().get_queryset(request).filter(ALWAYS_TRUE)

    def get_search_results(self, request, queryset, search_term):
        """Search email addresses among users, so that an index finds their tasks."""
        words = []
        for word in search_term.split():
            if len(word) > 1 and word[0] == "#":
                queryset = queryset.with_labels([word[1:]])
            elif "@" in word:
                queryset = queryset.filter(owner__in=owners(word))
            else:
                words.append(word)
        return super().get_search_results(request, queryset, " ".join(words))

    def delete_model(self, request, obj):
        self.delete_queryset(request, Task.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        """Delete the tasks, and let clients that synchronize start again."""
        deleted = Task.objects.filter(
            pk__in=list(queryset.values_list("pk", flat=True))
        )
        owners = User.objects.filter(pk__in=deleted.values("owner"))
        owners.update(purged_until=Now())
        deleted.delete()

    @admin.display(boolean=True, description="completed", ordering="completed_at")
    def is_done(self, task):
        return task.completed

    @admin.action(description="Complete the selected tasks", permissions=["change"])
    def complete(self, request, queryset):
        # TODO: move tasks that repeat to their next date, with todo.completions. Until
        # then they stay as they are.
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
