"""Once a day: each site's salts for the coming days go into the KeyValueStore, and those that are over out of it."""

import os
import time
import tomllib
from pathlib import Path

from aws_lambda_powertools import Logger

from pipeline.places import shipped
from pipeline.salts.key_value_store import renew_salts

logger = Logger()


def handler(_event: object, _context: object) -> dict[str, int]:
    """The run in numbers, as they are logged. No salt: what `pulumi up` invokes ends in Pulumi's state."""
    begun = time.monotonic()
    zones = time_zones(shipped("firn.toml"))
    renewal = renew_salts(os.environ["FIRN_KEY_VALUE_STORE"], zones, time.time_ns() // 1_000_000)
    numbers = {"sites": len(zones), **renewal._asdict(), "milliseconds": int((time.monotonic() - begun) * 1000)}
    logger.info("salts", **numbers)
    return numbers


def time_zones(settings: Path) -> dict[str, str]:
    """Site → time zone, of sites that tell visitors apart; deploying has checked the file, so that TOML is enough."""
    tables = tomllib.loads(settings.read_text(encoding="utf-8"))
    if tables.get("privacy", {}).get("visitor") == "none":
        return {}
    return {name: site.get("time_zone", "UTC") for name, site in tables.get("sites", {}).items()}
