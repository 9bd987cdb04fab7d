"""The page's address, from the tracker or else the Referer header, and its parts."""

from typing import NamedTuple

from enrich.step import Fault
from enrich.url_parts import cleaned_url, parts


class PageUrl(NamedTuple):
    """`page_url` and its parts, each as it stands in the address."""

    page_url: str | None = None
    page_urlscheme: str | None = None
    page_urlhost: str | None = None
    page_urlport: int | Fault | None = None
    page_urlpath: str | None = None
    page_urlquery: str | None = None
    page_urlfragment: str | None = None


def page_url(url: str | None, cs_referer: str | None) -> PageUrl:
    """Split the page's address; a page without script has only its Referer, across sites the origin alone."""
    if url is not None:
        return PageUrl(url, *parts("url", url))
    if cs_referer is not None and (cleaned := cleaned_url(cs_referer)):
        return PageUrl(cleaned, *parts("cs(Referer)", cleaned))
    return PageUrl()
