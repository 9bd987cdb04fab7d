"""Where the files that are not Python are: beside the packages in a checkout, inside `pipeline` in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder or file `name` (`queries`, `tracker/edge`, …), wherever this installation keeps it."""
    in_wheel = PACKAGE / "shipped" / name
    return in_wheel if in_wheel.exists() else PACKAGE.parent / name
