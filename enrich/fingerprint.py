"""All that the tracker sent → a hash by which copies of one event are told.

Source: Snowplow's event fingerprint enrichment: of each parameter in the order of names its name, U+001F, its value,
U+001F; as UTF-8, under MD5.
"""

from hashlib import md5
from typing import NamedTuple

import pyarrow as pa

from enrich.step import Failure

EXCLUDED = frozenset({"eid", "stm"})  # `stm` differs between retries, `eid` between events of equal content
SEPARATOR = "\x1f"


class Fingerprint(NamedTuple):
    """32 hexadecimal digits."""

    event_fingerprint: pa.Array


def fingerprint(sent: pa.Array) -> tuple[Fingerprint, list[Failure]]:
    """Hash `sent`, the parameters but the excluded ones, as the protocol hands them over."""
    digests = [md5(text, usedforsecurity=False).hexdigest() for text in sent.cast(pa.binary()).to_pylist()]
    return Fingerprint(pa.array(digests, pa.string())), []
