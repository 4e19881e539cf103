"""The machine's Firefox, driven by Marionette, the protocol that it speaks itself.

Playwright drives only a Firefox of its own. A message is a length, `:` and JSON; the
commands are those of WebDriver: https://firefox-source-docs.mozilla.org/testing/marionette
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRWPair
from pathlib import Path
from typing import Any

from aido.testing.components import find_firefox
from aido.testing.processes import (
    free_port,
    reachable_folder,
    running,
    wait_for_start,
    wait_until,
)

ENTER, CONTROL, RELEASE = "\ue007", "\ue009", "\ue000"  # keys, as WebDriver names them


class Firefox:
    """A window of a new profile."""

    def __init__(self, file: BufferedRWPair):
        self.file, self.number = file, 0
        self._receive()  # its name and version
        self.send("WebDriver:NewSession")

    def send(self, command: str, **parameters: Any) -> Any:
        """Send a command and return its result; raise RuntimeError if it failed."""
        self.number += 1
        data = json.dumps([0, self.number, command, parameters]).encode()
        self.file.write(b"%d:%b" % (len(data), data))
        self.file.flush()
        _, _, error, result = self._receive()
        if error:
            raise RuntimeError(f"{error['error']}: {error['message']}")
        return result.get("value") if isinstance(result, dict) else result

    def _receive(self) -> Any:
        length = b""
        while (digit := self.file.read(1)) != b":":
            length += digit
        return json.loads(self.file.read(int(length)))

    def goto(self, url: str) -> None:
        self.send("WebDriver:Navigate", url=url)

    def reload(self) -> None:
        self.send("WebDriver:Refresh")

    def evaluate(self, expression: str) -> Any:
        return self.send("WebDriver:ExecuteScript", script=f"return {expression}")

    def wait_for(self, expression: str) -> None:
        wait_until(lambda: self.evaluate(expression))

    def click(self, selector: str) -> None:
        self.send("WebDriver:ElementClick", id=self._find(selector))

    def type(self, selector: str, text: str) -> None:
        self.send("WebDriver:ElementSendKeys", id=self._find(selector), text=text)

    def _find(self, selector: str) -> str:
        using = "css selector"
        [element] = self.send(
            "WebDriver:FindElement", using=using, value=selector
        ).values()
        return element


@contextmanager
def running_firefox() -> Iterator[Firefox]:
    """A Firefox without a window that can be seen."""
    port = free_port()
    with reachable_folder() as profile:
        Path(profile, "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        options = ["--headless", "--marionette", "--no-remote"]
        command = [find_firefox(), *options, "--profile", str(profile)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        env = os.environ | {"HOME": str(profile)}
        with running(*command, env=env, **quiet) as process:
            wait_for_start(process, lambda: can_connect(port))
            connection = socket.create_connection(("127.0.0.1", port))
            with connection, connection.makefile("rwb") as file:
                yield Firefox(file)


def can_connect(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    return False
