"""A folder goes in, a lake comes out: an SQLite catalog and plain files under that folder, for laptops and tests."""

from pathlib import Path

from filelock import FileLock
from pyiceberg.catalog import LOCATION
from pyiceberg.catalog.sql import SqlCatalog
from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.exc import DatabaseError, OperationalError

from pipeline.errors import UserError
from pipeline.lake import Lake, prepared

LOCK_WAIT_SECONDS = 60
NAMESPACE = "firn"


def open_lake(folder: Path) -> Lake:
    """The lake under `folder`, made where it is missing; UserError where this release cannot use it."""
    return prepared(Lake(sqlite_catalog(folder, NAMESPACE), NAMESPACE, is_locked))


def is_locked(error: Exception) -> bool:
    """Whether another process held the catalog for longer than the wait."""
    return "database is locked" in str(error)


def sqlite_catalog(folder: Path, namespace: str) -> SqlCatalog:
    """The catalog under `folder`, made where it is missing; safe when two processes open it at once.

    Raises UserError when it cannot be opened, or when the folder was moved since its tables were laid down.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "catalog.lock", timeout=LOCK_WAIT_SECONDS):
            return _catalog(folder.resolve(), namespace)
    except (OSError, OperationalError) as error:
        raise _unopened(folder, error, "check that it is a folder you may write to") from error
    except DatabaseError as error:
        raise _unopened(folder, error, "move it away and run `firn enrich` again on the raw objects") from error


def _unopened(folder: Path, error: Exception, mend: str) -> UserError:
    return UserError(f"The lake in {folder} cannot be opened ({str(error).splitlines()[0]}): {mend}.")


def _catalog(folder: Path, namespace: str) -> SqlCatalog:
    url = URL.create("sqlite", database=str(folder / "catalog.db"), query={"timeout": str(LOCK_WAIT_SECONDS)})
    # A connection for each statement: none is left open at the end, none is shared with a child process.
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:  # a file that is no database is found out before SqlCatalog opens its own
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    catalog = SqlCatalog(namespace, uri=url.render_as_string())
    catalog.close()
    catalog.engine = engine
    if not catalog.namespace_exists(namespace):
        catalog.create_namespace(namespace, {LOCATION: str(folder)})
    _check_place(catalog.load_namespace_properties(namespace)[LOCATION], folder)
    return catalog


def _check_place(laid_down: str, folder: Path) -> None:
    """Iceberg's metadata names its files by whole path, so a copy would write into the original."""
    if laid_down != str(folder):
        raise UserError(
            f"The lake in {folder} was laid down in {laid_down} and its tables name that path: "
            f"move it back there, or delete it and run `firn enrich` again on the raw objects."
        )
