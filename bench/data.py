"""Fill the tables: by default with 1,000,000 tasks of 1,000 users.

A tenth of the tasks belong to HEAVY_USER and 100 to LIGHT_USER. The other users share
the rest equally, about 900 each. Half of the tasks are completed, and one in twenty is
in the trash. HEAVY_USER, LIGHT_USER and TYPICAL_USER have LISTS lists, and a third of
their tasks in the inbox. A tenth of all tasks have one or two of LABELS labels.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from aido.testing.processes import ROOT, SECRETS

USERS = 1000
HEAVY_USER, LIGHT_USER, TYPICAL_USER, WRITING_USER = 1, 2, 3, 4
LISTS, LABELS = 12, 40
PEER_TABLES = """
    CREATE TABLE "user" (
        id serial PRIMARY KEY, email text, name text, password text, is_active boolean);
    CREATE TABLE task (
        id serial PRIMARY KEY, user_id int NOT NULL REFERENCES "user", title text,
        description text, completed boolean, priority text, due_date timestamptz,
        created_at timestamptz, updated_at timestamptz);
    CREATE INDEX ON task (user_id, id DESC);
"""
GENERATED_TASKS = """
    SELECT n, n / 3 %% 2 = 0 AS is_completed, n / 7 %% 20 = 0 AS is_trashed,
        CASE WHEN n %% 10 = 0 THEN 1 WHEN n %% (%(tasks)s / 100) = 1 THEN 2
             ELSE 3 + n / 10 %% 998 END AS owner,
        'Task number ' || n AS title,
        'Some words about this task, whose number is ' || n AS description,
        now() - (%(tasks)s - n) * interval '1 minute' AS created_at,
        current_date + n / 7 %% 120 - 60 AS day
    FROM generate_series(1, %(tasks)s) n
"""
SIGN_IN = """
from django.test import Client
from todo.models import User
for user_id in {user_ids}:
    client = Client()
    client.force_login(User.objects.get(pk=user_id))
    print(client.cookies["sessionid"].value)
"""
CREATE_LISTS = """
    INSERT INTO list (id, owner_id, name, color, position, created_at, updated_at)
    SELECT ('00000000-0000-7000-9000-' || lpad(owner::text, 6, '0')
            || lpad(number::text, 6, '0'))::uuid,
           ('00000000-0000-7000-8000-' || lpad(owner::text, 12, '0'))::uuid,
           'List ' || number, '', 1764000000000000 + number, now(), now()
    FROM unnest(%(owners)s) owner, generate_series(1, %(lists)s) number
"""
# `hash` is the same whenever the tables are filled. Older tasks repeat: those on the
# first page are completed by the benchmarks, and repeating takes more statements.
FILL_COLUMNS = """
    UPDATE task SET
        folded = lower(title || E'\\n' || description),
        position = floor(extract(epoch FROM task.created_at) * 1000000),
        list_id = list.id,
        labels = CASE WHEN hash / 100 %% 10 = 0 THEN ARRAY(
            SELECT 'label' || (hash / 2000 + n) %% %(labels)s
            FROM generate_series(0, hash / 1000 %% 2) n
        ) ELSE '{}' END,
        due_time = CASE WHEN number / 11 %% 5 = 0
            THEN time '08:00' + hash / 100 %% 40 * interval '15 minutes' END,
        repeat = CASE WHEN number / 13 %% 50 = 0 AND number < %(tasks)s / 2
            THEN 'FREQ=WEEKLY' END
    FROM (
        SELECT id, owner_id, substr(title, 13)::int AS number,
            abs(hashint4(substr(title, 13)::int) / 2) AS hash
        FROM task
    ) hashed LEFT JOIN list ON list.owner_id = hashed.owner_id
        AND list.name = 'List ' || 1 + hash %% (%(lists)s * 3 / 2)
    WHERE task.id = hashed.id
"""


def user_id(number: int) -> str:
    """Return the id of one of aido's users."""
    return f"00000000-0000-7000-8000-{number:012}"


def list_id(user: int, number: int) -> str:
    """Return the id of one of the lists of aido's users, from 1 to LISTS."""
    return f"00000000-0000-7000-9000-{user:06}{number:06}"


def manage(url: str, *arguments: str, project: Path = ROOT) -> str:
    """Run a command of manage.py in the checkout `project`; return its output."""
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": url} | SECRETS
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.check_output(command, cwd=project, env=env, text=True)


def sign_in(url: str, users: list[int], project: Path = ROOT) -> dict[int, str]:
    """Return the key of a new session of each user, for the pages."""
    code = SIGN_IN.format(user_ids=[user_id(user) for user in users])
    keys = manage(url, "shell", "--verbosity=0", "-c", code, project=project).split()
    return dict(zip(users, keys, strict=True))


def seed_aido(url: str, tasks: int = 1_000_000, project: Path = ROOT) -> None:
    """Create aido's tables with its migrations, and fill them."""
    manage(url, "migrate", "--verbosity", "0", project=project)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            INSERT INTO "user" (id, email, password, name, time_zone, is_active,
                                is_staff, is_superuser, date_joined)
            SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
                   n || '@example.com', '!', '', 'UTC', true, false, false, now()
            FROM generate_series(1, %s) n
            """,
            [USERS],
        )
        connection.execute(
            f"""
            INSERT INTO task (id, owner_id, title, description, priority, due_date,
                              completed_at, deleted_at, created_at, updated_at)
            SELECT (lpad(to_hex((extract(epoch FROM created_at) * 1000)::bigint), 12,
                         '0') || '7' || overlay(md5(n::text) PLACING '8' FROM 4 FOR 1)
                    )::varchar(32)::uuid,
                   ('00000000-0000-7000-8000-' || lpad(owner::text, 12, '0'))::uuid,
                   title, description, n %% 4, day,
                   CASE WHEN is_completed THEN now() END,
                   CASE WHEN is_trashed THEN now() END, created_at, created_at
            FROM ({GENERATED_TASKS}) generated
            """,
            {"tasks": tasks},
        )
        connection.execute(
            """
            INSERT INTO session (session_key, session_data, expire_date, user_id)
            SELECT replace(id::text, '-', ''), '', now() + interval '1 day', id
            FROM "user"
            """
        )
        # Older revisions have fewer columns.
        if has_column(connection, "task", "list_id"):
            owners = [HEAVY_USER, LIGHT_USER, TYPICAL_USER]
            numbers = {"lists": LISTS, "labels": LABELS, "tasks": tasks}
            connection.execute(CREATE_LISTS, {"owners": owners, "lists": LISTS})
            connection.execute(FILL_COLUMNS, numbers)
            connection.execute("VACUUM ANALYZE list")
        elif has_column(connection, "task", "folded"):
            connection.execute(
                r"UPDATE task SET folded = lower(title || E'\n' || description)"
            )
        connection.execute('VACUUM FULL ANALYZE "user", session, task')


def has_column(connection: psycopg.Connection, table: str, column: str) -> bool:
    query = """
        SELECT count(*) FROM information_schema.columns
        WHERE table_name = %s AND column_name = %s
    """
    return connection.execute(query, [table, column]).fetchone()[0] > 0


def seed_peer(url: str, tasks: int = 1_000_000) -> None:
    """Create and fill the tables that the FastAPI services share."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(PEER_TABLES)
        connection.execute(
            """
            INSERT INTO "user" SELECT n, n || '@example.com', '', '!', true
            FROM generate_series(1, %s) n
            """,
            [USERS],
        )
        connection.execute(
            f"""
            INSERT INTO task (user_id, title, description, completed, priority,
                              due_date, created_at, updated_at)
            SELECT owner, title, description, is_completed, 'medium', day, created_at,
                   created_at
            FROM ({GENERATED_TASKS}) generated ORDER BY n
            """,
            {"tasks": tasks},
        )
        connection.execute("VACUUM ANALYZE")
