"""A table of host patterns → which of them a host is, or is below."""

import re
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
LONGEST = 253  # characters; no name of the DNS has more, and what a stranger sends may have a million dots
COUNTRY = re.compile(r"com|[a-z]{2}|(?:co|com|org|net)\.[a-z]{2}")


class Hosts(Generic[T]):
    """What each pattern stands for: `x.org` for itself and all below it, `x.*` for every country's x.

    `x.org/a` is the path /a there, and all paths whose first part is a; it outranks every pattern without a path.
    """

    def __init__(self, patterns: Mapping[str, T]) -> None:
        self.patterns = patterns

    def of(self, host: str, path: str = "") -> T | None:
        """What the most exact of the patterns that fit stands for."""
        if len(host) > LONGEST:
            return None
        names = list(names_of(host.lower()))
        paths = dict.fromkeys((path[:LONGEST].rstrip("/"), first_part(path[:LONGEST]), ""))
        found = (name + rest for rest in paths for name in names if name + rest in self.patterns)
        return next((self.patterns[it] for it in found), None)


def first_part(path: str) -> str:
    """`/a` of `/a/b/c`."""
    return "/".join(path.split("/", 2)[:2]).rstrip("/")


def names_of(host: str) -> Iterator[str]:
    """The patterns that would fit the host, the most exact first."""
    labels = host.split(".")
    for start in range(len(labels)):
        rest = labels[start:]
        yield ".".join(rest)
        yield from (
            ".".join((*rest[:-tail], "*"))
            for tail in (2, 1)
            if rest[:-tail] and COUNTRY.fullmatch(".".join(rest[-tail:]))
        )


def is_host(host: str | None, pattern: str) -> bool:
    """Whether `host` is `pattern`, or below `x` where the pattern is `*.x`; `*` is any host, and none."""
    if pattern == "*":
        return True
    host, pattern = (host or "").lower(), pattern.lower()
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
