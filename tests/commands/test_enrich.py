"""`firn enrich`: logs from anywhere into the lake, each once."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from pipeline.commands import firn
from pipeline.lake import scan
from pipeline.raw import s3
from pipeline.sqlite_catalog import open_lake

LINE = (
    "2026-11-24\t10:30:00\tFRA56-P1\t43\t192.0.2.7\tGET\td1.example.net\t/i\t200\t-\tMozilla/5.0\t"
    "e=pv&aid=blog&p=web&eid={}"
)
IDS = [f"0000000{n}-0000-4000-8000-000000000000" for n in range(3)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(firn, list(arguments))


def event_ids(data: Path) -> list[str]:
    return sorted(scan(open_lake(data / "lake"), "events", ["event_id"])["event_id"].to_pylist())


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "firn-data"


def put(path: Path, *ids: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(LINE.format(it) + "\n" for it in ids).encode()))
    return path


def test_without_a_source_the_data_folders_own_raw_objects_are_read(data: Path) -> None:
    put(data / "raw" / "cf" / "a.gz", *IDS[:2])
    result = run("enrich")
    assert 0 == result.exit_code, result.output
    assert "1 objects, 2 lines: 2 events, 0 bad rows, 0 ignored" in result.stderr
    assert IDS[:2] == event_ids(data)


def test_a_file_read_twice_by_any_way_is_in_the_lake_once(data: Path) -> None:
    log = put(data.parent / "logs" / "a.gz", *IDS)
    for source in ("logs", "logs/a.gz", str(log), "logs/../logs"):
        assert 0 == run("enrich", source).exit_code
    assert IDS == event_ids(data)


def test_a_log_that_grew_is_put_in_the_place_of_the_old_one(data: Path) -> None:
    put(data / "raw" / "a.gz", IDS[0])
    run("enrich")
    put(data / "raw" / "a.gz", IDS[1], IDS[2])
    run("enrich")
    assert IDS[1:] == event_ids(data)


def test_a_damaged_gzip_is_left_out_with_a_sentence_and_the_rest_is_read(data: Path) -> None:
    put(data / "raw" / "a.gz", IDS[0])
    broken = put(data / "raw" / "b.gz", IDS[1])
    run("enrich")
    broken.write_bytes(broken.read_bytes()[:-5])
    put(data / "raw" / "c.gz", IDS[2])
    result = run("enrich")
    assert 2 == result.exit_code
    assert result.stderr.splitlines()[-1].startswith("b.gz cannot be read to its end")
    assert IDS == event_ids(data), "what the lake had of the damaged object stays"


def test_lines_that_are_no_events_are_bad_rows_or_counted_and_the_exit_code_is_0(data: Path) -> None:
    path = data / "raw" / "a.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe nonsense\n" + LINE.format(IDS[0]).replace("/i", "/about").encode())
    result = run("enrich")
    assert 0 == result.exit_code
    assert "2 lines: 0 events, 1 bad rows, 1 ignored (1 other_path)" in result.stderr
    (row,) = scan(open_lake(data / "lake"), "bad_rows").to_pylist()
    assert ("a.log", 1, "not_a_log_line", "\ufffd\ufffd nonsense") == tuple(
        row[name] for name in ("raw_object", "raw_line", "reason", "line")
    )


def test_a_bad_row_keeps_no_address(data: Path) -> None:
    put(data / "raw" / "a.gz", IDS[0])
    (data / "raw" / "a.log").write_text("2026-11-24\t10:30:00\tcut\t43\t192.0.2.7\n2001:db8::7 GET\n")
    run("enrich")
    rows = scan(open_lake(data / "lake"), "bad_rows", ["line"]).to_pylist()
    assert {"2026-11-24\t10:30:00\tcut\t43\tx", "x GET"} == {row["line"] for row in rows}


def test_a_source_that_is_not_there_is_one_sentence(data: Path) -> None:
    result = run("enrich", "nowhere")
    assert (2, "There is no nowhere; name a log file or a folder of them.\n") == (result.exit_code, result.output)
    assert not data.exists()


def test_of_a_log_with_addresses_the_visitor_is_hashed_and_no_address_is_kept(data: Path) -> None:
    put(data / "raw" / "a.gz", *IDS)
    run("enrich")
    rows = scan(open_lake(data / "lake"), "events", ["network_userid", "user_ipaddress"]).to_pylist()
    assert 1 == len({row["network_userid"] for row in rows})
    assert [22] * 3 == [len(row["network_userid"]) for row in rows]
    assert {None} == {row["user_ipaddress"] for row in rows}


def test_a_visitor_whose_salt_is_gone_stays_as_the_lake_has_it_and_a_new_one_is_null(data: Path) -> None:
    put(data / "raw" / "a.gz", IDS[0])
    run("enrich")
    before = scan(open_lake(data / "lake"), "events", ["event_id", "network_userid"]).to_pylist()
    salts = data / "salts" / "legacy.json"
    salts.write_text(json.dumps([[site, day, 0, None] for site, day, _, _ in json.loads(salts.read_text())]))
    put(data / "raw" / "a.gz", *IDS[:2])
    run("enrich")
    after = scan(open_lake(data / "lake"), "events", ["event_id", "network_userid"]).to_pylist()
    assert [*before, {"event_id": IDS[1], "network_userid": None}] == sorted(after, key=lambda row: row["event_id"])


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket with three logs, one below a folder that S3's console made."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3.client.cache_clear()
        client = boto3.client("s3")
        client.create_bucket(Bucket="my-logs")
        client.put_object(Bucket="my-logs", Key="cf/")
        for name, event_id in zip(("cf/2025-1.gz", "cf/2025-2 +ü.gz", "cf/2026-1.gz"), IDS, strict=True):
            client.put_object(Bucket="my-logs", Key=name, Body=gzip.compress(LINE.format(event_id).encode()))
        yield "my-logs"
    s3.client.cache_clear()


def test_logs_on_s3_are_read_by_what_their_uris_begin_with_each_under_its_whole_uri(data: Path, bucket: str) -> None:
    put(data / "raw" / "a.gz", IDS[2])
    result = run("enrich", f"s3://{bucket}/cf/2025-", f"s3://{bucket}/cf/2025-1.gz", "firn-data/raw")
    assert 0 == result.exit_code, result.output
    assert "3 objects, 3 lines" in result.stderr
    names = scan(open_lake(data / "lake"), "events", ["raw_object"])["raw_object"].to_pylist()
    assert ["a.gz", f"s3://{bucket}/cf/2025-1.gz", f"s3://{bucket}/cf/2025-2 +ü.gz"] == sorted(names)
    assert 0 == run("enrich", f"s3://{bucket}").exit_code
    assert [*IDS, IDS[2]] == event_ids(data)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("s3://my-logs/cd/", "There is nothing at s3://my-logs/cd/; name an object"),
        ("s3://my-log/cf/", "s3://my-log/cf/ cannot be listed (An error occurred (NoSuchBucket)"),
        ("s3://", "s3:// cannot be listed ("),
    ],
)
@pytest.mark.usefixtures("bucket")
def test_a_place_on_s3_that_gives_nothing_is_one_sentence(data: Path, source: str, sentence: str) -> None:
    result = run("enrich", source)
    assert (2, 1) == (result.exit_code, len(result.output.splitlines()))
    assert result.output.startswith(sentence)
    assert not data.exists()
