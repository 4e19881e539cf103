"""Password hashing."""

from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth import hashers

# All hashes of a process are computed in these threads. Each hash takes 19 MiB, and the
# allocator keeps freed memory for the thread that used it: with as many threads as
# requests, a burst of sign-ins would leave hundreds of MiB.
THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hash")


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the minimum of OWASP's Password Storage Cheat Sheet (2026).

    Django's default needs 100 MiB per hash, which a small server does not have.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return THREADS.submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        return THREADS.submit(super().verify, password, encoded).result()
