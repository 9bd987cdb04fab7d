"""All that the tracker sent → a hash by which copies of one event are told.

Source: Snowplow's event fingerprint enrichment: of each parameter in the order of names its name, U+001F, its value,
U+001F; as UTF-8, under MD5.
"""

import hashlib
from typing import NamedTuple

EXCLUDED = frozenset({"eid", "stm"})  # `stm` differs between retries, `eid` between events of equal content
SEPARATOR = "\x1f"


class Fingerprint(NamedTuple):
    """32 hexadecimal digits."""

    event_fingerprint: str | None = None


def fingerprint(sent: str | None) -> Fingerprint:
    """Hash `sent`, the parameters but the excluded ones, as the protocol hands them over."""
    return Fingerprint(hashlib.md5(sent.encode(), usedforsecurity=False).hexdigest() if sent is not None else None)
