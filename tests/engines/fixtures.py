"""The engines as fixtures of the session, for the tests of every folder; they start with the first test that asks."""

from collections.abc import Iterator

import pytest

from tests.engines import emulator as emulators
from tests.engines import trino as trinos
from tests.engines.athena import Athena
from tests.engines.emulator import Emulator
from tests.engines.trino import Trino


@pytest.fixture(scope="session", autouse=True)
def _slowest_engine_first(request: pytest.FixtureRequest) -> None:
    """Trino comes up while the first tests run, where any test of the session asks for it."""
    if any("trino" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("_trino_on_its_way")


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """AWS, on this machine."""
    emulator = emulators.started(tmp_path_factory.mktemp("emulator"))
    try:
        emulators.wait_until_ready(emulator)
        yield emulator
    finally:
        emulator.server.stop()


@pytest.fixture(scope="session")
def _trino_on_its_way(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trino]:
    engine = trinos.started(tmp_path_factory.mktemp("trino"), emulator)
    try:
        yield engine
    finally:
        engine.server.stop()


@pytest.fixture(scope="session")
def trino(_trino_on_its_way: Trino) -> Trino:
    """Athena's engine, on the emulator's Glue catalog and S3."""
    trinos.wait_until_ready(_trino_on_its_way)
    return _trino_on_its_way


@pytest.fixture(scope="session")
def athena(emulator: Emulator, trino: Trino) -> Iterator[Athena]:
    """Athena itself, which the emulator's functions reach too."""
    athena = Athena(emulator, trino)
    server = athena.serve()
    try:
        yield athena
    finally:
        server.shutdown()
        server.server_close()
