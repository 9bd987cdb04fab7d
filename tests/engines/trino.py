"""A Trino as a child process: Athena's engine, on the Glue catalog and the S3 of the emulator."""

import json
import os
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import trino.dbapi

from tests.engines import installed
from tests.engines.emulator import ROOT, Emulator
from tests.engines.server import Server, free_port

CATALOG = "awsdatacatalog"  # Athena's own name for it
# The heap that engines.md found enough; the first compiler alone, since a session asks hundreds of small questions.
JVM = (
    *("-server", "-Xmx2G", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"),
    *("-Djdk.attach.allowAttachSelf=true", "-XX:+EnableDynamicAgentLoading"),
    *("--add-opens=java.base/java.nio=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"),
)
QUIET = "io.trino=WARN\nio.airlift=WARN\norg=WARN\n"


class Trino(NamedTuple):
    """A running Trino: where it answers, and its process."""

    port: int
    server: Server

    def connection(self, database: str, **settings: object) -> Any:  # noqa: ANN401 (trino has no types)
        """A connection in whose statements `database` need not be named, in UTC as Athena's are."""
        place = {"host": "127.0.0.1", "port": self.port, "catalog": CATALOG, "schema": database}
        return trino.dbapi.connect(**place, user="test", timezone="UTC", **settings)  # type: ignore[no-untyped-call]

    def rows(self, database: str, sql: str, parameters: Sequence[object] | None = None) -> list[list[Any]]:
        """What one statement answers."""
        with self.connection(database) as connection:
            cursor = connection.cursor()
            cursor.execute(sql, parameters)
            rows: list[list[Any]] = cursor.fetchall()
            return rows


def started(folder: Path, emulator: Emulator) -> Trino:
    """A Trino on its way up, all of its files under `folder`; `wait_until_ready` says when it answers."""
    port, home = free_port(), installed.trino()
    for name, text in _settings(port, home, emulator).items():
        path = folder / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    own = {"config": "etc/config.properties", "log.levels-file": "etc/log.properties"}
    own |= {"node.data-dir": str(folder / "data"), "node.environment": "test", "node.id": "firn"}
    command = [str(installed.java()), *JVM, *(f"-D{key}={value}" for key, value in own.items())]
    command += ["-cp", f"{home}/lib/*", "io.trino.server.TrinoServer"]
    environment = {"PATH": os.defpath, "HOME": str(folder)}
    return Trino(port, Server(command, folder / "trino.log", environment, folder))


def wait_until_ready(engine: Trino) -> None:
    """Return once Trino takes questions."""
    engine.server.wait_until(lambda: _takes_questions(engine.port))


def _settings(port: int, home: Path, emulator: Emulator) -> dict[str, str]:
    """The files of Trino's folder `etc`, by name."""
    return {
        "log.properties": QUIET,
        "config.properties": _properties(
            {
                "coordinator": "true",
                "node-scheduler.include-coordinator": "true",
                "http-server.http.port": str(port),
                "discovery.uri": f"http://127.0.0.1:{port}",
                "node.internal-address": "127.0.0.1",
                "node.bind-ip": "127.0.0.1",
                "plugin.dir": f"{home}/plugin",
            }
        ),
        f"catalog/{CATALOG}.properties": _properties(
            {
                "connector.name": "iceberg",
                "iceberg.catalog.type": "glue",
                "hive.metastore.glue.region": emulator.region,
                "hive.metastore.glue.endpoint-url": emulator.endpoint,
                "hive.metastore.glue.aws-access-key": ROOT.access_key,
                "hive.metastore.glue.aws-secret-key": ROOT.secret_key,
                "fs.native-s3.enabled": "true",
                "s3.endpoint": emulator.endpoint,
                "s3.region": emulator.region,
                "s3.path-style-access": "true",
                "s3.aws-access-key": ROOT.access_key,
                "s3.aws-secret-key": ROOT.secret_key,
            }
        ),
    }


def _properties(values: Mapping[str, str]) -> str:
    return "".join(f"{key}={value}\n" for key, value in values.items())


def _takes_questions(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/v1/info")
        return not json.loads(connection.getresponse().read())["starting"]
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()
