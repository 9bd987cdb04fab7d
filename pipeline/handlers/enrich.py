"""Messages of the queue in, rows of the raw objects that they name into the lake; out: which messages failed."""

import logging
import os
import time
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from pipeline.errors import UserError
from pipeline.glue_catalog import glue_lake
from pipeline.lake import Lake, LakeBusy, opened
from pipeline.load import Tally, loaded
from pipeline.places import shipped
from pipeline.raw import RawObject
from pipeline.raw.messages import raw_objects
from pipeline.raw.s3 import Unreached
from pipeline.settings import load
from pipeline.transform import Given

RULES = load(shipped("firn.toml")).rules
Named = dict[str, list[RawObject]]
Faults = dict[str, str]

logger = Logger()
logging.getLogger("pyiceberg").setLevel(logging.ERROR)  # it warns of each commit that is then tried again


@cache
def lake() -> Lake:
    """Opened once for all runs of this process; `loaded` loads its tables anew each time."""
    return opened(glue_lake(os.environ["FIRN_DATABASE"]))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Put what the messages name into the lake, in one commit a table; the messages that failed come again."""
    named, faults = read({it["messageId"]: it["body"] for it in event["Records"]})
    faults |= put(named)
    for message, why in faults.items():
        logger.warning(why, message_id=message)
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, partial(judge, faults), processor, context)


def judge(faults: Faults, record: SQSRecord) -> None:
    """Nothing for a message that is done with; raises UserError for one that failed, as powertools wants it."""
    if record.message_id in faults:
        raise UserError(faults[record.message_id])


def read(bodies: dict[str, str]) -> tuple[Named, Faults]:
    """The raw objects that each message names, or why it cannot be read."""
    named, faults = Named(), Faults()
    for message, body in bodies.items():
        try:
            named[message] = raw_objects(body, os.environ["FIRN_RAW_BUCKET"])
        except UserError as error:
            faults[message] = str(error)
    return named, faults


def put(named: Named) -> Faults:
    """Put all objects into the lake, each once; the messages that failed, and why.

    Raises what nobody foresaw, once it is sure that not one message alone brought it about.
    """
    try:
        return put_at_once(named)
    except Exception:
        if len(named) == 1:
            raise
        logger.exception("The batch failed; each message is now tried by itself.")
    faults = Faults()
    for message, some in named.items():
        try:
            faults |= put_at_once({message: some})
        except Exception as error:  # noqa: BLE001 (whatever it is, the other messages' rows are to be put in)
            faults[message], last = f"{type(error).__name__}: {error}", error
    if len(faults) == len(named):
        raise last
    return faults


def put_at_once(named: Named) -> Faults:
    """Put all objects into the lake in one commit a table; the messages that name one that cannot be read, and why."""
    begun = time.monotonic()
    objects = {it.name: it for some in named.values() for it in some}
    given = Given(RULES, datetime.now(UTC).replace(tzinfo=None))
    try:
        tally = loaded(list(objects.values()), given, lake())
    except (LakeBusy, Unreached) as error:  # it passes: all of them come again
        return dict.fromkeys(named, str(error))
    logger.info("enriched", extra={**told(tally), "milliseconds": round((time.monotonic() - begun) * 1000)})
    return {
        message: f"{it.name} cannot be read to its end ({tally.unreadable[it.name]}): put it into the bucket anew."
        for message, some in named.items()
        for it in some
        if it.name in tally.unreadable
    }


def told(tally: Tally) -> dict[str, int]:
    """What became of the lines."""
    return {
        "objects": tally.objects,
        "lines": tally.lines,
        "events": tally.events,
        "bad_rows": tally.bad_rows,
        "ignored": tally.ignored.total(),
    }
