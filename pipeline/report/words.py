"""Numbers, days and codes → the words that a page shows."""

from datetime import date
from functools import cache
from importlib.resources import files

UNKNOWN = "unknown"
NOTHING = "–"  # noqa: RUF001, a dash
# A share of fewer than these is chance: it is told as the counts themselves.
FEW = 30
LONGEST = 160

CHANNELS = {
    "direct": "Direct",
    "organic_search": "Search",
    "paid_search": "Paid search",
    "social": "Social",
    "email": "E-mail",
    "ai_assistant": "AI assistants",
    "video": "Video",
    "shopping": "Shopping",
    "developer": "Developer sites",
    "referral": "Other sites",
    "campaign": "Campaigns",
    "internal": "Own sites",
}
PURPOSES = {
    "ai_training": "trains a model",
    "ai_search": "AI search",
    "ai_assistant": "asked by a person",
    "search": "search engine",
    "seo": "SEO",
    "preview": "link previews",
    "monitoring": "monitoring",
    "feed": "feed reader",
    "tool": "tool",
}


def counted(number: float) -> str:
    """1204 → 1,204."""
    return f"{round(number):,}"


def of(number: int, noun: str) -> str:
    """1204 and visit → 1,204 visits."""
    return f"{counted(number)} {noun}{'' if number == 1 else 's'}"


def average(whole: int, days: int) -> str:
    """How many a day; with a decimal where that is a few."""
    a_day = whole / days
    return f"{a_day:.1f}" if 0 < a_day < 10 else counted(a_day)  # noqa: PLR2004 (two digits say enough)


def share(part: int, whole: int) -> str:
    """43%, or 3 of 7 where a percentage would say more than is known."""
    if not whole:
        return NOTHING
    return f"{part} of {whole}" if whole < FEW else percent(part / whole)


def percent(ratio: float) -> str:
    """0.43 → 43%."""
    return "<1%" if 0 < ratio < 0.005 else f"{ratio:.0%}"  # noqa: PLR2004 (what would round to 0%)


def clock(seconds: float) -> str:
    """75 → 1:15."""
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"


def change(before: float, now: float) -> str:
    """+12%, or where they are few +3."""
    if min(before, now) < FEW:
        return signed(round(now - before), "")
    return signed(round(100 * (now - before) / before), "%")


def signed(number: int, unit: str) -> str:
    """With a plus, or with a minus as wide as it."""
    return f"{'+' if number > 0 else '−' if number < 0 else '±'}{abs(number):,}{unit}"  # noqa: RUF001


def day(it: date) -> str:
    """Sat 31 Oct."""
    return f"{it:%a} {it.day} {it:%b}"


def long_day(it: date) -> str:
    """Saturday 31 October."""
    return f"{it:%A} {it.day} {it:%B}"


def span(first: date, last: date) -> str:
    """1 to 31 October 2026."""
    start = f"{first.day}"
    if (first.year, first.month) != (last.year, last.month):
        start += f" {first:%B}"
    if first.year != last.year:
        start += f" {first.year}"
    end = f"{last.day} {last:%B} {last.year}"
    return end if first == last else f"{start} to {end}"


def short(text: str | None) -> str:
    """The text as a line shows it; a stranger's may be of any length."""
    if not text:
        return UNKNOWN
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def listed(*parts: str | None) -> str:
    """Those that there are, with a dot between."""
    return " · ".join(short(it) for it in parts if it)


def channel(code: str | None) -> str:
    """The channel's name."""
    return UNKNOWN if code is None else CHANNELS.get(code, code)


def purpose(code: str | None) -> str | None:
    """What a bot comes for."""
    return None if code is None else PURPOSES.get(code, code)


def country(code: str | None) -> str:
    """The country's name; a code that has none stays as it is."""
    return UNKNOWN if code is None else countries().get(code, code)


@cache
def countries() -> dict[str, str]:
    """The names of ISO 3166's codes, as the time zone database spells them."""
    text = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {code: name.replace("Britain (UK)", "United Kingdom") for code, name in lines}
