"""How passwords are stored."""

from django.contrib.auth import hashers


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the least cost of OWASP's Password Storage Cheat Sheet (2026).

    Django's default takes 100 MiB for each hash, which a small server has not.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
