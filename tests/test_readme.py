"""What the README shows is what happens: each command in it is run, and its output compared."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands() -> list[tuple[str, str]]:
    """Each command of the README, and the output that it shows."""
    return [
        (command, output)
        for block in BLOCKS
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


@pytest.mark.e2e
def test_each_command_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """In order and in one fresh folder, as a reader would; `make demo` is the `firn demo` that follows it."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shown = [(command, output) for command, output in commands() if command != "make demo"]
    assert {"firn demo", "firn query"} == {" ".join(command.split()[:2]) for command, _ in shown}
    shutil.copy(ROOT / "firn.toml", tmp_path)  # as in the checkout
    for command, output in shown:
        run = subprocess.run(  # noqa: S602 - the README's own words
            command,
            shell=True,
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (0, output) == (run.returncode, run.stdout), command


def test_make_has_the_targets_that_the_readme_names() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "test", "check"} <= set(targets)
    assert re.search(r"^demo:.*\n\tfirn demo$", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_folder_that_the_readme_names_is_there() -> None:
    named = re.findall(r"^\| `([^`]+)`", README, re.MULTILINE)
    assert 10 < len(named)
    assert [] == [it for it in named if not (ROOT / it).exists()]
