"""An address → its parts, split where RFC 3986 (appendix B) splits it, whatever else is wrong with it."""

import re
from typing import NamedTuple

from enrich.step import Fault
from enrich.text import cleaned

URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
AUTHORITY = re.compile(r"(?:.*@)?(\[[^\]]*\]|[^:]*)(?::(.*))?", re.DOTALL)  # user and password are nobody's business
PORTS = {"https": 443}
HTTP = 80
LAST_PORT = 65535


class Parts(NamedTuple):
    """Scheme, host, port, path, query and fragment; null for what the address lacks or has empty."""

    scheme: str | None
    host: str | None
    port: int | Fault | None
    path: str | None
    query: str | None
    fragment: str | None


def cleaned_url(text: str) -> str | None:
    """The address without control characters, a space as `%20`; all else as it was sent."""
    text = cleaned(text) or ""
    return text.replace(" ", "%20") or None


def parts(parameter: str, url: str) -> Parts:
    """Split `url`, which came in `parameter`; a port that cannot be is a Fault."""
    scheme, authority, path, query, fragment = URL.fullmatch(url).groups()  # type: ignore[union-attr] # it always does
    scheme = scheme.lower() if scheme else None
    host, port = AUTHORITY.fullmatch(authority or "").groups()  # type: ignore[union-attr] # likewise
    return Parts(
        scheme,
        host or None,
        port_of(parameter, port or "", scheme) if host else None,
        path or None,
        query or None,
        fragment or None,
    )


def port_of(parameter: str, port: str, scheme: str | None) -> int | Fault:
    """The port as written, else the scheme's own."""
    if not port:
        return PORTS.get(scheme or "", HTTP)
    if not re.fullmatch("[0-9]+", port):
        return Fault(parameter, port, "no port number")
    number = int(port.lstrip("0")[:6] or "0")  # six digits are too many already
    return number if number <= LAST_PORT else Fault(parameter, port, "no port is above 65535")
