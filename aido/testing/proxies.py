"""nginx and Caddy with the configuration in deploy/, in front of a server of aido."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from aido.testing.components import find_program
from aido.testing.processes import (
    ROOT,
    free_port,
    get,
    reachable_folder,
    running,
    wait_for_start,
)

EXAMPLE = "127.0.0.1:8000"  # the server of aido in deploy/
NGINX = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


@contextmanager
def running_nginx(*urls: str, path: str = "/") -> Iterator[str]:
    """nginx with deploy/nginx.conf in front of servers of aido: its URL.

    It uses plain HTTP, but says that the client used TLS.
    """
    port = free_port()
    site = (ROOT / "deploy/nginx.conf").read_text()
    _, upstream, site = site.partition("upstream")
    upstream, _, site = (upstream + site).partition("server {\n    listen 80")
    site = "server {" + site.partition("server {")[2]
    server = re.search(f".*{EXAMPLE}.*\n", upstream)[0]
    replacements = {
        server: "".join(server.replace(EXAMPLE, urlsplit(url).netloc) for url in urls),
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "    listen [::]:443 ssl http2;\n": "",
        "    ssl_certificate /etc/ssl/todo.example.com.pem;\n": "",
        "    ssl_certificate_key /etc/ssl/todo.example.com.key;\n": "",
        "location / {": f"location {path} {{",
        "$scheme": "https",
    }
    with reachable_folder() as folder:
        file = folder / "nginx.conf"
        site = replace_all(upstream + site, replacements)
        file.write_text(NGINX.format(folder=folder, site=site))
        command = (find_program("nginx"), "-c", file, "-e", folder / "error.log")
        yield from serve(command, port)


@contextmanager
def running_caddy(aido: str) -> Iterator[str]:
    """Caddy with deploy/Caddyfile in front of a server of aido: its URL."""
    port = free_port()
    site = (ROOT / "deploy/Caddyfile").read_text()
    replacements = {
        "todo.example.com {": f"http://127.0.0.1:{port} {{",
        f"{EXAMPLE} {{": f"{aido} {{\n\t\theader_up X-Forwarded-Proto https",
    }
    with reachable_folder() as folder:
        file = folder / "Caddyfile"
        options = "{\n\tadmin off\n\tauto_https off\n}\n"
        file.write_text(options + replace_all(site, replacements))
        command = (find_program("caddy"), "run", "--config", file)
        yield from serve((*command, "--adapter", "caddyfile"), port, str(folder))


def serve(command: tuple, port: int, home: str = "/") -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    env = os.environ | {"HOME": home}
    with running(*command, env=env, stderr=subprocess.DEVNULL) as process:
        wait_for_start(process, lambda: get(f"{url}/"))
        yield url


def replace_all(text: str, replacements: dict[str, str]) -> str:
    for old, new in replacements.items():
        assert old in text, old
        text = text.replace(old, new)
    return text
