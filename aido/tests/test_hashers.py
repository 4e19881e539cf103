"""Hashing takes much memory, so only a few passwords are hashed at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import sleep

from django.contrib.auth import hashers
from django.contrib.auth.hashers import check_password, make_password


def test_at_most_two_passwords_are_hashed_at_once(monkeypatch):
    running, most = 0, 0
    lock = Lock()

    def counted(function):
        def run(*args):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            try:
                sleep(0.01)  # so that others would overlap
                return function(*args)
            finally:
                with lock:
                    running -= 1

        return run

    base = hashers.Argon2PasswordHasher
    for name in ("encode", "verify"):
        monkeypatch.setattr(base, name, counted(getattr(base, name)))

    with ThreadPoolExecutor(12) as threads:
        encoded = list(threads.map(make_password, ["correct horse"] * 12))
        results = list(threads.map(check_password, ["correct horse"] * 12, encoded))

    assert all(results)
    assert most == 2
