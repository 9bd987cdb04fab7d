"""Text as a column may hold it."""

CONTROL: dict[int, str | None] = dict.fromkeys((*range(32), 127)) | {ord("\t"): "    "}


def cleaned(text: str) -> str | None:
    """The text with each tab as four spaces and without other control characters; null where nothing is left.

    Source: Snowplow's tracker protocol as its enrichment reads it.
    """
    return text.translate(CONTROL) or None
