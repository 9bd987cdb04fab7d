"""Where raw objects come from: files and folders → their names and bytes; `s3` and `messages` do it for the cloud."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import UserError

CHUNK = 1 << 20


class RawObject(NamedTuple):
    """One log file: the name that the lake knows it by, and how its bytes are had, from the first on at each call."""

    name: str
    chunks: Callable[[], Iterator[bytes]]


def raw_objects(sources: list[Path], raw: Path) -> list[RawObject]:
    """The log files among `sources`, of a folder all below it, each once, by name.

    A file below `raw` goes by its key there, any other by its whole path, so that it is known again wherever the
    command is run.

    Raises:
        UserError: a source is not there.
    """
    for source in sources:
        if not source.exists():
            raise UserError(f"There is no {source}; name a log file or a folder of them.")
    files = {path.resolve() for source in sources for path in files_of(source)}
    named = {name_of(path, raw.resolve()): path for path in files}
    return [RawObject(name, partial(chunks, named[name])) for name in sorted(named)]


def files_of(source: Path) -> Iterator[Path]:
    """The file itself, or the files below a folder but for hidden ones, which may be half written."""
    if source.is_dir():
        yield from (it for it in source.rglob("*") if it.is_file() and not is_hidden(it.relative_to(source)))
    else:
        yield source


def is_hidden(path: Path) -> bool:
    """Whether the file, or a folder that it lies in, has a name that begins with a dot."""
    return any(part.startswith(".") for part in path.parts)


def name_of(path: Path, raw: Path) -> str:
    """The file's key below `raw`, or its path; as text, whatever bytes the file's name is made of."""
    name = (path.relative_to(raw) if path.is_relative_to(raw) else path).as_posix()
    return os.fsencode(name).decode(errors="backslashreplace")


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes, piece by piece."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
