"""A double of Glue, over HTTP: what a lake needs of it, and every way in which its answers go wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple


class Fault(NamedTuple):
    """Once, in place of an answer: an error, or with status 0 none at all, the request being done by then or not."""

    operation: str
    done: bool
    status: int = 0
    code: str = ""


class Refused(Exception):  # noqa: N818 (what Glue says)
    """An error as Glue answers it."""


class Glue:
    """Glue as far as a lake needs it, with the check of VersionId by which the real one lets one of two writers win."""

    def __init__(self, database: str, location: str) -> None:
        self.database = {"Name": database, "LocationUri": location}
        self.tables: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.lock = Lock()

    def answer(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status 0 is a connection that breaks."""
        with self.lock:
            self.asked.append((operation, asked))
            fault = next((it for it in self.faults if it.operation == operation), None)
            if fault:
                self.faults.remove(fault)
            if fault and not fault.done:
                return fault.status, {"__type": fault.code}
            try:
                done = getattr(self, operation)(**asked)
            except Refused as refused:
                return 400, {"__type": str(refused)}
            return (fault.status, {"__type": fault.code}) if fault else (200, done)

    def GetDatabase(self, **_: object) -> dict[str, Any]:  # noqa: N802 (Glue's own names)
        return {"Database": self.database}

    def GetTable(self, Name: str, **_: object) -> dict[str, Any]:  # noqa: N802, N803
        if Name not in self.tables:
            raise Refused("EntityNotFoundException")
        return {"Table": self.tables[Name]}

    def CreateTable(self, TableInput: dict[str, Any], **_: object) -> dict[str, Any]:  # noqa: N802, N803
        if TableInput["Name"] in self.tables:
            raise Refused("AlreadyExistsException")
        self.tables[TableInput["Name"]] = TableInput | {"DatabaseName": self.database["Name"], "VersionId": "0"}
        return {}

    def UpdateTable(self, TableInput: dict[str, Any], VersionId: str, **_: object) -> dict[str, Any]:  # noqa: N802, N803
        table = self.tables[TableInput["Name"]]
        if VersionId != table["VersionId"]:
            raise Refused("ConcurrentModificationException")
        self.tables[TableInput["Name"]] = table | TableInput | {"VersionId": str(int(VersionId) + 1)}
        return {}


@contextmanager
def served(glue: Glue) -> Iterator[str]:
    """The address at which it answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = glue.answer(self.headers["X-Amz-Target"].partition(".")[2], asked)
            if not status:
                self.close_connection = True
                return
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
