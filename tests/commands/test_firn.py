"""`firn` as a whole: its help teaches, and every error that a person can mend is one sentence and exit code 2."""

import errno
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipeline import commands
from pipeline.commands import COMMANDS, firn
from pipeline.errors import UserError

SENTENCE_OF = {
    UserError("The lake is frozen: wait for spring."): (2, "The lake is frozen: wait for spring.\n"),
    UserError("Two mistakes:\n  one\n  two\x1b[2J"): (2, "Two mistakes:\n  one\n  two\\x1b[2J\n"),
    OSError(errno.ENOSPC, "No space left on device", "lake/x"): (
        2,
        "lake/x: No space left on device. Mend that, or name another place with --data.\n",
    ),
    OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left on device"): (
        2,
        "Error writing bytes to file. No space left on device. Mend that, or name another place with --data.\n",
    ),
    KeyboardInterrupt(): (130, "Stopped: nothing is left half written, and the same command goes on from here.\n"),
    BrokenPipeError(errno.EPIPE, "Broken pipe"): (1, ""),
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(firn, arguments)


@pytest.mark.parametrize("error", SENTENCE_OF, ids=lambda it: type(it).__name__)
def test_an_error_is_a_sentence_on_standard_error(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def query() -> None:
        raise error

    monkeypatch.setattr(commands, "import_module", lambda _: type("module", (), {"query": query}))
    result = run("query")
    assert SENTENCE_OF[error] == (result.exit_code, result.stderr)
    assert not result.stdout


def test_help_lists_each_command_with_a_whole_sentence() -> None:
    listed = CliRunner().invoke(firn, ["--help"], terminal_width=80).stdout.partition("Commands:\n")[2]
    assert list(COMMANDS) == re.findall(r"^  (\w+) +[A-Z].*\.$", listed, re.MULTILINE)
    assert "..." not in listed


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_names_each_value_by_one_word(name: str) -> None:
    assert " RANGE" not in run(name, "--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_an_example_of_it(name: str) -> None:
    assert f"\n    firn {name}" in run(name, "--help").stdout


def test_the_version_is_the_distributions() -> None:
    assert f"firn {version('firn-analytics')}\n" == run("--version").stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    result = run("qeury")
    assert (2, True) == (result.exit_code, "No such command 'qeury'." in result.stderr)


def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path: Path) -> None:
    script = "from pipeline.commands import firn; firn()"
    many = "SELECT x FROM unnest(sequence(1, 1000)) AS a(x) CROSS JOIN unnest(sequence(1, 100)) AS b(y)"
    command = [sys.executable, "-c", script, "query", "--data", str(tmp_path), "--format", "csv", "-e", many]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"" == process.stderr.read()


FIRN = f'{sys.executable} -c "from pipeline.commands import main; main()"'


@pytest.mark.parametrize(
    ("arguments", "streams"),
    [("inspect -", "<&-"), ("query --list", ">&-"), ("--help", ">/dev/full"), ("inspect missing", "2>/dev/full")],
)
def test_streams_that_are_closed_or_full_give_a_sentence_at_most(arguments: str, streams: str) -> None:
    shell = ["sh", "-c", f"{FIRN} {arguments} {streams}"]
    ended = subprocess.run(shell, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    assert ended.returncode in {0, 1, 2}
    assert len(ended.stderr.splitlines()) <= 1
