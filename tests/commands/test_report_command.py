"""`firn report` on a small lake."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from pipeline.commands import firn
from pipeline.lake import replace
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.sqlite_catalog import open_lake

SETTINGS = '[sites.blog]\nhosts = ["example.com"]\ntime_zone = "Pacific/Auckland"\n'
NOON = datetime(2026, 3, 20, tzinfo=UTC).replace(tzinfo=None)  # 13:00 in Auckland


class Batch(NamedTuple):
    events: pa.Table
    bad_rows: pa.Table


def page_views() -> Iterator[dict[str, Any]]:
    """One each hour of two days; in Auckland they are parts of three."""
    for hour in range(48):
        moment = NOON - timedelta(hours=hour)
        yield {
            "app_id": "blog",
            "event": "page_view",
            "event_id": str(hour),
            "page_title": "<b>Home</b>",
            "page_urlpath": "/",
            "collector_tstamp": moment,
            "derived_tstamp": moment,
            "network_userid": "anna",
            "raw_object": "a.gz",
            "raw_line": hour,
        }


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "firn.toml").write_text(SETTINGS)
    batch = Batch(pa.Table.from_pylist(list(page_views()), EVENTS_SCHEMA), BAD_ROWS_SCHEMA.empty_table())
    replace(open_lake(tmp_path / "firn-data" / "lake"), ["a.gz"], [batch])
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(firn, ["report", *arguments], catch_exceptions=False)


def test_the_report_is_in_the_data_folder_and_counts_days_of_the_sites_own(here: Path) -> None:
    result = run()
    assert 0 == result.exit_code
    assert "The report is in firn-data/report.html: open it in a browser.\n" == result.stderr
    html = (here / "firn-data" / "report.html").read_text(encoding="utf-8")
    assert "18 to 20 March 2026" in html
    assert "&lt;b&gt;Home&lt;/b&gt;" in html
    assert "Days in Pacific/Auckland" in html


def test_as_many_days_go_where_one_says(here: Path) -> None:
    assert 0 == run("--days", "2", "--out", "new/week.html").exit_code
    assert "19 to 20 March 2026" in (here / "new" / "week.html").read_text(encoding="utf-8")


def test_an_empty_lake_is_no_error(tmp_path: Path) -> None:
    assert 0 == run("--data", str(tmp_path / "data")).exit_code
    assert "Nothing to report yet" in (tmp_path / "data" / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("here")
def test_a_place_that_cannot_be_written_to_ends_with_a_sentence() -> None:
    result = run("--out", "firn.toml/report.html")
    assert 2 == result.exit_code
    assert 1 == len(result.stderr.splitlines())
    assert "firn.toml" in result.stderr


@pytest.mark.usefixtures("here")
def test_no_days_are_no_report() -> None:
    assert 2 == run("--days", "0").exit_code
