"""The maintain function: an empty database in, tables and views out."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from pipeline.handlers import maintain
from pipeline.lake import TABLES, Lake, scan
from pipeline.sqlite_catalog import sqlite_catalog

Logged = Callable[[], list[dict[str, Any]]]
CONTEXT: Any = SimpleNamespace(
    function_name="firn-test-maintain",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:firn-test-maintain",
    aws_request_id="f7ab1f4e-0000-4000-8000-000000000000",
)


class Athena:
    """Keeps what it was asked, and by which name."""

    asked: ClassVar[list[tuple[str, str, str]]] = []

    def __init__(self, database: str, workgroup: str) -> None:
        self.name = database, workgroup

    def execute(self, sql: str) -> None:
        self.asked.append((*self.name, sql.partition("\n")[0]))


def test_maintain_makes_tables_and_views_and_can_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    bare = Lake(sqlite_catalog(tmp_path, "firn"), "firn")
    monkeypatch.setattr(maintain, "glue_lake", {"firn_test": bare}.get)
    monkeypatch.setattr(maintain, "Athena", Athena)
    monkeypatch.setenv("FIRN_DATABASE", "firn_test")
    monkeypatch.setenv("FIRN_WORKGROUP", "firn-test")
    first = maintain.handler({}, CONTEXT)
    assert first == maintain.handler({}, CONTEXT)
    assert list(TABLES) == first["tables"]
    assert [0, 0] == [scan(bare, name).num_rows for name in TABLES]
    assert [
        ("firn_test", "firn-test", f"CREATE OR REPLACE VIEW {name} AS") for name in first["views"]
    ] * 2 == Athena.asked
    assert [first["views"]] * 2 == [it["views"] for it in logged()]
