"""The command `firn`: its subcommands, one a module, and what becomes of the errors that are meant for a person."""

import logging
import os
import re
import sys
from contextlib import suppress
from errno import EPIPE
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import click

from pipeline import terminal
from pipeline.errors import UserError

# In the order of a first hour. `pipeline/commands/<name>.py` holds the function <name>; it is imported when it is
# asked for, so that no command waits for another's libraries.
COMMANDS = (
    "demo",
    "dev",
    "inspect",
    "enrich",
    "query",
    "mirror",
    "report",
)

# Arrow puts the number into the text of its errors, which says the same in words.
ARROWS_DETAIL = re.compile(r"Detail: \[errno \d+\] ")


class Failed(click.ClickException):
    """A run that ends early: one sentence on standard error, and the exit code."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 (click's own signature)
        """Print the sentence and nothing else."""
        terminal.note(self.message)


class Stopped(Failed):
    """A run that a person ended with Ctrl-C."""

    exit_code = 130


class Firn(click.Group):
    """COMMANDS as a group, under which no error that a person can mend shows a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """COMMANDS, in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, if it is one of COMMANDS."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"pipeline.commands.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's own signature)
        """Run the subcommand; what a person can mend, or did, ends it with a sentence."""
        logging.getLogger("pyiceberg").setLevel(logging.ERROR)  # it warns of each commit that is then tried again
        try:
            return super().invoke(ctx)
        except UserError as error:
            raise Failed(str(error)) from error
        except KeyboardInterrupt as error:
            raise Stopped("Stopped: nothing is left half written, and the same command goes on from here.") from error
        except OSError as error:
            if error.errno == EPIPE:  # the reader has seen enough: click ends that quietly
                raise
            raise Failed(_sentence(error)) from error


@click.group(cls=Firn, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="firn-analytics", message="firn %(version)s")
def firn() -> None:
    """Web analytics from CloudFront's logs: a lake of Snowplow events, SQL over it, and a sheet.

    Try 'firn COMMAND --help': each has an example.
    """


def main() -> None:
    """Run `firn` as a program; stopped by a person it ends at once, whatever a library's threads still wait for."""
    _open_what_is_closed()
    try:
        firn()
    except OSError as error:  # beyond a subcommand: its help, or a sentence, could not be written
        with suppress(OSError):
            terminal.note(_sentence(error))
        os._exit(Failed.exit_code)  # Python would try to write it once more
    except SystemExit as ended:
        if ended.code == Stopped.exit_code:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(Stopped.exit_code)
        raise


def _open_what_is_closed() -> None:
    """Let each standard stream that the caller closed be an empty one; the next file opened would be taken for it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end


def _sentence(error: OSError) -> str:
    """A full disk, a folder that may not be written: whatever the machine refused."""
    where = f"{error.filename}: " if error.filename else ""
    return (
        f"{where}{ARROWS_DETAIL.sub('', error.strerror or str(error))}. Mend that, or name another place with --data."
    )
