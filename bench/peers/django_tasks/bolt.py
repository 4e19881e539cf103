"""The tasks with django-bolt, as in its tutorial: async handlers, msgspec."""

from datetime import datetime
from typing import Annotated

import msgspec
from django.conf import settings
from django_bolt import BoltAPI
from django_bolt.auth import IsAuthenticated, JWTAuthentication
from django_bolt.exceptions import NotFound
from msgspec import UNSET, Meta, Struct, UnsetType

from django_tasks.models import Task

api = BoltAPI()
JWT = {
    "auth": [JWTAuthentication(secret=settings.JWT_SECRET)],
    "guards": [IsAuthenticated()],
}
Title = Annotated[str, Meta(min_length=1, max_length=200)]


class TaskIn(Struct):
    title: Title
    description: str = ""
    completed: bool = False
    priority: str = "medium"
    due_date: datetime | None = None


class TaskPatch(Struct):
    title: Title | UnsetType = UNSET
    description: str | UnsetType = UNSET
    completed: bool | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    due_date: datetime | None | UnsetType = UNSET


class TaskOut(Struct):
    id: int
    user_id: int
    title: str
    description: str
    completed: bool
    priority: str
    due_date: datetime | None
    created_at: datetime
    updated_at: datetime


class TaskList(Struct):
    items: list[TaskOut]
    total: int


def user_id(request) -> int:
    return int(request.context["user_id"])


async def own_task(request, task_id: int) -> Task:
    task = await Task.objects.filter(id=task_id, user_id=user_id(request)).afirst()
    if task is None:
        raise NotFound(detail="Task not found")
    return task


def task_out(task: Task) -> TaskOut:
    return msgspec.convert(task, TaskOut, from_attributes=True)


@api.get("/livez")
async def livez():
    return {"status": "alive"}


@api.get("/health")
async def health():
    await Task.objects.filter(id=0).aexists()
    return {"status": "healthy", "database": "connected"}


@api.get("/tasks", response_model=TaskList, **JWT)
async def list_tasks(
    request, limit: Annotated[int, Meta(ge=1, le=100)] = 50, offset: int = 0
):
    tasks = Task.objects.filter(user_id=user_id(request)).order_by("-id")
    items = [task_out(task) async for task in tasks[offset : offset + limit]]
    return TaskList(items, await tasks.acount())


@api.post("/tasks", status_code=201, response_model=TaskOut, **JWT)
async def create_task(request, data: TaskIn):
    values = msgspec.structs.asdict(data)
    return task_out(await Task.objects.acreate(user_id=user_id(request), **values))


@api.get("/tasks/{task_id}", response_model=TaskOut, **JWT)
async def get_task(request, task_id: int):
    return task_out(await own_task(request, task_id))


@api.patch("/tasks/{task_id}", response_model=TaskOut, **JWT)
async def patch_task(request, task_id: int, data: TaskPatch):
    task = await own_task(request, task_id)
    for name, value in msgspec.structs.asdict(data).items():
        if value is not UNSET:
            setattr(task, name, value)
    await task.asave()
    return task_out(task)


@api.delete("/tasks/{task_id}", status_code=204, **JWT)
async def delete_task(request, task_id: int):
    await (await own_task(request, task_id)).adelete()
