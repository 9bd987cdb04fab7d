"""The functions' zips: from the same lock the same bytes, no more than they need, and whole where nothing else is."""

import os
import subprocess
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from benchmarks.imports import runtime
from infra import artefacts
from infra.artefacts import ARTEFACTS, HERE, LAMBDA, LOCKS, OURS, ROOT, Artefact, Target, built, modules_files
from infra.left_out import LEFT_OUT
from pipeline.errors import UserError
from pipeline.settings import load

NOT_FOR_LAMBDA = (
    "bin",
    "boto3",
    "botocore",
    "click",
    "duckdb",
    "jmespath",
    "pygments",
    "pytest",
    "sqlglot",
    "user_agents",
)
TOO_LARGE_FOR_ENRICH = ("numpy", "pandas")
HANDLERS = [(name, handler) for name, it in ARTEFACTS.items() for handler in it.handlers]
Content = Mapping[str, bytes]
Zip = Callable[[str, Target], Path]


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Zip:
    """The zip of that name for that target, built once."""
    made: dict[tuple[str, str], Path] = {}

    def one(name: str, target: Target) -> Path:
        key = name, target.python
        if key not in made:
            made[key] = built(name, target._replace(folder=tmp_path_factory.mktemp(name)))
        return made[key]

    return one


def content(path: Path) -> Content:
    with ZipFile(path) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def pins(lock: Path) -> set[str]:
    """The lines that pin a version, without their hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {line.removesuffix(" \\") for line in lines if "==" in line and not line.startswith((" ", "#"))}


@pytest.mark.parametrize("name", ARTEFACTS)
def test_a_zip_holds_the_very_versions_that_are_tested(name: str) -> None:
    assert set() == pins(LOCKS / f"{name}.lock") - pins(ROOT / "requirements.lock")


@pytest.mark.parametrize("name", ARTEFACTS)
def test_a_lock_names_no_registry(name: str) -> None:
    assert "://" not in (LOCKS / f"{name}.lock").read_text(encoding="utf-8")


def test_a_zip_holds_what_its_handlers_import_and_no_more_of_ours() -> None:
    salts = list(modules_files(("salts",)))
    assert "pipeline/handlers/salts.py" in salts
    assert "pipeline/handlers/__init__.py" in salts
    assert [] == [it for it in salts if it.startswith(("enrich/", "pipeline/commands", "pipeline/lake"))]


def test_the_tables_of_the_enrichments_travel_with_them() -> None:
    enrich = list(modules_files(("enrich",)))
    assert {"enrich/bots.toml", "enrich/referrer.toml", "enrich/channel.toml"} < set(enrich)


def test_a_handler_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"no module pipeline\.handlers\.nothing"):
        list(modules_files(("nothing",)))


def test_settings_that_are_wrong_never_reach_a_function(tmp_path: Path) -> None:
    """One sentence, exit code 2, and nothing built."""
    wrong = tmp_path / "firn.toml"
    wrong.write_text('[sites.blog]\ntime_zone = "Europe/Atlantis"\n')
    done = CliRunner().invoke(artefacts.main, ["--settings", str(wrong), "salts"])
    assert 2 == done.exit_code
    assert "Europe/Atlantis" in done.output
    assert not done.output.startswith("Traceback")


def test_the_owners_schemas_travel_with_the_settings_that_name_them(tmp_path: Path) -> None:
    """And are read there: a function that found none would not start."""
    schema = tmp_path / "own/com.example/order/jsonschema/1-0-0"
    schema.parent.mkdir(parents=True)
    schema.write_text('{"type": "object"}')
    settings = tmp_path / "mine.toml"
    settings.write_text('[schemas]\nfolder = "own"\n')
    artefacts.lay_ours(tmp_path / "zip", ARTEFACTS["enrich"], settings)
    there = load(tmp_path / "zip/pipeline/shipped/firn.toml")
    assert {"iglu:com.example/order/jsonschema/1-0-0": '{"type": "object"}'} == there.rules.schemas


def test_what_lambda_would_refuse_is_refused_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large, or a binary of another machine: x86-64 is 62 in an ELF header."""
    binary = artefacts.ELF + bytes(14) + (62).to_bytes(2, "little")
    (tmp_path / "library.so").write_bytes(binary)
    with pytest.raises(UserError, match=r"another machine: library\.so"):
        artefacts.check(tmp_path, "salts", artefacts.AARCH64)
    artefacts.check(tmp_path, "salts", 62)
    monkeypatch.setitem(artefacts.ARTEFACTS, "salts", Artefact(("salts",), (), limit_bytes=19))
    with pytest.raises(UserError, match="salts would be 20 bytes unzipped, over 19"):
        artefacts.check(tmp_path, "salts", 62)


@pytest.mark.aws
@pytest.mark.e2e
@pytest.mark.parametrize(("name", "target"), [("salts", LAMBDA), ("enrich", HERE)], ids=["for_lambda", "compiled"])
def test_built_again_it_is_the_same_bytes(name: str, target: Target, zipped: Zip, tmp_path: Path) -> None:
    again = built(name, target._replace(folder=tmp_path))
    assert zipped(name, target).read_bytes() == again.read_bytes()


@pytest.mark.aws
@pytest.mark.e2e
@pytest.mark.parametrize("name", ARTEFACTS)
def test_lambdas_zip_holds_binaries_of_its_machine_alone_and_fits(name: str, zipped: Zip) -> None:
    files = content(zipped(name, LAMBDA))
    binaries = {it for it in files if ".so" in Path(it).suffixes}
    assert binaries
    assert {artefacts.AARCH64} == {int.from_bytes(files[it][18:20], "little") for it in binaries}
    assert sum(map(len, files.values())) <= ARTEFACTS[name].limit_bytes


@pytest.mark.aws
@pytest.mark.e2e
@pytest.mark.parametrize("name", ARTEFACTS)
def test_this_machines_zip_holds_the_same_of_ours_and_of_every_library(name: str, zipped: Zip) -> None:
    """So what the emulator runs is what Lambda will run; compiled files and binaries are each machine's own."""
    theirs, here = content(zipped(name, LAMBDA)), content(zipped(name, HERE))
    assert ours(theirs) == ours(here)
    assert {"pipeline/handlers/__init__.py", "pipeline/shipped/firn.toml"} < set(ours(here))
    assert libraries(theirs) - {"numpy"} == libraries(here) - {"numpy"}  # which is another one before Python 3.12


def ours(files: Content) -> Content:
    return {it: text for it, text in files.items() if it.split("/")[0] in OURS and not it.endswith(".pyc")}


def libraries(files: Content) -> set[str]:
    """Each library in its version."""
    found = {it.split("/")[0].removesuffix(".dist-info") for it in files if ".dist-info/" in it}
    return {"numpy" if it.startswith("numpy-") else it for it in found}


@pytest.mark.aws
@pytest.mark.e2e
@pytest.mark.parametrize("name", ARTEFACTS)
def test_a_zip_is_without_what_its_function_does_not_need(name: str, zipped: Zip) -> None:
    files = content(zipped(name, LAMBDA))
    banned = {*NOT_FOR_LAMBDA, *(TOO_LARGE_FOR_ENRICH if name == "enrich" else ())}
    assert set() == banned & {it.split("/")[0] for it in files}
    assert [] == [it for it in files if "/tests/" in it]


@pytest.mark.aws
@pytest.mark.e2e
@pytest.mark.parametrize(("name", "handler"), HANDLERS, ids=[handler for _, handler in HANDLERS])
def test_a_function_starts_where_there_is_but_its_zip_and_boto3(
    name: str, handler: str, zipped: Zip, tmp_path: Path
) -> None:
    """And reads the owner's settings out of the zip."""
    place = runtime(tmp_path, zipped(name, HERE))
    code = (
        f"from pipeline.handlers.{handler} import handler; from pipeline.places import shipped; "
        "from pathlib import Path; print(shipped('firn.toml').relative_to(Path.cwd()))"
    )
    clean = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run(  # noqa: S603 - our own command
        [place.python, "-c", code], cwd=place.folder, env=clean, check=False, capture_output=True, text=True
    )
    assert ("pipeline/shipped/firn.toml\n", "") == (done.stdout, done.stderr)


@pytest.mark.aws
@pytest.mark.e2e
def test_each_line_of_what_is_left_out_still_leaves_something_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library's next release may have moved what a line named."""
    monkeypatch.setattr(artefacts, "LEFT_OUT", {})
    names = set()
    for name in ARTEFACTS:
        artefacts.lay_wheels(tmp_path / name, name, LAMBDA)
        names |= {it.relative_to(tmp_path / name).as_posix() for it in artefacts.files_of(tmp_path / name)}
    lines = [pattern for patterns in LEFT_OUT.values() for pattern in patterns]
    assert [] == [it for it in lines if not any(fnmatchcase(name, it) for name in names)]
