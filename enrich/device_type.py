"""A user agent → the device's kind, in the words of Snowplow's `dvce_type`.

Told by what browsers agree on: a phone's says `Mobi`, an Android that does not is a tablet or larger.
Source: MDN, "Browser detection using the user agent string"; for what is no touch screen, the systems' own words.
"""

import re

COMPUTER, MOBILE, TABLET, UNKNOWN = "Computer", "Mobile", "Tablet", "Unknown"

# The first that is found tells the kind. No rule here needs more than the text: ua-parser's families would have to be
# listed one by one.
KINDS = tuple(
    (kind, re.compile(words))
    for kind, words in (
        (UNKNOWN, r"SMART-TV|SmartTV|\bAndroid TV\b|\bAFT[A-Z]|\bBRAVIA\b|AppleTV|CrKey|PlayStation \d|Xbox|Nintendo"),
        (TABLET, r"\biPad\b|\bTablet\b(?! PC)|\bKindle\b|\bSilk/|PlayBook|\bARM; Touch\b|^(?=.*Windows NT ).*\bRT\b"),
        (TABLET, r"^(?!.*(\bMobi|\bOpera Mini)).*\bAndroid\b"),
        (MOBILE, r"\bMobi|\biPhone\b|\biPod\b|\bOpera Mini\b|Windows (CE|Phone)|IEMobile|BlackBerry|\bBB10\b"),
        (MOBILE, r"J2ME|MIDP|Symbian|SymbOS|NokiaBrowser|\bKAIOS\b|PlayStation Vita"),
        (COMPUTER, r"\bWindows\b|\bMacintosh\b|\bMac OS X\b|\bX11\b|\bCrOS\b|\bSunOS\b"),
    )
)
MOBILE_KINDS = frozenset({MOBILE, TABLET})


def device_type(text: str) -> str:
    """The device's kind by its user agent."""
    return next((kind for kind, words in KINDS if words.search(text)), UNKNOWN)
