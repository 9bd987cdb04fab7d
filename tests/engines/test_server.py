"""No engine outlives its session."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engines.server import Server

pytestmark = pytest.mark.e2e

# A server with a child, as the emulator has its functions; what it prints is the child's process.
COMMAND = ["/bin/sh", "-c", "sleep 600 & echo $!; wait"]
KILLED = f"""
import os, signal, sys, time
from pathlib import Path
from tests.engines.server import Server
server = Server({COMMAND!r}, Path(sys.argv[1], "log"), {{}}, Path(sys.argv[1]))
server.wait_until(lambda: "\\n" in server.log.read_text())
os.kill(os.getpid(), signal.SIGKILL)
"""


def child(log: Path) -> int:
    return int(log.read_text(encoding="utf-8"))


def gone(process: int) -> bool:
    """Whether the process has ended, or does so within a moment."""
    for _ in range(50):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_stopped_server_takes_its_children_along(tmp_path: Path) -> None:
    server = Server(COMMAND, tmp_path / "log", {}, tmp_path)
    server.wait_until(lambda: "\n" in server.log.read_text(encoding="utf-8"))
    os.kill(child(server.log), 0)
    server.stop()
    assert gone(child(server.log))


def test_a_server_ends_with_the_process_that_started_it_however_that_ends(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False, cwd=root)  # noqa: S603
    assert -signal.SIGKILL == ended.returncode
    assert gone(child(tmp_path / "log"))


def test_a_server_that_does_not_come_up_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    server = Server(["/bin/sh", "-c", "echo no room; exit 1"], tmp_path / "log", {}, tmp_path)
    with pytest.raises(pytest.fail.Exception, match="no room"):
        server.wait_until(lambda: False)
    server.stop()
