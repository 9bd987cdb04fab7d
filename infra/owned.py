"""What a zip holds of the owner's: firn.toml in; out it and the schemas beside it, by their names."""

from pathlib import Path

from pipeline.errors import UserError
from pipeline.settings import read

NAME = "firn.toml"  # in a zip, whatever the owner calls it


def owned(settings: Path) -> dict[str, Path]:
    """Each file under the name that it has beside firn.toml.

    Raises:
        UserError: firn.toml cannot be read, or its schemas lie where no zip could hold them.
    """
    match read(settings):
        case {"schemas": {"folder": str(folder)}}:
            pass
        case _:
            return {NAME: settings}
    if Path(folder).is_absolute() or ".." in Path(folder).parts:
        raise UserError(
            f"{settings.name}: schemas.folder: {folder!r} would not travel with the file: "
            f"move it beside {settings.name}"
        )
    files = sorted(it for it in (settings.parent / folder).rglob("*") if it.is_file())
    return {NAME: settings} | {it.relative_to(settings.parent).as_posix(): it for it in files}
