"""The options that commands share, as decorators: what is typed in, settings and folders out."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from pipeline.settings import Settings, load

DEFAULT_SETTINGS = Path("firn.toml")
DEFAULT_DATA = Path("firn-data")

Command = TypeVar("Command", bound=Callable[..., object])


def settings_option(command: Command) -> Command:
    """Add `--settings FILE`; the command gets `settings`, the defaults where there is no file."""
    return click.option(
        "--settings",
        type=click.Path(path_type=Path),
        metavar="FILE",
        callback=_settings,
        help=f"The owner's rules.  [default: {DEFAULT_SETTINGS} in this folder, if there is one]",
    )(command)


def data_option(command: Command) -> Command:
    """Add `--data DIR`; the command gets `data`, under which whoever writes makes `raw/`, `lake/` and `sheet/`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        metavar="DIR",
        default=DEFAULT_DATA,
        help=f"Holds raw/, lake/ and sheet/; made where it is missing.  [default: ./{DEFAULT_DATA}]",
    )(command)


def settings_and_data(command: Command) -> Command:
    """Add both."""
    return settings_option(data_option(command))


def _settings(_context: click.Context, _option: click.Parameter, file: Path | None) -> Settings:
    return load(file or (DEFAULT_SETTINGS if DEFAULT_SETTINGS.exists() else None))
