"""Tasks in the admin."""

from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from todo import bulk
from todo.admin.forms import TaskForm
from todo.admin.replica_lists import ReplicaListMixin
from todo.admin.site import BoundedPaginator, ids_of, owners
from todo.models import List, Task, User
from todo.models.status import Status
from todo.models.task_expressions import ALWAYS_TRUE
from todo.tasks import Owner


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [choice for choice in Status.choices if choice[0] != Status.ALL]

    def queryset(self, request, queryset):
        if self.value() in Status:
            return queryset.in_status(self.value())


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


@admin.register(Task)
class TaskAdmin(ReplicaListMixin, admin.ModelAdmin):
    form = TaskForm
    list_display = ["title", "owner", "list", "priority", "due_date", "is_done"]
    list_filter = [StatusFilter, "priority", "due_date", ListFilter]
    search_fields = ["title", "description"]
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
        tasks = Task.objects.filter(pk__in=ids_of(queryset))
        User.objects.filter(pk__in=tasks.values("owner")).update(purged_until=Now())
        tasks.delete()

    @admin.display(boolean=True, description="completed", ordering="completed_at")
    def is_done(self, task):
        return task.completed

    @admin.action(description="Complete the selected tasks", permissions=["change"])
    def complete(self, request, queryset):
        self._apply(request, queryset, "complete", "completed")

    @admin.action(description="Reopen the selected tasks", permissions=["change"])
    def reopen(self, request, queryset):
        self._apply(request, queryset, "reopen", "reopened")

    @admin.action(
        description="Move the selected tasks to the trash", permissions=["change"]
    )
    def trash(self, request, queryset):
        self._apply(request, queryset, "trash", "moved to the trash")

    @admin.action(description="Restore the selected tasks", permissions=["change"])
    def restore(self, request, queryset):
        self._apply(request, queryset, "restore", "restored")

    @transaction.atomic
    def _apply(self, request, queryset, verb, done):
        tasks = Task.objects.filter(pk__in=ids_of(queryset)).order_by("pk")
        list(tasks.select_for_update().values_list("pk"))
        count = tasks.apply(verb)
        # What repeats needs more than one statement.
        repeating = tasks.filter(Q(repeat__isnull=False) | Q(copy_of__isnull=False))
        for owner in set(repeating.values_list("owner_id", flat=True)):
            of_owner = repeating.filter(owner_id=owner)
            count += bulk.apply(Owner(owner, session_key=None), of_owner, verb)
        self.message_user(request, f"{count} task{'' if count == 1 else 's'} {done}.")
