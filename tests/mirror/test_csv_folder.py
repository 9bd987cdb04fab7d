"""The sheet as CSV files: brought up to date by key, whatever else the owner keeps in them."""

import csv
import io
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UserError
from pipeline.mirror.csv_folder import CsvFolder, Sheet, upserted
from pipeline.mirror.tabs import TABS, Tab

DAILY = TABS[0]
SITES = st.text(st.characters(codec="utf-8"), max_size=5)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))
ROLLUPS = st.dictionaries(st.tuples(SITES, DAYS), st.integers(0, 9), max_size=9)
ONE_RUN = """
import sys
from pathlib import Path
import pandas as pd
from pipeline.mirror.csv_folder import CsvFolder
from pipeline.mirror.tabs import TABS
print("ready", flush=True)
input()
for day in range(1, 21):
    CsvFolder(Path(sys.argv[1])).upsert(TABS[0], pd.DataFrame({"site": [sys.argv[2]], "date": [f"2026-01-{day:02}"]}))
"""


def frame(rollup: dict[tuple[str, date], int]) -> pd.DataFrame:
    rows = [{"site": site, "date": day, "visits": visits} for (site, day), visits in rollup.items()]
    schema = pa.schema([("site", pa.string()), ("date", pa.date32()), ("visits", pa.int64())])
    made: pd.DataFrame = pa.Table.from_pylist(rows, schema).to_pandas(types_mapper=pd.ArrowDtype)
    return made


def one(site: str, day: str, visits: int) -> pd.DataFrame:
    return frame({(site, date.fromisoformat(day)): visits})


def read(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline=""), strict=True))


def test_a_row_is_replaced_by_its_key_and_a_new_one_put_in_order(tmp_path: Path) -> None:
    for rollup in (one("shop", "2026-07-02", 1), one("blog", "2026-07-01", 2), one("shop", "2026-07-02", 3)):
        CsvFolder(tmp_path).upsert(DAILY, rollup)
    expected = b"site,date,visits\r\nblog,2026-07-01,2\r\nshop,2026-07-02,3\r\n"
    assert expected == (tmp_path / "daily.csv").read_bytes()


@given(ROLLUPS, ROLLUPS)
def test_an_upsert_holds_the_newest_of_each_key_and_again_changes_nothing(
    older: dict[tuple[str, date], int], newer: dict[tuple[str, date], int]
) -> None:
    with TemporaryDirectory() as folder:
        end, file = CsvFolder(Path(folder)), Path(folder, "daily.csv")
        for rollup in (older, newer):
            end.upsert(DAILY, frame(rollup))
        once, written = file.read_bytes(), file.stat()
        assert sorted((older | newer).values()) == sorted(int(row["visits"]) for row in read(file))
        end.upsert(DAILY, frame(newer))
        assert once == file.read_bytes()
        assert (written.st_ino, written.st_mtime_ns) == (file.stat().st_ino, file.stat().st_mtime_ns)


CELLS = st.text(st.sampled_from("ab"), max_size=2)
SHEETS = st.lists(st.fixed_dictionaries({"site": CELLS, "date": CELLS, "visits": CELLS}), max_size=5)


@given(SHEETS, SHEETS)
def test_an_upsert_keeps_every_key_and_every_column_there_was(
    before: list[dict[str, str]], new: list[dict[str, str]]
) -> None:
    old = Sheet(("note", "site", "date"), tuple({"note": "n", "site": it["site"], "date": it["date"]} for it in before))
    after = upserted(old, Sheet(("site", "date", "visits"), tuple(new)), DAILY.key)
    assert ("note", "site", "date", "visits") == after.columns
    assert {(it["site"], it["date"]) for it in before + new} == {(it["site"], it["date"]) for it in after.rows}
    assert len(before) == sum(it["note"] == "n" for it in after.rows)
    assert after == upserted(after, Sheet(("site", "date", "visits"), tuple(new)), DAILY.key)


def test_columns_and_rows_of_the_owner_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "daily.csv"
    file.write_text("note,date,site,visits\nlaunch!,2026-07-01,blog,1\n=HYPERLINK(1),2026-01-01,offline shop,7\n")
    CsvFolder(tmp_path).upsert(DAILY, one("blog", "2026-07-01", 5))
    expected = [
        {"note": "launch!", "date": "2026-07-01", "site": "blog", "visits": "5"},
        {"note": "=HYPERLINK(1)", "date": "2026-01-01", "site": "offline shop", "visits": "7"},
    ]
    assert expected == read(file)


def test_a_row_whose_day_the_rollup_no_longer_has_stays(tmp_path: Path) -> None:
    for rollup in (one("blog", "2026-07-01", 1), one("blog", "2026-07-02", 1)):
        CsvFolder(tmp_path).upsert(DAILY, rollup)
    assert ["2026-07-01", "2026-07-02"] == [row["date"] for row in read(tmp_path / "daily.csv")]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_a_file_that_says_the_same_in_other_bytes_is_not_touched(tmp_path: Path, mark: bytes) -> None:
    file = tmp_path / "daily.csv"
    file.write_bytes(mark + b'"site","date","visits"\n\n"blog","2026-07-01","1"\n')
    before = file.read_bytes()
    CsvFolder(tmp_path).upsert(DAILY, one("blog", "2026-07-01", 1))
    assert before == file.read_bytes()


@pytest.mark.parametrize("content", [b"", b"\r\n"])
def test_an_empty_file_is_a_new_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "daily.csv").write_bytes(content)
    CsvFolder(tmp_path).upsert(DAILY, one("blog", "2026-07-01", 1))
    assert 1 == len(read(tmp_path / "daily.csv"))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"site;date;visits\nblog;2026-07-01;1\n", "it has no column site"),
        (b"site,visits\nblog,1\n", "it has no column date"),
        (b"site,date,date\nblog,1,1\n", "two of its columns have one name"),
        (b"site,date\nblog,2026-07-01,1\n", "a row of it has more cells than there are columns"),
        (b'site,date\n"blog,2026-07-01\n', "unexpected end of data"),
        (
            b"site,date\nbl\xe4g,2026-07-01\n",
            "'utf-8' codec can't decode byte 0xe4 in position 12: invalid continuation byte",
        ),
    ],
)
def test_a_broken_file_is_left_alone_and_told(tmp_path: Path, content: bytes, fault: str) -> None:
    file = tmp_path / "daily.csv"
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        CsvFolder(tmp_path).upsert(DAILY, one("blog", "2026-07-01", 1))
    assert f"{file} cannot be added to ({fault}): mend it, or move it away, and run 'firn mirror' again." == str(
        caught.value
    )
    assert content == file.read_bytes()


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    end = CsvFolder(tmp_path)
    end.upsert(DAILY, one("blog", "2026-07-01", 1))
    before = {it.name: it.read_bytes() for it in tmp_path.iterdir()}
    with pytest.raises(UnicodeEncodeError):
        end.upsert(Tab("daily", "daily", ("site",)), pd.DataFrame({"site": ["\ud800"]}))
    assert before == {it.name: it.read_bytes() for it in tmp_path.iterdir()}


def test_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    runs = [
        subprocess.Popen(  # noqa: S603 (our own text)
            [sys.executable, "-c", ONE_RUN, tmp_path, site], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for site in ("blog", "shop")
    ]
    for run in runs:
        assert run.stdout is not None
        assert "ready\n" == run.stdout.readline()
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    assert ["", ""] == [run.communicate(timeout=60)[0] for run in runs]
    assert [0, 0] == [run.returncode for run in runs]
    assert 40 == len(read(tmp_path / "daily.csv"))
