"""Locked wheels and the files of ours that a function reaches go in; one zip for each function comes out.

The same input gives the same bytes, on every machine whose Python has the same version. `dist/` gets the zips for
Lambda, `dist/local/` those for the machine this runs on, which the tests run on an emulator.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import click
import grimp

from infra.left_out import LEFT_OUT
from infra.owned import owned
from pipeline import settings
from pipeline.errors import UserError

ROOT = Path(__file__).parent.parent
LOCKS = Path(__file__).parent / "locks"
OURS = ("enrich", "pipeline")
SHIPPED = "pipeline/shipped"
ALL_TIMES = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
ALL_MODES = 0o100644 << 16
ELF, AARCH64 = b"\x7fELF", 183
LIMIT_BYTES = 262_144_000  # unzipped, Lambda's own


class Artefact(NamedTuple):
    """One zip: the functions it is for, what of ours it holds besides their modules, how large it may be, unzipped."""

    handlers: tuple[str, ...]
    shipped: tuple[str, ...]
    limit_bytes: int = LIMIT_BYTES


class Target(NamedTuple):
    """Where a zip runs: how uv is told, the Python there, the machine as ELF numbers it (None: this one)."""

    flags: tuple[str, ...]
    python: str
    machine: int | None
    folder: Path


ARTEFACTS: Mapping[str, Artefact] = {
    # Half of Lambda's room is not enough for Arrow and Iceberg; four fifths leave some for the next release.
    "enrich": Artefact(("enrich", "maintain"), ("queries",), 200_000_000),
    "mirror": Artefact(("mirror",), ("queries",)),
    "salts": Artefact(("salts",), ()),
}
HERE_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
ON_ARM = ("--python-version", "3.13", "--python-platform", "aarch64-manylinux_2_28")
LAMBDA = Target(ON_ARM, "3.13", AARCH64, ROOT / "dist")
HERE = Target(("--python", sys.executable), HERE_PYTHON, None, ROOT / "dist" / "local")


def built(name: str, target: Target = LAMBDA, settings_file: Path = ROOT / "firn.toml") -> Path:
    """The zip of that name, made anew; one that was there is replaced only by a whole one.

    Raises:
        UserError: the settings are wrong, a lock cannot be installed, or the zip would not run on its target.
    """
    settings.load(settings_file)  # a function must not meet the mistake
    target.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.folder) as made:
        folder = Path(made) / name
        lay_wheels(folder, name, target)
        lay_ours(folder, ARTEFACTS[name], settings_file)
        if target.python == HERE_PYTHON:
            compile_all(folder)
        if target.machine:
            check(folder, name, target.machine)
        zipped = write_zip(folder, Path(made) / f"{name}.zip")
        return zipped.replace(target.folder / zipped.name)


def lay_wheels(folder: Path, name: str, target: Target) -> None:
    """Install the lock's wheels into `folder`, and take out what LEFT_OUT names."""
    lock = str(LOCKS / f"{name}.lock")
    flags = ("--quiet", "--only-binary", ":all:", "--require-hashes", *target.flags)
    try:
        subprocess.run([uv(), "pip", "install", "--target", folder, *flags, "-r", lock], check=True)  # noqa: S603 - our own command
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(f"{lock} could not be installed by uv; run `make artefacts`, and see above why.") from error
    for path in files_of(folder):
        if is_left_out(path.relative_to(folder).as_posix()):
            path.unlink()


def uv() -> str:
    """The uv that `make` fetched into the cache; it says itself which when it calls."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = (ROOT / "bootstrap.lock").read_text(encoding="utf-8").partition("uv==")[2].split()[0]
    return os.environ.get("UV") or str(cache / "firn" / f"uv-{version}" / "bin" / "uv")


def is_left_out(name: str) -> bool:
    """Whether a function can do without that file of a wheel."""
    return any(fnmatchcase(name, pattern) for patterns in LEFT_OUT.values() for pattern in patterns)


def lay_ours(folder: Path, artefact: Artefact, settings_file: Path) -> None:
    """Put our modules, the owner's settings and the queries into `folder`."""
    for name in modules_files(artefact.handlers):
        put(ROOT / name, folder / name)
    for name, source in {**{it: ROOT / it for it in artefact.shipped}, **owned(settings_file)}.items():
        put(source, folder / SHIPPED / name)


def put(source: Path, place: Path) -> None:
    """Copy a file or a folder, without times and rights."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, place, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, place)


def modules_files(handlers: Iterable[str]) -> Iterator[str]:
    """The files of every module that the handlers import, directly or not, and what lies beside these.

    So a change of the command line, say, leaves the functions as they are.
    """
    graph = grimp.build_graph(*OURS, cache_dir=None, exclude_type_checking_imports=True)
    reached = closure(graph, {f"pipeline.handlers.{it}" for it in handlers})
    for module in sorted(reached):
        path = Path(*module.split("."))
        if (ROOT / path).is_dir():
            yield from (it.relative_to(ROOT).as_posix() for it in sorted((ROOT / path).iterdir()) if is_data(it))
            path /= "__init__"
        yield f"{path.as_posix()}.py"


def closure(graph: grimp.ImportGraph, modules: set[str]) -> set[str]:
    """The modules, all that they import, and each one's parent packages, which Python imports before it."""
    unknown = modules - graph.modules
    if unknown:
        raise UserError(f"There is no module {', '.join(sorted(unknown))}: the checkout is not whole.")
    while True:
        imported = {it for module in modules for it in graph.find_upstream_modules(module)}
        parents = {module.rpartition(".")[0] for module in modules | imported} - {""}
        if imported | parents <= modules:
            return modules
        modules = modules | imported | parents


def is_data(path: Path) -> bool:
    """Whether a package reads the file, which lies beside its modules."""
    return path.is_file() and path.suffix == ".toml"


def compile_all(folder: Path) -> None:
    """Compile every module, for Lambda's disk cannot keep what Python compiles; never looks at the source's time."""
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder)]
    fixed = {**os.environ, "PYTHONHASHSEED": "0"}  # or sets in the code would lie in another order each time
    subprocess.run([*command, str(folder)], check=True, env=fixed)  # noqa: S603 - our own command


def check(folder: Path, name: str, expected: int) -> None:
    """Refuse what Lambda would refuse: a zip that is too large, or a binary of another machine."""
    size, limit = size_of(folder), ARTEFACTS[name].limit_bytes
    if size > limit:
        raise UserError(
            f"{name} would be {size:,} bytes unzipped, over {limit:,}: leave more out in infra/left_out.py."
        )
    foreign = [it.name for it in files_of(folder) if machine(it) not in {None, expected}]
    if foreign:
        raise UserError(f"{name} would hold binaries of another machine: {', '.join(foreign)}.")


def size_of(folder: Path) -> int:
    """How many bytes the files have, as Lambda counts them."""
    return sum(path.stat().st_size for path in files_of(folder))


def machine(path: Path) -> int | None:
    """The machine that a binary is for, as its ELF header names it; None for what is no binary."""
    with path.open("rb") as file:
        head = file.read(20)
    return int.from_bytes(head[18:20], "little") if head.startswith(ELF) else None


def write_zip(folder: Path, place: Path) -> Path:
    """The folder's files as a zip, in the order of their names, without times."""
    with ZipFile(place, "w", ZIP_DEFLATED) as zipped:
        for path in files_of(folder):
            info = ZipInfo(path.relative_to(folder).as_posix(), ALL_TIMES)
            info.create_system, info.external_attr, info.compress_type = 3, ALL_MODES, ZIP_DEFLATED
            zipped.writestr(info, path.read_bytes())
    return place


def files_of(folder: Path) -> list[Path]:
    """All files below `folder`, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


@click.command()
@click.option("--here", is_flag=True, help="For this machine, into dist/local, instead of for Lambda.")
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), default=ROOT / "firn.toml")
@click.argument("names", nargs=-1, type=click.Choice(list(ARTEFACTS)))
def main(here: bool, settings_file: Path, names: tuple[str, ...]) -> None:  # noqa: FBT001 - click's way
    """Build the zips of the Lambda functions: all, or those of NAMES."""
    target = HERE if here else LAMBDA
    try:
        for name in names or ARTEFACTS:
            click.echo(told(built(name, target, settings_file), target))
    except UserError as error:
        click.echo(f"artefacts: {error}", err=True)
        sys.exit(2)


def told(zipped: Path, target: Target) -> str:
    """What was built, in a line."""
    with ZipFile(zipped) as content:
        size = sum(it.file_size for it in content.infolist())
    start = "compiled" if target.python == HERE_PYTHON else f"not compiled, for this is not Python {target.python}"
    return f"{zipped}: {zipped.stat().st_size / 1e6:.1f} MB, unzipped {size / 1e6:.1f} MB, {start}"


if __name__ == "__main__":
    main()
