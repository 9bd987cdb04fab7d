"""A salt, a site, an address and a user agent in; out comes the visitor: a hash that only this salt can make.

The same computation as the edge function's in `tracker/edge/`, for logs that still hold the visitor's address.
"""

import base64
import hashlib
import hmac
import ipaddress
import re

from enrich.ip_address import groups

IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")


def visitor_hash(salt: str, site: str, ip: str, useragent: str) -> str | None:
    """The first 16 bytes, as base64url, of HMAC-SHA256(salt, site NUL ip NUL useragent); None if ip is no address."""
    address = hashed_address(ip)
    if address is None:
        return None
    message = f"{site}\0{address}\0{useragent}".encode(errors="replace")
    digest = hmac.digest(salt.encode(), message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def hashed_address(ip: str) -> str | None:
    """What of an address tells visitors apart: the whole IPv4, of IPv6 the /64, in which a device changes its own."""
    if IPV4.fullmatch(ip):  # nearly all
        return ip
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return ":".join(groups(address)[:4])
