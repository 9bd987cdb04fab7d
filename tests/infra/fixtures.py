"""The stack as a fixture of the session: the real artefacts, deployed by the real program, beside the real engines."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.engines.athena import Athena
from tests.engines.emulator import Emulator
from tests.salts.store import Store, may_by_role

if TYPE_CHECKING:
    from tests.infra.realise import Stack

ROOT = Path(__file__).parents[2]
LOCAL = ROOT / "dist/local"
NAME = "test"


@pytest.fixture(scope="session")
def salts_store(emulator: Emulator) -> Iterator[Store]:
    """The stack's KeyValueStore as its salts function sees it, under the function's own role."""
    account = emulator.account
    arn = f"arn:aws:cloudfront::{account}:key-value-store/firn-{NAME}-salts"
    role = f"arn:aws:iam::{account}:role/firn-{NAME}-salts"
    with Store(arn, may=may_by_role(emulator.client("iam"), role, arn), secret=None) as store:
        yield store


@pytest.fixture(scope="session")
def stack(emulator: Emulator, athena: Athena, salts_store: Store) -> "Stack":  # noqa: ARG001 (Athena is found by the emulator's functions)
    """The stack as `pulumi up` leaves it: tables, views and salts are made."""
    from tests.infra import schema  # noqa: F401, PLC0415 (see its warnings; and other tests shall not wait for Pulumi)
    from tests.infra.realise import deployed  # noqa: PLC0415

    for name in ("enrich", "mirror", "salts"):
        refuse_unless_of_this_tree(LOCAL / f"{name}.zip")
    return deployed(emulator, LOCAL, NAME, environment=salts_store.place)


def refuse_unless_of_this_tree(artefact: Path) -> None:
    """Fail where the zip is not there, or holds a module of ours that has changed since it was built."""
    if not artefact.is_file():
        pytest.fail("dist/local is not built: run `make artefacts`.", pytrace=False)
    with ZipFile(artefact) as zipped:
        ours = [it for it in zipped.namelist() if it.startswith(("enrich/", "pipeline/")) and it.endswith(".py")]
        changed = [it for it in ours if not is_same(zipped.read(it), ROOT / it)]
    if changed:
        told = f"dist/local/{artefact.name} is older than {', '.join(changed)}: run `make artefacts`."
        pytest.fail(told, pytrace=False)


def is_same(content: bytes, path: Path) -> bool:
    return path.is_file() and path.read_bytes() == content
