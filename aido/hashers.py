"""Password hashing."""

from django.contrib.auth import hashers


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the minimum of OWASP's Password Storage Cheat Sheet (2026).

    Django's default needs 100 MiB per hash, which a small server does not have.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
