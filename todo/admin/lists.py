"""Lists in the admin."""

from django.contrib import admin
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from todo.admin.replica_lists import ReplicaListMixin
from todo.admin.site import BoundedPaginator, ids_of, owners
from todo.models import List, Task
from todo.models.verbs import VERBS, next_version


@admin.register(List)
class ListAdmin(ReplicaListMixin, admin.ModelAdmin):
    list_display = ["name", "owner", "color", "created_at", "tasks"]
    search_fields = ["name"]
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
        ids = ids_of(queryset)
        lists = List.objects.filter(pk__in=ids)
        list(lists.order_by("pk").select_for_update())  # so that no task is added
        Task.objects.filter(list__in=ids).update(
            **VERBS["trash"].changes(Now()), list=None, updated_at=next_version(Now())
        )
        lists.delete()
