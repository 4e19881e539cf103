import json
import subprocess

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import OperationalError

from aido.database.base import DatabaseWrapper
from aido.management.commands import verify as command
from aido.testing.fake_neon import KEY
from aido.testing.processes import SECRETS

pytestmark = pytest.mark.django_db


@pytest.fixture
def verify(capsys):
    """A function that returns the results of `verify --json` by step, and a failure."""

    def verify():
        try:
            call_command("verify", "--json")
            failed = False
        except CommandError:
            failed = True
        results = json.loads(capsys.readouterr().out)
        return {result.pop("step"): result for result in results}, failed

    return verify


@pytest.fixture
def repository(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text(".env\n")
    git(tmp_path, "add", ".gitignore")
    return tmp_path


def git(folder, *arguments):
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True)


def test_without_a_key_all_steps_pass_but_one_that_is_skipped(verify, repository):
    results, failed = verify()

    assert not failed
    assert len(results) == 9
    assert results.pop("project") == {"status": "skipped", "detail": "no NEON_API_KEY"}
    assert results.pop("replica")["detail"] == "no DATABASE_URL_READ"
    assert {result["status"] for result in results.values()} == {"passed"}


def test_with_a_key_the_project_must_exist(verify, repository, settings, neon):
    settings.NEON_API_KEY, settings.NEON_API_HOST = KEY, neon.host

    results, failed = verify()
    assert failed
    assert "neon provision" in results["project"]["detail"]

    neon.add_project("aido-todo")
    assert verify()[0]["project"]["status"] == "passed"


def test_a_url_of_another_project_is_reported(
    verify, repository, settings, neon, monkeypatch, proxied_url
):
    settings.NEON_API_KEY, settings.NEON_API_HOST = KEY, neon.host
    settings.IS_EMBEDDED = False
    monkeypatch.setenv("DATABASE_URL", proxied_url)
    neon.add_project("aido-todo")

    detail = verify()[0]["connection string"]["detail"]

    assert "not that of branch main" in detail


@pytest.fixture
def pooled_url(settings, monkeypatch, proxied_url):
    """Sets DATABASE_URL to another URL of the test database, as with a pooler."""
    settings.IS_EMBEDDED = False
    monkeypatch.setenv("DATABASE_URL", proxied_url)


def test_two_urls_of_a_database_pass(verify, repository, pooled_url):
    step = verify()[0]["connection string"]

    assert step == {"status": "passed", "detail": "the pooled and the direct URL work"}


def test_urls_of_two_databases_fail(
    verify, repository, pooled_url, monkeypatch, create_database
):
    monkeypatch.setenv("DATABASE_URL", create_database())

    results, failed = verify()

    assert failed
    detail = results["connection string"]["detail"]
    assert "DATABASE_URL_UNPOOLED lead to different databases: set both" in detail


def test_without_json_the_report_is_one_line_per_step(capsys, repository):
    call_command("verify")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert lines[0].split() == ["skipped", "project", "no", "NEON_API_KEY"]


def test_without_a_database_its_steps_fail(verify, repository, settings):
    settings.DATABASE_ERROR = "DATABASE_URL is not set."

    results, failed = verify()

    assert failed
    for step in ("connection string", "environment", "health", "tables"):
        assert results[step]["status"] == "failed"
        assert "DATABASE_URL is not set." in results[step]["detail"]


def test_a_database_error_is_one_line_with_a_hint(verify, repository, monkeypatch):
    def refuse(connection):
        raise OperationalError("Connection refused\n  by the host")

    monkeypatch.setattr(DatabaseWrapper, "connect_once", refuse)

    result = verify()[0]["connection string"]

    assert result["status"] == "failed"
    assert result["detail"].startswith("Connection refused by the host Is the server")


def test_an_unhealthy_server_fails_the_health_step(verify, repository, monkeypatch):
    def fail(seconds):
        raise OperationalError("Connection refused")

    monkeypatch.setattr("aido.health.time_limit", fail)

    result = verify()[0]["health"]

    assert result["status"] == "failed"
    assert result["detail"].startswith("/health answers 503")


def test_health_is_checked_with_production_settings(verify, repository, settings):
    settings.ALLOWED_HOSTS = ["todo.example.com"]
    settings.SECURE_SSL_REDIRECT = True

    assert verify()[0]["health"]["status"] == "passed"


def test_warnings_and_silenced_errors_pass(verify, repository, settings, monkeypatch):
    settings.SILENCED_SYSTEM_CHECKS = ["x.E001"]
    found = [checks.Warning("", id="x.W001"), checks.Error("", id="x.E001")]
    monkeypatch.setattr(command, "run_checks", lambda tags=None: found)

    assert verify()[0]["start-up checks"]["status"] == "passed"


def test_a_weak_secret_fails_the_environment_and_start_up_checks(
    verify, repository, settings
):
    settings.JWT_SECRET = "weak"

    results, failed = verify()

    assert failed
    assert "JWT_SECRET is weak" in results["environment"]["detail"]
    assert "aido.E003" in results["start-up checks"]["detail"]


def test_a_missing_table_fails_the_tables(verify, repository, django_db_blocker):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE task RENAME TO lost")

    results, failed = verify()

    assert failed
    assert "manage.py migrate" in results["tables"]["detail"]


def test_an_unapplied_migration_fails_the_tables(verify, repository):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="todo").delete()

    results, _ = verify()

    assert "manage.py migrate" in results["tables"]["detail"]


def test_dotenv_must_be_ignored(verify, repository):
    (repository / ".gitignore").write_text("")

    results, failed = verify()

    assert failed
    assert ".env is not ignored" in results["secrets not in git"]["detail"]


def test_dotenv_must_never_have_been_committed(verify, repository):
    (repository / ".env").write_text("A=1")
    git(repository, "add", "--force", ".env")
    git(repository, "commit", "--quiet", "--message", "mistake")
    git(repository, "rm", "--quiet", "--cached", ".env")
    git(repository, "commit", "--quiet", "--message", "remove")

    results, _ = verify()

    assert "change each secret in it" in results["secrets not in git"]["detail"]


def test_a_secret_in_a_tracked_file_is_found_but_not_printed(
    verify, repository, monkeypatch
):
    monkeypatch.setenv("SECRET_KEY", SECRETS["SECRET_KEY"])
    (repository / "notes.txt").write_text(f"key: {SECRETS['SECRET_KEY']}")
    git(repository, "add", "notes.txt")

    results, failed = verify()

    assert failed
    detail = results["secrets not in git"]["detail"]
    assert "notes.txt" in detail
    assert SECRETS["SECRET_KEY"] not in detail


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_URL_READ", "EMAIL_URL"])
@pytest.mark.parametrize("password", ["hunter2%40hunter2", "hunter2@hunter2"])
def test_the_password_of_a_url_is_found(
    verify, repository, monkeypatch, variable, password
):
    monkeypatch.setenv(variable, "scheme://u:hunter2%40hunter2@h/d")
    (repository / "notes.txt").write_text(f"The password is {password}.")
    git(repository, "add", "notes.txt")

    results, _ = verify()

    assert "notes.txt" in results["secrets not in git"]["detail"]


@pytest.mark.parametrize("name", ["SECRET_KEY_FALLBACKS", "JWT_SECRET_FALLBACKS"])
def test_an_earlier_secret_is_found(verify, repository, monkeypatch, name):
    monkeypatch.setenv(name, f"{'x' * 40}, {SECRETS['SECRET_KEY']}")
    (repository / "notes.txt").write_text(f"key: {SECRETS['SECRET_KEY']}")
    git(repository, "add", "notes.txt")

    detail = verify()[0]["secrets not in git"]["detail"]

    assert detail.startswith(f"The secret in {name} is in notes.txt")


def test_a_search_that_fails_is_reported(verify, repository, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", SECRETS["SECRET_KEY"])
    run = command.git

    def fail_to_search(*arguments, **options):
        arguments = ("grep", "--no-such-option") if "grep" in arguments else arguments
        return run(*arguments, **options)

    monkeypatch.setattr(command, "git", fail_to_search)

    detail = verify()[0]["secrets not in git"]["detail"]

    assert detail.startswith("git could not search: error: unknown option")


def test_the_variable_of_a_secret_is_named(verify, repository, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp://me:hunter2hunter2@mail.example.com")
    (repository / "notes.txt").write_text("hunter2hunter2")
    git(repository, "add", "notes.txt")

    detail = verify()[0]["secrets not in git"]["detail"]

    assert detail.startswith("The secret in EMAIL_URL is in notes.txt")


@pytest.mark.parametrize("password", ["postgres", "PASSWORD", "password"])
def test_a_password_that_is_a_word_is_not_searched(
    verify, repository, monkeypatch, password
):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:{password}@localhost/d")
    (repository / "notes.txt").write_text(f"Set the {password} of postgres.")
    git(repository, "add", "notes.txt")

    assert verify()[0]["secrets not in git"]["status"] == "passed"


def test_missing_static_files_are_reported(verify, repository, settings, tmp_path):
    settings.IS_LOCAL, settings.STATIC_ROOT = False, tmp_path

    step = verify()[0]["static files"]

    assert step["status"] == "skipped"
    assert "collectstatic" in step["detail"]


def test_an_invalid_url_does_not_stop_the_report(verify, repository, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2hunter2[@h/d")

    assert verify()[0]["secrets not in git"]["status"] == "passed"


def test_without_git_the_search_is_skipped(verify, repository, monkeypatch):
    monkeypatch.setenv("PATH", "")

    results, failed = verify()

    assert not failed
    assert results["secrets not in git"]["detail"] == "git is not installed"


def test_outside_a_repository_the_search_is_skipped(verify, settings, tmp_path):
    settings.BASE_DIR = tmp_path

    results, failed = verify()

    assert not failed
    assert results["secrets not in git"]["status"] == "skipped"
