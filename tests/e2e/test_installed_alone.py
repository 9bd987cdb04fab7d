"""The wheel, alone in an environment outside the checkout: queries, edge function and tracker travel inside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = (
    "pipeline/shipped/firn.toml",
    "pipeline/shipped/queries/daily.sql",
    "pipeline/shipped/queries/daily_overview.sql",
    "pipeline/shipped/queries/views/page_views.sql",
    "pipeline/shipped/tracker/dist/main.js",
    "pipeline/shipped/tracker/dist/LICENSES.txt",
    "pipeline/shipped/tracker/edge/function.js",
    "pipeline/shipped/tracker/edge/run.mjs",
    "pipeline/shipped/tracker/live/index.html",
    "pipeline/shipped/tracker/schemas/com.firn-analytics/page_leave/jsonschema/1-0-0",
    "pipeline/shipped/tracker/site/index.html",
    "pipeline/report/page.html",
    "pipeline/twin/month/month.toml",
    "enrich/bots.toml",
)


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; it must succeed, and knows nothing of this environment."""
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    return subprocess.run(command, cwd=cwd, env=kept, check=True, capture_output=True, text=True).stdout  # noqa: S603


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.e2e
def test_the_wheel_holds_all_that_is_not_python(wheel: Path) -> None:
    assert set(NEEDED) <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.e2e
def test_firn_installed_alone_runs_the_demo_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    uv = os.environ["UV"]  # set by make
    run(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "env", cwd=tmp_path)
    python = tmp_path / "env" / "bin" / "python"
    lock = ROOT / "requirements.lock"
    run(uv, "pip", "install", "--quiet", "--python", python, "--constraint", lock, wheel, cwd=tmp_path)
    firn = tmp_path / "env" / "bin" / "firn"
    assert "blog" in run(firn, "demo", cwd=tmp_path)
    assert (tmp_path / "firn-data" / "report.html").stat().st_size > 50_000
    asked = run(firn, "query", "daily_overview", "--format", "csv", cwd=tmp_path)
    assert "site,date,visitors,visits,page_views,bounces,engaged_seconds" == asked.splitlines()[0]
    served = run(python, "-c", "from pipeline.twin.server import demo_pages; print(len(demo_pages()))", cwd=tmp_path)
    assert int(served) > 5
