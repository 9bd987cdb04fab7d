"""What the transform is told in all that is measured: the example's rules, a time, real salts in a folder."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pipeline.places import shipped
from pipeline.salts.folder import take_legacy_salts
from pipeline.settings import load
from pipeline.transform import Given


def given(folder: Path) -> Given:
    """The owner's rules, this moment, and the salts of logs with addresses, as `firn enrich` makes and keeps them."""
    now = datetime.now(UTC)
    salts = partial(take_legacy_salts, folder / "salts", now=int(now.timestamp() * 1000))
    return Given(load(shipped("firn.toml")).rules, now.replace(tzinfo=None), salts)
