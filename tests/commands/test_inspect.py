"""`firn inspect`: the contract that other programs test against, at the command's own edge."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.commands import firn

PAGE_VIEW = (
    "2026-11-24\t10:30:00\tFRA56-P1\t43\t192.0.2.7\tGET\td1.example.net\t/i\t200\t-\tMozilla/5.0\te=pv&aid=blog&p=web"
)


def inspected(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(firn, ["inspect", *arguments], input=given)


def objects(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where no firn.toml lies


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_without_a_file_and_for_a_dash_standard_input_is_read(arguments: tuple[str, ...]) -> None:
    result = inspected(*arguments, given=f"{PAGE_VIEW}\n".encode())
    assert 0 == result.exit_code
    (it,) = objects(result)
    assert ["line", "status", "reason", "event", "failures"] == list(it)
    assert (1, "event", None, []) == (it["line"], it["status"], it["reason"], it["failures"])


def test_more_than_one_file_names_each_objects_file(tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(f"{PAGE_VIEW}\n")
    assert ["a.log", "b.log"] == [it["file"] for it in objects(inspected("a.log", "b.log"))]


def test_the_settings_of_the_folder_hold(tmp_path: Path) -> None:
    (tmp_path / "firn.toml").write_text('[sites.shop]\nhosts = ["*"]\n')
    (it,) = objects(inspected(given=PAGE_VIEW.encode()))
    assert "unknown_site" == it["event"]["filter_reason"]  # type: ignore[index]


def test_a_missing_file_is_one_sentence_and_the_others_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"{PAGE_VIEW}\n")
    result = inspected("missing.log", "a.log")
    assert 2 == result.exit_code
    assert ["event"] == [it["status"] for it in objects(result)]
    assert 1 == len(result.stderr.splitlines())
    assert result.stderr.startswith("missing.log cannot be read to its end (No such file or directory)")


def test_two_files_that_cannot_be_read_are_one_sentence_too(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(f"{PAGE_VIEW}\n".encode())[:-9])
    result = inspected("missing.log", "a.gz", "b.gz")
    assert (2, 1) == (result.exit_code, len(objects(result)))
    assert (
        "missing.log cannot be read to its end (No such file or directory), nor can a.gz (it ends before its gzip does)"
        ", nor can b.gz (No such file or directory); name whole log files, plain or gzipped.\n"
    ) == result.stderr


@pytest.mark.parametrize("damage", ["cut", "checksum", "length", "trailing"])
def test_of_a_damaged_gzip_what_could_be_read_is_shown_first(tmp_path: Path, damage: str) -> None:
    whole = gzip.compress(f"{PAGE_VIEW}\n".encode() * 3)
    damaged = {
        "cut": whole[:-9],
        "checksum": whole[:-8] + b"\0\0\0\0" + whole[-4:],
        "length": whole[:-4] + b"\0\0\0\0",
        "trailing": whole + b"not gzip",
    }
    (tmp_path / "a.gz").write_bytes(damaged[damage])
    result = inspected("a.gz")
    assert 2 == result.exit_code
    assert 3 == len(objects(result))
    assert 1 == len(result.stderr.splitlines())


def test_a_gzip_of_several_members_is_one_log(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(PAGE_VIEW[:40].encode()) + gzip.compress(PAGE_VIEW[40:].encode()))
    result = inspected("a.gz")
    assert (0, 1) == (result.exit_code, len(objects(result)))


@pytest.mark.parametrize("nothing", [b"", b"\n", b" \t\r\n\n", b"#Version: 1.0\n#Fields: date time\n"])
def test_lines_of_white_space_and_headers_give_no_object(nothing: bytes) -> None:
    result = inspected(given=nothing)
    assert (0, "") == (result.exit_code, result.output)


def test_a_wrong_setting_is_told_and_nothing_is_shown(tmp_path: Path) -> None:
    (tmp_path / "firn.toml").write_text("[privacy]\nip_address = 'hide'\n")
    result = inspected(given=PAGE_VIEW.encode())
    assert (2, "") == (result.exit_code, result.stdout)
    assert "privacy.ip_address" in result.stderr
