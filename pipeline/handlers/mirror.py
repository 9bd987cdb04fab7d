"""Once a day: the last days' rollups go from Athena into the sheet, each site's days by its own clock."""

import os
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from aws_lambda_powertools import Logger

from pipeline.errors import UserError
from pipeline.mirror import Window, mirror
from pipeline.mirror.sheet_parameter import sheet_of
from pipeline.places import shipped
from pipeline.query.athena import Athena

DAYS = 3  # CloudFront may deliver a day's last log on the day after the next, by the clock of some site

logger = Logger()


def handler(_event: object, _context: object) -> dict[str, int]:
    """The rows of each tab, as they are logged."""
    begun = time.monotonic()
    try:
        end = sheet_of(os.environ["FIRN_SHEET_PARAMETER"])
        engine = Athena(os.environ["FIRN_DATABASE"], os.environ["FIRN_WORKGROUP"])
        rows = mirror(engine, end, Window(DAYS, datetime.now(UTC), time_zones(shipped("firn.toml"))))
    except UserError as error:
        logger.error(str(error))  # noqa: TRY400 (the sentence says it all)
        raise
    logger.info("mirror", rows=rows, milliseconds=int((time.monotonic() - begun) * 1000))
    return rows


def time_zones(settings: Path) -> dict[str, str]:
    """Site → time zone; deploying has checked the file, so that TOML is enough."""
    tables = tomllib.loads(settings.read_text(encoding="utf-8"))
    return {name: site.get("time_zone", "UTC") for name, site in tables.get("sites", {}).items()}
