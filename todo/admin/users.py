"""Users in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from todo.admin.replica_lists import ReplicaListMixin
from todo.admin.site import BoundedPaginator
from todo.models import User


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email"]


@admin.register(User)
class UserAdmin(ReplicaListMixin, DjangoUserAdmin):
    add_form = UserCreationForm
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    readonly_fields = ["last_login", "date_joined"]
    paginator = BoundedPaginator
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "time_zone", "shortcuts"]}),
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
