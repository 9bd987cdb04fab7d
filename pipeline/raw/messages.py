"""A message of the queue → the raw objects that it names, as S3 notifies of them: the event's versions 2.x."""

import json
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from pipeline.errors import UserError
from pipeline.raw import RawObject
from pipeline.raw.s3 import chunks

NO_EVENT = "The message is no event of S3 that Firn knows: see who sends it to the queue, then delete it there."


def raw_objects(body: str, bucket: str) -> list[RawObject]:
    """The objects of `bucket` that the message names, each by its key; none of the test that S3 sends once.

    Raises:
        UserError: the message is no event of S3, or one of another bucket.
    """
    match decoded(body):
        case {"Event": "s3:TestEvent"}:
            return []
        case {"Records": [_, *_] as records}:
            return [raw_object(it, bucket) for it in records]
    raise UserError(NO_EVENT)


def decoded(body: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """What the message's JSON holds; None where it is none, or spells half a character, which no table takes."""
    try:
        holds = json.loads(body)
        json.dumps(holds, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return holds


def raw_object(record: object, bucket: str) -> RawObject:
    """The object that was created."""
    match record:
        case {
            "eventVersion": str(version),
            "eventName": str(event),
            "s3": {"bucket": {"name": str(its_bucket)}, "object": {"key": str(encoded)}},
        } if version.startswith("2.") and event.startswith("ObjectCreated:") and encoded:
            if its_bucket != bucket:
                raise UserError(
                    f"The message names an object of the bucket {its_bucket!r}, and the raw bucket is {bucket}: "
                    f"take that bucket's notification away."
                )
            key = unquote_plus(encoded)  # spaces come as +, and = and + escaped
            return RawObject(key, partial(chunks, bucket, key))
    raise UserError(NO_EVENT)
