"""Link decoration: what the site that led here wrote into the page's query as `_sp`.

Source: Snowplow's cross-navigation enrichment: parts between dots, the first an id, the second the time in ms.
"""

from typing import NamedTuple

from enrich.campaign import parameters
from enrich.integers import moment
from enrich.step import Fault, Millis
from enrich.text import cleaned

DECORATION = "_sp"


class CrossNavigation(NamedTuple):
    """Whom the other site's cookie knows, and when the link was followed."""

    refr_domain_userid: str | None = None
    refr_dvce_tstamp: Millis | Fault | None = None


def cross_navigation(page_urlquery: str | None) -> CrossNavigation:
    """Read the decoration; anybody can type one, so a time that is none is a Fault and no more."""
    decoration = parameters(page_urlquery or "").get(DECORATION, "")
    userid, _, rest = decoration.partition(".")
    return CrossNavigation(cleaned(userid), time(decoration, rest.partition(".")[0]))


def time(decoration: str, text: str) -> Millis | Fault | None:
    """The second part, which is read as a tracker's own times are."""
    try:
        return Millis(moment(text)) if text else None
    except ValueError:
        return Fault(DECORATION, decoration, "its second part is no time in ms")
