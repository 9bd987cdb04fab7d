"""The mirror function: from its variables, the sheet's parameter and the shipped settings to rows in the sheet."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pyarrow as pa
import pytest
from moto import mock_aws

from pipeline.errors import UserError
from pipeline.handlers import mirror
from pipeline.mirror.sheet_parameter import sheet_of, web_app
from pipeline.mirror.web_app import WebApp
from tests.mirror import double

NAME = "/firn/test/sheet"
SECRET = "not to be seen"  # noqa: S105 (nobody's)
MEND = (
    "set firn:sheetUrl and firn:sheetSecret to the two values that setting up the spreadsheet gives, and run pulumi up."
)


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing"),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "FIRN_DATABASE": "firn_test",
        "FIRN_WORKGROUP": "firn-test",
        "FIRN_SHEET_PARAMETER": NAME,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield boto3.client("ssm")


def put(ssm: Any, value: str) -> None:  # noqa: ANN401 (boto3 has no types)
    ssm.put_parameter(Name=NAME, Value=value, Type="SecureString")


def test_the_web_app_is_what_the_parameter_describes(ssm: Any) -> None:  # noqa: ANN401
    put(ssm, json.dumps({"url": "https://script.example.com/exec", "secret": SECRET}))
    end = sheet_of(NAME)
    assert ("https://script.example.com/exec", SECRET) == (end.url, end.secret)


@pytest.mark.usefixtures("ssm")
def test_a_parameter_that_is_not_there_is_told_with_the_mend() -> None:
    with pytest.raises(UserError) as caught:
        sheet_of(NAME)
    assert f"The sheet's parameter {NAME} cannot be read (ParameterNotFound): {MEND}" == str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        SECRET,
        "[]",
        "null",
        "1",
        '{"secret": "not to be seen"}',
        '{"url": "https://script.example.com/exec"}',
        '{"url": "https://script.example.com/exec", "secret": ""}',
        '{"url": "https://script.example.com/exec", "secret": 1}',
        '{"url": "file:///etc/passwd", "secret": "not to be seen"}',
        '{"url": "", "secret": "not to be seen"}',
    ],
)
def test_a_parameter_that_describes_no_web_app_is_told_without_its_value(value: str) -> None:
    with pytest.raises(UserError) as caught:
        web_app(NAME, value)
    assert str(caught.value).startswith(f"The sheet's parameter {NAME} does not hold ")
    assert str(caught.value).endswith(MEND)
    assert SECRET not in str(caught.value)


class Rollups:
    """An engine whose every day of three sites has a line."""

    def __init__(self, database: str, workgroup: str) -> None:
        assert ("firn_test", "firn-test") == (database, workgroup)

    def answer(self, _sql: str, parameters: Mapping[str, object]) -> pa.Table:
        first_day = parameters["first_day"]
        assert isinstance(first_day, date)
        days = [first_day + timedelta(days=it) for it in range(-2, 6)]
        rows = [{"date": day, "site": site} for site in ("*", "docs", "shop") for day in days]
        return pa.Table.from_pylist(rows, pa.schema([("date", pa.date32()), ("site", pa.string())]))


@pytest.mark.e2e
def test_the_last_three_days_of_each_site_arrive_by_its_own_clock(
    ssm: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(mirror, "Athena", Rollups)
    with double.running() as sheet:
        put(ssm, json.dumps({"url": sheet.url, "secret": sheet.secret}))
        mirrored = mirror.handler({}, None)
        first = {
            site: min(row[0] for row in sheet.tab("daily")[1:] if row[1] == site) for site in ("*", "docs", "shop")
        }
    zones = {"*": "UTC", "docs": "Australia/Sydney", "shop": "America/New_York"}  # those of the shipped firn.toml
    expected = {site: datetime.now(ZoneInfo(zone)).date() - timedelta(days=2) for site, zone in zones.items()}
    assert {site: str(day) for site, day in expected.items()} == first
    (logged,) = (record.__dict__ for record in caplog.records if record.name == mirror.logger.name)
    assert ("mirror", mirrored) == (logged["msg"], logged["rows"])
    assert sheet.secret not in repr(logged)


@pytest.mark.usefixtures("ssm")
def test_a_run_that_fails_logs_its_one_sentence_and_fails(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UserError) as caught:
        mirror.handler({}, None)
    assert [("ERROR", str(caught.value))] == [(it.levelname, it.message) for it in caplog.records]


def test_the_parameter_is_read_once_a_run(ssm: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    put(ssm, json.dumps({"url": "https://script.example.com/exec", "secret": SECRET}))
    asked = list[str]()

    def counted(name: str) -> WebApp:
        asked.append(name)
        return sheet_of(name)

    monkeypatch.setattr(mirror, "sheet_of", counted)
    monkeypatch.setattr(mirror, "Athena", Rollups)
    monkeypatch.setattr(WebApp, "upsert", lambda *_: None)
    mirror.handler({}, None)
    assert [NAME] == asked


def test_a_site_without_a_time_zone_lives_in_utc(tmp_path: Any) -> None:  # noqa: ANN401
    (tmp_path / "firn.toml").write_text('[sites.a]\n[sites.b]\ntime_zone = "Europe/Berlin"\n')
    assert {"a": "UTC", "b": "Europe/Berlin"} == mirror.time_zones(tmp_path / "firn.toml")
