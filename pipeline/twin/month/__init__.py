"""A seed → one month of three small sites as CloudFront's log, and what was planned to be in it.

The month is October 2026, the same each time, byte for byte. `month.toml` tells what the sites and their visitors are
like, `plan` makes sessions of it, `log` the raw objects, and `truth` counts the sessions without looking at the log.
Visitors are hashed under salts that anybody can compute: nobody is behind them. Real ones are random.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from pipeline.errors import UserError
from pipeline.twin.log_writer import write_objects
from pipeline.twin.month.log import DISTRIBUTION, Delivery, deliveries
from pipeline.twin.month.plan import planned
from pipeline.twin.month.tables import tables


def month() -> list[Delivery]:
    """The month's raw objects, in the order of their delivery."""
    return deliveries(planned(tables()), tables().seed)


def write_month(
    objects: Iterable[Delivery], raw: Path, done: Callable[[int], None] = lambda _objects: None
) -> list[Path]:
    """Write the objects that are missing in the folder `raw`, and return the paths of all; `done` hears of each.

    A file's time is that of its delivery.

    Raises:
        UserError: the folder holds a month that another release has made.
    """
    paths = {raw / it.key: it for it in objects}
    if others := set(raw.glob(f"cf/distributionid={DISTRIBUTION}/**/*.gz")) - paths.keys():
        raise UserError(
            f"{raw} holds {len(others)} raw objects of another release's demo: "
            f"delete the folder {raw.parent}, or name another with --data."
        )
    for path, it in paths.items():
        if not path.exists():
            write_objects({path: it.content()})
            os.utime(path, (it.at / 1000, it.at / 1000))
        done(1)
    return list(paths)
