"""What is stored: users, their sessions, their lists and tasks.

Each rule that must always hold is a named constraint in the database.
"""

from todo.models.list import List
from todo.models.session import Session
from todo.models.task import Task
from todo.models.user import User, UserManager, validate_time_zone

__all__ = ["List", "Session", "Task", "User", "UserManager", "validate_time_zone"]
