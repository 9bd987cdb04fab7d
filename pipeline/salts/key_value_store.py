"""Salts where the edge function reads them: the KeyValueStore's ARN and the sites' zones in, the store up to date."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

import boto3

from pipeline.salts import changes

TRIES = 5
PAUSE = 1.0
"""Seconds between two tries."""
KEYS_A_CALL = 50
"""AWS takes 50 keys or 3 MB a call, and lists no more on a page. A key's value here has 200 bytes, of 1024 allowed."""


class Renewal(NamedTuple):
    """How many keys were written, and how many were dropped because their site is gone."""

    written: int
    dropped: int


def renew_salts(store: str, zones: Mapping[str, str], now: int) -> Renewal:
    """Bring the store up to `now` (epoch ms); `zones` is site → time zone. Safe when two runs meet.

    An update names the version of the store that it was computed from. When another run was faster AWS refuses it, as a
    conflict by the API's model, as a failed validation by the experience of others; then all is read anew.

    Raises:
        botocore.exceptions.ClientError: AWS refused for another reason, or each of five times.
    """
    # Its requests are signed for all regions at once (SigV4A), which boto3 leaves to awscrt.
    client = boto3.Session().client("cloudfront-keyvaluestore")
    for _ in range(TRIES - 1):
        with suppress(client.exceptions.ConflictException, client.exceptions.ValidationException):
            return renewal(client, store, zones, now)
        time.sleep(PAUSE)
    return renewal(client, store, zones, now)


def renewal(client: Any, store: str, zones: Mapping[str, str], now: int) -> Renewal:  # noqa: ANN401, boto3 has no types
    """One try: a description, a list, and an update where something has to change."""
    version = client.describe_key_value_store(KvsARN=store)["ETag"]  # first: what changes later fails the update
    due = changes(dict(pairs(client, store)), zones, now)
    for part in parts(due):
        version = client.update_keys(KvsARN=store, IfMatch=version, **part)["ETag"]
    dropped = list(due.values()).count(None)
    return Renewal(len(due) - dropped, dropped)


def pairs(client: Any, store: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401, as above
    """All that the store holds."""
    pages = client.get_paginator("list_keys").paginate(KvsARN=store, PaginationConfig={"PageSize": KEYS_A_CALL})
    for page in pages:
        for item in page.get("Items", ()):
            yield item["Key"], item["Value"]


def parts(due: Mapping[str, str | None]) -> Iterator[dict[str, list[dict[str, str]]]]:
    """The changes as arguments of one call after the other; a site is one key, so that it is whole after each."""
    items = iter(due.items())
    while part := list(islice(items, KEYS_A_CALL)):
        puts = [{"Key": key, "Value": value} for key, value in part if value is not None]
        deletes = [{"Key": key} for key, value in part if value is None]
        yield {name: them for name, them in (("Puts", puts), ("Deletes", deletes)) if them}
