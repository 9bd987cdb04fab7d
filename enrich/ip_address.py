"""The visitor's address → what of it may be kept: by default nothing.

Source: Snowplow's IP anonymisation enrichment.
"""

import re
from ipaddress import IPv6Address
from typing import NamedTuple

from enrich.rules import IpAddress, Rules
from enrich.text import cleaned

HIDDEN = "x"
BRACKETED = re.compile(r"\[(.+)\](?::[0-9]*)?")
MAPPED = re.compile(r"(::ffff:)([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)", re.IGNORECASE)


class Address(NamedTuple):
    """The address, or what is left of it."""

    user_ipaddress: str | None = None


LONGEST = 39  # eight groups of four, and seven colons
# Four groups of digits, or what may be an IPv6 address: many colons, or two in a row. A time of day has two apart.
# An escape's own digits are none of an address's: the second of `192.0.2.7,%20192.0.2.8` is one too.
ADDRESSES = re.compile(
    r"(?:(?<![\w.])|(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2}))[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.])"
    r"|(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f.]*"
    rf"|[0-9A-Fa-f:]{{0,{LONGEST}}}::[0-9A-Fa-f:.]*"
)
# A part of each, which begins with so rare a character that a line is soon looked through.
HINT = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.|:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:|::")


def without_addresses(text: str) -> str:
    """A log line that could not be read, without whatever looks like an address."""
    kept, at = [], 0
    while (hint := HINT.search(text, at)) and (found := ADDRESSES.search(text, max(at, hint.start() - LONGEST))):
        kept += [text[at : found.start()], HIDDEN]
        at = found.end()
    return "".join([*kept, text[at:]])


def ip_address(ip: str | None, c_ip: str | None, *, rules: Rules) -> Address:
    """The tracker's `ip`, its first part, or else the log's address, as far as the owner wants it kept."""
    address = cleaned(re.split(r"[,| ]", ip, maxsplit=1)[0]) if ip is not None else None
    address = address or cleaned(c_ip or "")
    if address is None or rules.ip_address.keep == "drop":
        return Address()
    return Address(address if rules.ip_address.keep == "keep" else masked(address, rules.ip_address))


def masked(address: str, how: IpAddress) -> str:
    """The address with its last parts hidden; text that is no address is masked by position all the same."""
    if bracketed := BRACKETED.fullmatch(address):
        address = bracketed[1]
    address = re.split("[%/]", address)[0]
    if mapped := MAPPED.fullmatch(address):
        return mapped[1] + masked_parts(mapped[2], ".", 4, how.ipv4_octets)
    address = expanded(address)
    if ":" not in address.partition(".")[0]:  # some logs hold an IPv4 address with its port
        return masked_parts(address, ".", 4, how.ipv4_octets)
    return masked_parts(address, ":", 8, how.ipv6_segments)


def masked_parts(address: str, separator: str, whole: int, hidden: int) -> str:
    """At most `whole` parts, those from the one after `whole - hidden` on hidden."""
    parts = address.split(separator)[:whole]
    return separator.join(HIDDEN if at >= whole - hidden else part for at, part in enumerate(parts))


def expanded(address: str) -> str:
    """An IPv6 address as eight groups without leading zeros; in other text `::` is filled up alike."""
    try:
        return ":".join(groups(IPv6Address(address)))
    except ValueError:
        start, gap, end = address.partition("::")
        missing = 8 - len(start.split(":")) - len(end.split(":"))
        return ":".join((start or "0", *("0" * missing), end)) if gap else address


def groups(address: IPv6Address) -> list[str]:
    """The eight groups without leading zeros; how Python itself spells mapped ones depends on its version."""
    return [f"{int.from_bytes(address.packed[at : at + 2]):x}" for at in range(0, 16, 2)]
