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
DIGITS = 32


class Fingerprint(NamedTuple):
    """32 hexadecimal digits."""

    event_fingerprint: pa.Array


def fingerprint(sent: pa.Array) -> tuple[Fingerprint, list[Failure]]:
    """Hash `sent`, the parameters but the excluded ones, as the protocol hands them over."""
    texts = sent.cast(pa.binary()).to_pylist()
    digests = b"".join([md5(text, usedforsecurity=False).digest() for text in texts]).hex().encode()
    ends = pa.array(range(0, len(digests) + 1, DIGITS), pa.int32())
    return Fingerprint(pa.StringArray.from_buffers(len(texts), ends.buffers()[1], pa.py_buffer(digests))), []
