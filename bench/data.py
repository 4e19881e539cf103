"""What is in the tables: by default 1,000,000 tasks of 1,000 people.

A tenth are of one person, HEAVY; 100 are of another, LIGHT; the rest have equal parts,
about 900 each. Half are completed, one in twenty is in the trash.
"""

import subprocess
import sys

import psycopg

from aido.testing.servers import SECRETS

PEOPLE = 1000
HEAVY, LIGHT, USUAL, OTHER = 1, 2, 3, 4
PEER_TABLES = """
    CREATE TABLE "user" (
        id serial PRIMARY KEY, email text, name text, password text, is_active boolean);
    CREATE TABLE task (
        id serial PRIMARY KEY, user_id int NOT NULL REFERENCES "user", title text,
        description text, completed boolean, priority text, due_date timestamptz,
        created_at timestamptz, updated_at timestamptz);
    CREATE INDEX ON task (user_id, id DESC);
"""
NUMBERED = """
    SELECT n, n / 3 %% 2 = 0 AS is_completed, n / 7 %% 20 = 0 AS is_trashed,
        CASE WHEN n %% 10 = 0 THEN 1 WHEN n %% (%(tasks)s / 100) = 1 THEN 2
             ELSE 3 + n / 10 %% 998 END AS person,
        'Task number ' || n AS title,
        'Some words on what has to be done, number ' || n AS description,
        now() - (%(tasks)s - n) * interval '1 minute' AS created_at,
        current_date + n / 7 %% 120 - 60 AS day
    FROM generate_series(1, %(tasks)s) n
"""


def user_id(person):
    return f"00000000-0000-7000-8000-{person:012}"


def seed_aido(url, tasks=1_000_000):
    """The tables of aido, by its migrations, and rows in them."""
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env={"DATABASE_URL": url} | SECRETS, check=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            INSERT INTO "user" (id, email, password, name, time_zone, is_active,
                                is_staff, is_superuser, date_joined)
            SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
                   n || '@example.com', '!', '', 'UTC', true, false, false, now()
            FROM generate_series(1, %s) n
            """,
            [PEOPLE],
        )
        connection.execute(
            f"""
            INSERT INTO task (id, owner_id, title, description, priority, due_date,
                              completed_at, deleted_at, created_at, updated_at)
            SELECT (lpad(to_hex((extract(epoch FROM created_at) * 1000)::bigint), 12,
                         '0') || '7' || overlay(md5(n::text) PLACING '8' FROM 4 FOR 1)
                    )::varchar(32)::uuid,
                   ('00000000-0000-7000-8000-' || lpad(person::text, 12, '0'))::uuid,
                   title, description, n %% 4, day,
                   CASE WHEN is_completed THEN now() END,
                   CASE WHEN is_trashed THEN now() END, created_at, created_at
            FROM ({NUMBERED}) numbered
            """,
            {"tasks": tasks},
        )
        connection.execute("VACUUM ANALYZE")


def seed_peer(url, tasks=1_000_000):
    """The tables that both FastAPI services share, with as many rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(PEER_TABLES)
        connection.execute(
            """
            INSERT INTO "user" SELECT n, n || '@example.com', '', '!', true
            FROM generate_series(1, %s) n
            """,
            [PEOPLE],
        )
        connection.execute(
            f"""
            INSERT INTO task (user_id, title, description, completed, priority,
                              due_date, created_at, updated_at)
            SELECT person, title, description, is_completed, 'medium', day, created_at,
                   created_at
            FROM ({NUMBERED}) numbered ORDER BY n
            """,
            {"tasks": tasks},
        )
        connection.execute("VACUUM ANALYZE")
