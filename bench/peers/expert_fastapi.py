"""FastAPI tuned for speed: async, raw SQL, one statement per request.

Verified tokens are cached until they expire, as in aido.
"""

import os
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

import asyncpg
import jwt
import orjson
from fastapi import Depends, FastAPI, HTTPException, Path, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, BaseModel, Field

URL, SECRET = os.environ["DATABASE_URL"], os.environ["JWT_SECRET"]
FIELDS = """id, user_id, title, description, completed, priority, due_date, created_at,
    updated_at"""
ONE = f"SELECT {FIELDS} FROM task WHERE id = $1 AND user_id = $2"
PAGE = f"""
    SELECT total, page.*
    FROM (SELECT count(*) AS total FROM task WHERE user_id = $1) AS counted
    LEFT JOIN LATERAL (
        SELECT {FIELDS} FROM task WHERE user_id = $1
        ORDER BY id DESC LIMIT $2 OFFSET $3
    ) AS page ON true
"""
INSERT = f"""
    INSERT INTO task (user_id, title, description, completed, priority, due_date,
                      created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, now(), now()) RETURNING {FIELDS}"""


async def skip_reset(connection):
    """Single statements leave no state behind, and asyncpg's reset is a round trip."""


async def fetch(sql, *args):
    return [dict(row) for row in await pool.fetch(sql, *args, timeout=10)]


@asynccontextmanager
async def lifespan(app):
    global pool
    async with asyncpg.create_pool(
        URL, min_size=2, max_size=15, reset=skip_reset
    ) as pool:
        yield


app = FastAPI(lifespan=lifespan)
bearer = HTTPBearer()
verified_claims = {}  # by token


async def user_id(
    cred: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
) -> int:
    token = cred.credentials
    try:
        claims = verified_claims.get(token)
        if claims is None or claims["exp"] <= time.time():
            claims = jwt.decode(
                token, SECRET, algorithms=["HS256"], options={"require": ["exp", "sub"]}
            )
            if len(verified_claims) >= 4096:
                verified_claims.clear()
            verified_claims[token] = claims
        return int(claims["sub"])
    except (jwt.PyJWTError, ValueError):
        raise HTTPException(401, "Invalid token") from None


User = Annotated[int, Depends(user_id)]
Id = Annotated[int, Path(ge=1, lt=2**63)]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Priority = Literal["low", "medium", "high"]
Due = (
    Annotated[
        datetime,
        AfterValidator(lambda d: d if d.tzinfo else d.replace(tzinfo=UTC)),
    ]
    | None
)


class TaskIn(BaseModel):
    title: Title
    description: str = ""
    completed: bool = False
    priority: Priority = "medium"
    due_date: Due = None


class TaskPatch(BaseModel):
    title: Title = ""
    description: str = ""
    completed: bool = False
    priority: Priority = "medium"
    due_date: Due = None


def json_response(data, status=200):
    return Response(
        orjson.dumps(data, option=orjson.OPT_UTC_Z),
        status,
        media_type="application/json",
    )


def task_response(rows, status=200):
    if not rows:
        raise HTTPException(404, "Task not found")
    return json_response(rows[0], status)


@app.get("/health")
async def health():
    await fetch("SELECT 1")
    return json_response({"status": "healthy", "database": "connected"})


@app.get("/tasks")
async def list_tasks(
    uid: User,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**63)] = 0,
):
    rows = await fetch(PAGE, uid, limit, offset)
    total = [row.pop("total") for row in rows][0]
    return json_response({"items": rows if rows[0]["id"] else [], "total": total})


@app.post("/tasks")
async def create_task(uid: User, task: TaskIn):
    return task_response(await fetch(INSERT, uid, *task.model_dump().values()), 201)


@app.get("/tasks/{id}")
async def get_task(uid: User, id: Id):
    return task_response(await fetch(ONE, id, uid))


@app.patch("/tasks/{id}")
async def patch_task(uid: User, id: Id, task: TaskPatch):
    new = task.model_dump(exclude_unset=True)
    sets = "".join(f"{name} = ${n}, " for n, name in enumerate(new, 3))
    update = f"UPDATE task SET {sets}updated_at = now() WHERE id = $1 AND user_id = $2"
    return task_response(
        await fetch(f"{update} RETURNING {FIELDS}", id, uid, *new.values())
    )


@app.delete("/tasks/{id}", status_code=204)
async def delete_task(uid: User, id: Id):
    delete = "DELETE FROM task WHERE id = $1 AND user_id = $2 RETURNING id"
    task_response(await fetch(delete, id, uid))
