"""The stack as a fixture of the session: the real artefacts, deployed by the real program, beside the real engines."""

from collections.abc import Iterator

import pytest

from infra.config import ARTEFACTS, ROOT
from tests.engines.athena import Athena
from tests.engines.emulator import Emulator
from tests.infra.realise import Stack, deployed
from tests.salts.store import Store, may_by_role

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
def stack(emulator: Emulator, athena: Athena, salts_store: Store) -> Stack:  # noqa: ARG001 (Athena is found by the emulator's functions)
    """The stack as `pulumi up` leaves it: tables, views and salts are made."""
    missing = [name for name in ARTEFACTS if not (LOCAL / f"{name}.zip").is_file()]
    if missing:
        pytest.fail("dist/local is not built: run `make artefacts`.", pytrace=False)
    return deployed(emulator, LOCAL, NAME, environment=salts_store.place)
