"""The tasks with django-ninja, as in its tutorial: sync operations, ModelSchema."""

from datetime import datetime

import jwt
from django.conf import settings
from django.db import connection
from django.shortcuts import get_object_or_404
from ninja import Field, ModelSchema, NinjaAPI, PatchDict, Schema
from ninja.security import HttpBearer

from django_tasks.models import Task

api = NinjaAPI()


class Bearer(HttpBearer):
    def authenticate(self, request, token):
        try:
            claims = jwt.decode(token, settings.JWT_SECRET, algorithms=["HS256"])
            return int(claims["sub"])
        except (jwt.PyJWTError, ValueError):
            return None


class TaskIn(Schema):
    title: str = Field(min_length=1, max_length=200)
    description: str = ""
    completed: bool = False
    priority: str = "medium"
    due_date: datetime | None = None


class TaskOut(ModelSchema):
    class Meta:
        model = Task
        fields = "__all__"


class TaskList(Schema):
    items: list[TaskOut]
    total: int


@api.get("/livez")
def livez(request):
    return {"status": "alive"}


@api.get("/health")
def health(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "healthy", "database": "connected"}


@api.get("/tasks", auth=Bearer(), response=TaskList)
def list_tasks(request, limit: int = Field(50, ge=1, le=100), offset: int = 0):
    tasks = Task.objects.filter(user_id=request.auth).order_by("-id")
    return {"items": tasks[offset : offset + limit], "total": tasks.count()}


@api.post("/tasks", auth=Bearer(), response={201: TaskOut})
def create_task(request, data: TaskIn):
    return 201, Task.objects.create(user_id=request.auth, **data.dict())


@api.get("/tasks/{task_id}", auth=Bearer(), response=TaskOut)
def get_task(request, task_id: int):
    return get_object_or_404(Task, id=task_id, user_id=request.auth)


@api.patch("/tasks/{task_id}", auth=Bearer(), response=TaskOut)
def patch_task(request, task_id: int, data: PatchDict[TaskIn]):
    task = get_object_or_404(Task, id=task_id, user_id=request.auth)
    for name, value in data.items():
        setattr(task, name, value)
    task.save()
    return task


@api.delete("/tasks/{task_id}", auth=Bearer(), response={204: None})
def delete_task(request, task_id: int):
    get_object_or_404(Task, id=task_id, user_id=request.auth).delete()
    return 204, None
