"""A server of another project as a child process: its command in, its log kept, and surely dead at the end.

It hangs on a pipe: when this process ends, however it does (Ctrl-C and SIGKILL too), the pipe closes, and a shell kills
the server with all its children.
"""

import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

GUARD = '{ "$@"; kill -KILL 0; } & read -r _; kill -KILL 0'  # 0: the whole group, itself among it
READY_SECONDS = 300
LOG_LINES = 30


def free_port() -> int:
    """A port of this machine that nobody listens at just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A command that runs until `stop`; what it writes goes to `log`."""

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str], folder: Path) -> None:
        """Start it, in `folder`, with that environment and nothing of this process's own."""
        self.log = log
        with log.open("wb") as output:
            settings: dict[str, Any] = {"env": environment, "cwd": folder, "start_new_session": True}
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": output, "stderr": subprocess.STDOUT}
            self._guard = subprocess.Popen(["/bin/sh", "-c", GUARD, "sh", *command], **settings, **pipes)  # noqa: S603

    def wait_until(self, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Return once `ready` holds; fail with the end of the log when the server ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._guard.poll() is not None or time.monotonic() > deadline:
                lines = self.log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
                pytest.fail("\n".join(["The server did not come up; the end of its log:", *lines]), pytrace=False)
            time.sleep(0.1)

    def stop(self) -> None:
        """Kill it and whatever it has started."""
        assert self._guard.stdin
        self._guard.stdin.close()
        self._guard.wait()
