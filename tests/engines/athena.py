"""A double of Athena: its JSON API over HTTP in; IAM asked as Athena asks it; SQL answered by a real Trino; rows out.

Every call goes to the emulator's Athena first, as it came, signature and all: what IAM refuses there is refused here.
Of Athena's own rules it holds those that Trino forgives: `?` in WHERE alone, times in milliseconds.
"""

import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from trino.exceptions import TrinoQueryError, TrinoUserError

from tests.engines import permissions
from tests.engines.athena_rows import Json, column_info, with_header
from tests.engines.emulator import Emulator
from tests.engines.trino import Trino

# What was asked, what the emulator answered, the role that asks → the answer.
Operation = Callable[[Json, Json, str | None], Json]
PAGE_ROWS = 1000
ACCESS_KEY = re.compile(r"Credential=(\w+)/")


class Refused(Exception):  # noqa: N818 (Athena's answer, not a mistake of ours)
    """An error of Athena's API: its type and its message."""

    def __init__(self, message: str, kind: str = "InvalidRequestException") -> None:
        super().__init__(message)
        self.answer = {"__type": kind, "message": message}


@dataclass
class Execution:
    """One statement that was started."""

    asked: Json
    output: str
    state: str = "QUEUED"
    reason: str = ""
    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    cursor: Any = None
    run: Future[None] | None = None


class Athena:
    """The double; `endpoint` is what AWS_ENDPOINT_URL_ATHENA must name."""

    def __init__(self, emulator: Emulator, engine: Trino) -> None:
        """Make it for that emulator and that Trino; it answers once `serve` is called."""
        self.endpoint = emulator.athena_endpoint
        self.executions: dict[str, Execution] = {}
        self._emulator, self._trino = emulator, engine
        self._threads = ThreadPoolExecutor(4)
        self._operations: dict[str, Operation] = {
            "StartQueryExecution": self._start,
            "GetQueryExecution": self._status,
            "GetQueryResults": self._results,
            "StopQueryExecution": self._stop,
        }

    def serve(self) -> ThreadingHTTPServer:
        """Answer from now on; the caller shuts the server down."""
        address = ("127.0.0.1", int(self.endpoint.rpartition(":")[2]))
        server = ThreadingHTTPServer(address, type("Handler", (_Handler,), {"athena": self}))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def answer(self, operation: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """The status and the body for one call."""
        status, forwarded = self._forwarded(headers, body)
        ours = self._operations.get(operation)
        # What it knows nothing of: an execution's right is that on the workgroup which it runs in, and how it fares.
        fault = json.loads(forwarded).get("__type", "")
        if ours is None or (fault and not fault.endswith(("AccessDeniedException", "InvalidRequestException"))):
            return status, forwarded
        try:
            asked, key = json.loads(body), ACCESS_KEY.search(headers["Authorization"])
            role = permissions.caller_role(self._emulator, key[1] if key else "")
            self._check_right(operation, asked, role)
            return HTTPStatus.OK, json.dumps(ours(asked, json.loads(forwarded), role)).encode()
        except Refused as error:
            return HTTPStatus.BAD_REQUEST, json.dumps(error.answer).encode()

    def _check_right(self, operation: str, asked: Json, role: str | None) -> None:
        started = asked if "QueryString" in asked else self._known(asked).asked
        group = f"arn:aws:athena:{self._emulator.region}:{self._emulator.account}:workgroup/{_workgroup(started)}"
        self._refuse_unless(role, {permissions.Needed(f"athena:{operation}", group)}, "AccessDeniedException")

    def _refuse_unless(self, role: str | None, needed: set[permissions.Needed], kind: str = "") -> None:
        for it in permissions.refused(self._emulator, role, needed):
            sentence = f"Access denied: not authorized to perform {it.action} on resource {it.resource}"
            raise Refused(sentence, kind or "InvalidRequestException")

    def _forwarded(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection(self._emulator.endpoint.removeprefix("http://"))
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    # The four operations

    def _start(self, asked: Json, forwarded: Json, role: str | None) -> Json:
        _check(asked)
        folder = self._output_folder(asked)
        if "QueryExecutionId" not in forwarded:
            raise Refused(str(forwarded))
        execution = Execution(asked, f"{folder.rstrip('/')}/{forwarded['QueryExecutionId']}.csv")
        self.executions[forwarded["QueryExecutionId"]] = execution
        execution.run = self._threads.submit(self._run, execution, role)
        return forwarded

    def _status(self, asked: Json, _: Json, __: str | None) -> Json:
        execution = self._known(asked)
        told = {
            "QueryExecutionId": asked["QueryExecutionId"],
            "Query": execution.asked["QueryString"],
            "Status": {"State": execution.state}
            | ({"StateChangeReason": execution.reason} if execution.reason else {}),
            "ResultConfiguration": {"OutputLocation": execution.output},
            "WorkGroup": _workgroup(execution.asked),
        }
        return {"QueryExecution": told}

    def _results(self, asked: Json, _: Json, role: str | None) -> Json:
        execution = self._known(asked)
        if execution.state != "SUCCEEDED":
            raise Refused(f"Query has not yet finished. Current state: {execution.state}")
        self._refuse_unless(role, permissions.to_read_result(execution.output), "AccessDeniedException")
        first, size = int(asked.get("NextToken", 0)), min(asked.get("MaxResults", PAGE_ROWS), PAGE_ROWS)
        rows = with_header(execution.columns, execution.rows) if _is_select(execution) else []
        rest = {"NextToken": str(first + size)} if first + size < len(rows) else {}
        columns = [column_info(*it) for it in execution.columns]
        return {
            "ResultSet": {
                "Rows": [{"Data": row} for row in rows[first : first + size]],
                "ResultSetMetadata": {"ColumnInfo": columns},
            },
            **rest,
        }

    def _stop(self, asked: Json, _: Json, __: str | None) -> Json:
        execution = self._known(asked)
        if execution.state in {"QUEUED", "RUNNING"}:
            execution.state = "CANCELLED"
            if execution.cursor:
                execution.cursor.cancel()
        return {}

    def _known(self, asked: Json) -> Execution:
        if asked["QueryExecutionId"] not in self.executions:
            raise Refused(f"QueryExecution {asked['QueryExecutionId']} was not found")
        return self.executions[asked["QueryExecutionId"]]

    def _output_folder(self, asked: Json) -> str:
        client = self._emulator.client("athena")
        try:
            group = client.get_work_group(WorkGroup=_workgroup(asked))["WorkGroup"]
        except client.exceptions.InvalidRequestException as error:
            raise Refused("WorkGroup is not found.") from error
        own = asked.get("ResultConfiguration", {}).get("OutputLocation")
        configured = group.get("Configuration", {}).get("ResultConfiguration", {}).get("OutputLocation")
        return str(configured or own)

    # Running a statement

    def _run(self, execution: Execution, role: str | None) -> None:
        try:
            self._check_permissions(execution, role)
            self._ask_trino(execution)
            state, reason = "SUCCEEDED", ""
        except Refused as error:
            state, reason = "FAILED", str(error)
        except (TrinoQueryError, TrinoUserError) as error:
            state, reason = "FAILED", f"{error.error_name}: {error.message}"
        except Exception as error:  # noqa: BLE001 (Athena itself says so too)
            state, reason = "FAILED", f"GENERIC_INTERNAL_ERROR: {error!r}"
        if execution.state != "CANCELLED":
            execution.state, execution.reason = state, reason

    def _check_permissions(self, execution: Execution, role: str | None) -> None:
        sql, database = execution.asked["QueryString"], _database(execution.asked)
        try:
            needed = permissions.to_run(self._emulator, sql, database, execution.output)
        except SqlglotError as error:
            self._trino.rows(database, f"EXPLAIN (TYPE VALIDATE) {sql}")  # which says better what is wrong with it
            raise Refused(f"The double of Athena cannot read this: {error}") from error
        self._refuse_unless(role, needed)

    def _ask_trino(self, execution: Execution) -> None:
        if execution.state == "CANCELLED":
            return
        execution.state = "RUNNING"
        with self._trino.connection(_database(execution.asked), legacy_primitive_types=True) as connection:
            execution.cursor = connection.cursor()
            execution.cursor.execute(_statement(execution.asked))
            execution.rows = execution.cursor.fetchall()
            if _is_select(execution):
                execution.columns = [(it[0], it[1]) for it in execution.cursor.description]


def _database(asked: Json) -> str:
    return str(asked.get("QueryExecutionContext", {}).get("Database", "default"))


def _workgroup(asked: Json) -> str:
    return str(asked.get("WorkGroup", "primary"))


def _check(asked: Json) -> None:
    """The rules on parameters that Athena's guide gives and Trino does not have."""
    try:
        placeholders = list(sqlglot.parse_one(asked["QueryString"], read="athena").find_all(exp.Placeholder))
    except SqlglotError:
        return  # Trino says better what is wrong with it
    if not all(it.find_ancestor(exp.Where) for it in placeholders):
        raise Refused("Parameters can be placed in the WHERE clause only.")
    if len(placeholders) != len(asked.get("ExecutionParameters", ())):
        raise Refused("Incorrect number of parameters.")


def _statement(asked: Json) -> str:
    """Athena's parameters are SQL expressions, as are those of EXECUTE IMMEDIATE."""
    if not asked.get("ExecutionParameters"):
        return str(asked["QueryString"])
    quoted = asked["QueryString"].replace("'", "''")
    return f"EXECUTE IMMEDIATE '{quoted}' USING {', '.join(asked['ExecutionParameters'])}"


def _is_select(execution: Execution) -> bool:
    words = re.sub(r"--[^\n]*", "", execution.asked["QueryString"]).split()
    return words[0].upper() in {"SELECT", "WITH"}


class _Handler(BaseHTTPRequestHandler):
    athena: Athena
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        status, answer = self.athena.answer(operation, dict(self.headers), body)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """What was asked is nobody's business but the test's."""
