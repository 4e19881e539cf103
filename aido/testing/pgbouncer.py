"""A PgBouncer in transaction mode, as Neon runs one."""

from collections.abc import Iterator
from contextlib import contextmanager

from aido.testing.components import find_program
from aido.testing.postgres import PASSWORD, Postgres, accepts, with_port
from aido.testing.processes import (
    free_port,
    reachable_folder,
    running,
    unprivileged,
    wait_for_start,
)

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={postgres_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 5
server_tls_sslmode = require
; The default would not retry a failed server for 15 seconds.
server_login_retry = 1
; Since 1.20 PgBouncer accepts `options` without this, as Neon's does.
ignore_startup_parameters = extra_float_digits, options
"""


@contextmanager
def running_pgbouncer(server: Postgres) -> Iterator[str]:
    """A PgBouncer in front of a PostgreSQL, as the URL of the database `aido`.

    Clients connect without TLS.
    """
    with reachable_folder() as folder:
        port, users, file = free_port(), folder / "users", folder / "ini"
        users.write_text(f'"owner" "{PASSWORD}"\n')
        file.write_text(
            CONFIGURATION.format(postgres_port=server.port, port=port, users=users)
        )
        url = with_port(server.url, port).split("?")[0]
        program = find_program("pgbouncer")
        with running(program, file, **unprivileged()) as process:
            wait_for_start(process, lambda: accepts(url))
            yield url
