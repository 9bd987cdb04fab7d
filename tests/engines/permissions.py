"""What Athena does with its caller's permissions for one statement, and whether the caller has them.

Athena reads Glue and S3 as whoever asks it; the Trino behind the double is root. So the double asks IAM first.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlglot
from sqlglot import exp

from tests.engines.emulator import ROOT, Emulator


class Needed(NamedTuple):
    """One action on one resource."""

    action: str
    resource: str


def caller_role(emulator: Emulator, access_key: str) -> str | None:
    """The ARN of the role that the key acts for, None for root; KeyError where nobody knows the key."""
    return {ROOT.access_key: None, **emulator.issued, **_functions(emulator)}[access_key]


def _functions(emulator: Emulator) -> dict[str, str | None]:
    """The roles of the functions by their access keys, which MiniStack derives from the two names."""
    pages = emulator.client("lambda").get_paginator("list_functions").paginate()
    functions = [it for page in pages for it in page["Functions"]]
    return {_key(it["FunctionArn"], it["Role"]): it["Role"] for it in functions}


def _key(function: str, role: str) -> str:
    return f"ASIA{hashlib.sha256(f'{function}:{role}'.encode()).hexdigest()[:16].upper()}"


def refused(emulator: Emulator, role: str | None, needed: set[Needed]) -> list[Needed]:
    """Those of the actions that the role may not do; root may do all."""
    iam = emulator.client("iam")
    return [it for it in sorted(needed) if role and not _allowed(iam, role, it)]


def _allowed(iam: Any, role: str, it: Needed) -> bool:  # noqa: ANN401 (boto3 has no types)
    asked = {"ActionNames": [it.action], "ResourceArns": [it.resource]}
    (result,) = iam.simulate_principal_policy(PolicySourceArn=role, **asked)["EvaluationResults"]
    return bool(result["EvalDecision"] == "allowed")


def to_run(emulator: Emulator, sql: str, database: str, output: str) -> set[Needed]:
    """What Athena does as the caller to run the statement: read the catalog and the lake, write the result."""
    statement = sqlglot.parse_one(sql, read="athena")
    return {
        *_on_glue(emulator, "GetDatabase", database),
        *_to_create(emulator, statement, database),
        *(it for table in _tables(statement) for it in _to_read(emulator, database, table)),
        *to_write_result(output),
    }


def to_write_result(output: str) -> set[Needed]:
    """Athena looks up the bucket's region, then writes the result's file."""
    bucket, key = output.removeprefix("s3://").split("/", 1)
    return {Needed("s3:GetBucketLocation", f"arn:aws:s3:::{bucket}"), Needed("s3:PutObject", _object(bucket, key))}


def to_read_result(output: str) -> set[Needed]:
    """The answer's pages are read from the result's file."""
    bucket, key = output.removeprefix("s3://").split("/", 1)
    return {Needed("s3:GetObject", _object(bucket, key))}


def _object(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}"


def _to_create(emulator: Emulator, statement: exp.Expr, database: str) -> Iterator[Needed]:
    """A view is a table of Glue, made or, where it is there already, changed."""
    if isinstance(statement, exp.Create):
        name = statement.this.name
        there = _table(emulator, database, name)
        yield from _on_glue(emulator, "UpdateTable" if there else "CreateTable", database, name)


def _to_read(emulator: Emulator, database: str, name: str) -> Iterator[Needed]:
    """Of a table its metadata and its files; of a view, which is run as the caller, whatever it reads in turn."""
    yield from _on_glue(emulator, "GetTable", database, name)
    table = _table(emulator, database, name)
    if table.get("TableType") == "VIRTUAL_VIEW":
        for read in _tables(sqlglot.parse_one(_view_text(table), read="athena")):
            yield from _to_read(emulator, database, read)
    elif table:
        bucket, key = table["Parameters"]["metadata_location"].removeprefix("s3://").split("/", 1)
        yield Needed("s3:GetObject", _object(bucket, key))
        yield Needed("s3:GetObject", _object(bucket, f"{key.split('/metadata/')[0]}/data/any.parquet"))


def _view_text(table: dict[str, Any]) -> str:
    encoded = table["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    return str(json.loads(base64.b64decode(encoded))["originalSql"])


def _tables(statement: exp.Expr) -> set[str]:
    """The tables and views that the statement reads."""
    parts = {it.alias for it in statement.find_all(exp.CTE)}
    made = {statement.this.name} if isinstance(statement, exp.Create) else set()
    return {it.name for it in statement.find_all(exp.Table) if it.name} - parts - made


def _table(emulator: Emulator, database: str, name: str) -> dict[str, Any]:
    glue = emulator.client("glue")
    try:
        table: dict[str, Any] = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return {}
    return table


def _on_glue(emulator: Emulator, action: str, database: str, table: str | None = None) -> Iterator[Needed]:
    """Glue asks for the action on the thing itself and on all that it lies in."""
    prefix = f"arn:aws:glue:{emulator.region}:{emulator.account}"
    yield Needed(f"glue:{action}", f"{prefix}:catalog")
    yield Needed(f"glue:{action}", f"{prefix}:database/{database}")
    if table:
        yield Needed(f"glue:{action}", f"{prefix}:table/{database}/{table}")
