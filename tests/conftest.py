"""What all tests share: Hypothesis at a modest pace, golden files rewritten on request only, the real engines."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.engines.fixtures", "tests.infra.fixtures"]

PROFILES = {"quick": 15, "gate": 500}
"""How many examples each property gets: beside the unit tests, in `make test`; `make soak` counts its own."""

for name, examples in PROFILES.items():
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        derandomize=False,  # where CI is set it would draw the same examples at each run
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write what comes out now into tests/golden; then read the diff"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--rewrite-golden") and os.environ.get("CI"):
        raise pytest.UsageError("--rewrite-golden is for a person who reads the diff, never for CI")


@pytest.fixture(scope="session")
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    """Whether the expected objects are to be written and not compared."""
    return bool(request.config.getoption("--rewrite-golden"))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what runs on the emulator, so that it can run in one process, beside all others in another."""
    if "emulator" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.aws)
