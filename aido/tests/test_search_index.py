"""The index of parts of words, on a server that has the extension pg_trgm."""

import os
import subprocess
import sys

import psycopg
import pytest

from aido.testing.postgres import running_postgres
from aido.testing.processes import ROOT

USER = """
    INSERT INTO "user" (id, password, is_superuser, email, name, is_staff, is_active,
                        date_joined, time_zone)
    VALUES (gen_random_uuid(), '', false, 'a@example.com', '', false, true, now(),
            'UTC')
    RETURNING id
"""
TASKS = """
    INSERT INTO task (id, owner_id, title, description, folded, priority, created_at,
                      updated_at)
    SELECT gen_random_uuid(), %s, '', '', 'buy ' || md5(n::text) || chr(10), 0, now(),
           now()
    FROM generate_series(1, 5000) n
"""
SEARCH = """
    import os, django
    os.environ["DJANGO_SETTINGS_MODULE"] = "aido.settings"
    django.setup()
    from todo.models import Task, User
    owner = User.objects.get()
    tasks = Task.objects.owned_by(owner).in_status("open").matching("buy 3fd")
    print(tasks[:51].explain())
"""

pytestmark = pytest.mark.tls


@pytest.fixture(scope="module")
def server():
    with running_postgres(fsync="off") as server:
        yield server


def run(url, *arguments):
    process = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        capture_output=True,
        text=True,
    )
    return process.returncode, process.stdout + process.stderr


def migrate(url):
    code, output = run(url, "manage.py", "migrate")
    assert code == 0, output


def index_names(url):
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'task'"
        )
        return {name for (name,) in rows}


def test_search_uses_the_index(server):
    url = server.create_database("search")
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        owner = connection.execute(USER).fetchone()[0]
        connection.execute("ALTER TABLE task DROP CONSTRAINT task_title_trimmed")
        connection.execute(TASKS, [owner])
        connection.execute("VACUUM ANALYZE task")

    code, output = run(url, "-c", "\n".join(map(str.strip, SEARCH.splitlines())))

    assert code == 0, output
    assert "task_words" in output, output
    assert "Seq Scan" not in output


def test_a_role_that_may_not_create_the_extension_migrates_without_the_index(server):
    url = server.create_database("restricted")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE clerk LOGIN PASSWORD 'p'")
        connection.execute("GRANT ALL ON SCHEMA public TO clerk")
        connection.execute("REVOKE CREATE ON DATABASE restricted FROM public")

    migrate(url.replace(url.partition("//")[2].partition("@")[0], "clerk:p"))

    assert "task_words" not in index_names(url)
    assert "task_not_folded" in index_names(url)


def test_an_extension_that_is_installed_already_is_used(server):
    url = server.create_database("installed")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")

    migrate(url)

    assert "task_words" in index_names(url)
