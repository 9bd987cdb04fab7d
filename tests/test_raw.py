"""Which files are raw objects, and the names that the lake knows them by."""

from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.raw import chunks, raw_objects


def put(folder: Path, *names: str | bytes) -> None:
    for name in names:
        file = folder / (name if isinstance(name, str) else name.decode(errors="surrogateescape"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a line\n")


def names(sources: list[Path], raw: Path) -> list[str]:
    return [it.name for it in raw_objects(sources, raw)]


def test_a_file_below_raw_goes_by_its_key_and_any_other_by_its_path(tmp_path: Path) -> None:
    put(tmp_path, "raw/cf/2026/a.gz", "logs/b.log")
    expected = [(tmp_path / "logs/b.log").as_posix(), "cf/2026/a.gz"]
    assert expected == names([tmp_path / "raw", tmp_path / "logs" / "b.log"], tmp_path / "raw")


def test_a_file_has_one_name_whatever_way_leads_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "raw/a.gz")
    (tmp_path / "link").symlink_to(tmp_path / "raw")
    monkeypatch.chdir(tmp_path)
    ways = [Path("raw"), Path("raw/a.gz"), Path("raw/../raw/a.gz"), tmp_path / "raw", Path("link")]
    assert ["a.gz"] == names(ways, Path("raw"))


def test_a_folder_named_like_raw_is_not_raw(tmp_path: Path) -> None:
    put(tmp_path, "rawest/a.gz")
    assert [(tmp_path / "rawest/a.gz").as_posix()] == names([tmp_path], tmp_path / "raw")


def test_hidden_files_and_folders_may_be_half_written_and_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "raw/a.gz", "raw/.b.gz", "raw/.parts/c.gz")
    assert ["a.gz"] == names([tmp_path / "raw"], tmp_path / "raw")


def test_a_hidden_file_that_is_named_is_read(tmp_path: Path) -> None:
    put(tmp_path, "raw/.b.gz")
    assert [".b.gz"] == names([tmp_path / "raw" / ".b.gz"], tmp_path / "raw")


def test_a_name_of_any_bytes_becomes_text(tmp_path: Path) -> None:
    put(tmp_path, b"raw/\xff.gz", "raw/ü.gz")
    assert ["\\xff.gz", "ü.gz"] == names([tmp_path / "raw"], tmp_path / "raw")


def test_an_empty_folder_has_no_raw_objects(tmp_path: Path) -> None:
    assert [] == names([tmp_path], tmp_path / "raw")


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^There is no .+missing; name a log file or a folder of them\.$"):
        raw_objects([tmp_path, tmp_path / "missing"], tmp_path)


def test_the_chunks_of_a_file_are_the_file(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    (tmp_path / "a").write_bytes(content)
    assert content == b"".join(chunks(tmp_path / "a"))
