"""Once a day, and with each deployment: tables and views as this release and the owner's sites ask for them."""

import os
import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from pipeline.glue_catalog import glue_lake
from pipeline.lake import TABLES, prepared
from pipeline.maintain import lay_views
from pipeline.places import shipped
from pipeline.query.athena import Athena
from pipeline.settings import load

RULES = load(shipped("firn.toml")).rules

logger = Logger()


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, list[str]]:
    """Make what is missing, make the views anew; which tables and views there are now."""
    begun, database = time.monotonic(), os.environ["FIRN_DATABASE"]
    prepared(glue_lake(database))
    views = lay_views(Athena(database, os.environ["FIRN_WORKGROUP"]).execute, RULES.sites)
    made = {"tables": list(TABLES), "views": views}
    logger.info("maintained", extra={**made, "milliseconds": round((time.monotonic() - begun) * 1000)})
    return made
