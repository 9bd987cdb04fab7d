"""The address of the page that led here → its parts."""

from typing import NamedTuple

from enrich.step import Fault
from enrich.url_parts import parts


class Referrer(NamedTuple):
    """The parts of `page_referrer`, each as it stands in the address."""

    refr_urlscheme: str | None = None
    refr_urlhost: str | None = None
    refr_urlport: int | Fault | None = None
    refr_urlpath: str | None = None
    refr_urlquery: str | None = None
    refr_urlfragment: str | None = None


def referrer(page_referrer: str | None) -> Referrer:
    """Split the referrer's address."""
    return Referrer(*parts("refr", page_referrer)) if page_referrer is not None else Referrer()
