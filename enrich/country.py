"""Country and network, as CloudFront resolved them at the edge: no address is needed for either."""

import re
from typing import NamedTuple

from enrich.step import Fault, Long

LAST_ASN = 2**32 - 1


class Place(NamedTuple):
    """ISO 3166-1's two letters, and the number of the visitor's network (autonomous system)."""

    geo_country: str | Fault | None = None
    asn: Long | Fault | None = None


def country(c_country: str | None, asn_field: str | None) -> Place:
    """Read the log's fields `c-country` and `asn`."""
    return Place(country_of(c_country), asn_of(asn_field))


def country_of(text: str | None) -> str | Fault | None:
    """The country's two letters."""
    if text is None or re.fullmatch("[A-Z]{2}", text):
        return text
    return Fault("c-country", text, "not two letters")


def asn_of(text: str | None) -> Long | Fault | None:
    """The network's number."""
    if text is None:
        return None
    if re.fullmatch("[0-9]{1,10}", text) and int(text) <= LAST_ASN:
        return Long(text)
    return Fault("asn", text, "not the number of a network")
