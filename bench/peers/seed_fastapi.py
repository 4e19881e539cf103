"""How aido was first planned: FastAPI and SQLModel, as in their tutorials."""

import os
from datetime import UTC, datetime

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, create_engine, func, select

engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
    pool_size=5,
    max_overflow=10,
    pool_pre_ping=True,
)
SECRET = os.environ["JWT_SECRET"]


class User(SQLModel, table=True):
    __tablename__ = "user"
    id: int | None = Field(default=None, primary_key=True)
    email: str
    name: str
    password: str
    is_active: bool = True


class TaskBase(SQLModel):
    title: str = Field(min_length=1, max_length=200)
    description: str = ""
    completed: bool = False
    priority: str = "medium"
    due_date: datetime | None = None


class Task(TaskBase, table=True):
    __tablename__ = "task"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class TaskRead(TaskBase):
    id: int
    user_id: int
    created_at: datetime
    updated_at: datetime


class TaskList(SQLModel):
    items: list[TaskRead]
    total: int


class TaskPatch(SQLModel):
    title: str | None = None
    description: str | None = None
    completed: bool | None = None
    priority: str | None = None
    due_date: datetime | None = None


def get_session():
    with Session(engine) as session:
        yield session


bearer = HTTPBearer()


def token_user_id(cred: HTTPAuthorizationCredentials = Depends(bearer)) -> int:
    try:
        return int(jwt.decode(cred.credentials, SECRET, algorithms=["HS256"])["sub"])
    except jwt.PyJWTError:
        raise HTTPException(401, "Invalid token") from None


app = FastAPI()


def get_own_task(session: Session, task_id: int, uid: int) -> Task:
    task = session.exec(
        select(Task).where(Task.id == task_id, Task.user_id == uid)
    ).first()
    if task is None:
        raise HTTPException(404, "Task not found")
    return task


@app.get("/health")
def health(session: Session = Depends(get_session)):
    session.exec(text("SELECT 1"))
    return {"status": "healthy", "database": "connected"}


@app.get("/tasks", response_model=TaskList)
def list_tasks(
    limit: int = Query(50, le=100),
    offset: int = 0,
    uid: int = Depends(token_user_id),
    session: Session = Depends(get_session),
):
    where = Task.user_id == uid
    total = session.exec(select(func.count()).select_from(Task).where(where)).one()
    rows = session.exec(
        select(Task).where(where).order_by(Task.id.desc()).offset(offset).limit(limit)
    ).all()
    return {"items": rows, "total": total}


@app.post("/tasks", response_model=TaskRead, status_code=201)
def create_task(
    data: TaskBase,
    uid: int = Depends(token_user_id),
    session: Session = Depends(get_session),
):
    task = Task.model_validate(data, update={"user_id": uid})
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


@app.get("/tasks/{task_id}", response_model=TaskRead)
def get_task(
    task_id: int,
    uid: int = Depends(token_user_id),
    session: Session = Depends(get_session),
):
    return get_own_task(session, task_id, uid)


@app.patch("/tasks/{task_id}", response_model=TaskRead)
def patch_task(
    task_id: int,
    data: TaskPatch,
    uid: int = Depends(token_user_id),
    session: Session = Depends(get_session),
):
    task = get_own_task(session, task_id, uid)
    for key, value in data.model_dump(exclude_unset=True).items():
        setattr(task, key, value)
    task.updated_at = datetime.now(UTC)
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


@app.delete("/tasks/{task_id}", status_code=204)
def delete_task(
    task_id: int,
    uid: int = Depends(token_user_id),
    session: Session = Depends(get_session),
):
    session.delete(get_own_task(session, task_id, uid))
    session.commit()
