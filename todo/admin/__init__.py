"""The admin, fast with 1,000,000 tasks."""

from todo.admin.lists import ListAdmin
from todo.admin.site import BoundedPaginator
from todo.admin.tasks import TaskAdmin
from todo.admin.users import UserAdmin

__all__ = ["BoundedPaginator", "ListAdmin", "TaskAdmin", "UserAdmin"]
