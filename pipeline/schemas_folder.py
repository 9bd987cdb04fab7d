"""A folder of JSON Schemas in Iglu's layout, `vendor/name/format/version` → their texts, by their Iglu addresses."""

from pathlib import Path

from pipeline.json_schema import misfit

FORMAT = "jsonschema"
VERSIONS = f"*/*/{FORMAT}/[0-9]*-[0-9]*-[0-9]*"


def schemas_in(folder: Path) -> dict[str, str]:
    """The schemas in the folder.

    Raises:
        ValueError: there is no such folder, no schema in it, or one that cannot be used; each is named.
    """
    files = sorted(folder.glob(VERSIONS))
    if not files:
        raise ValueError(f"{folder} holds no schema: it must have files such as vendor/name/{FORMAT}/1-0-0")
    mistakes, texts = [], {}
    for file in files:
        address = "/".join(file.relative_to(folder).parts)
        try:
            texts[f"iglu:{address}"] = text = file.read_text(encoding="utf-8")
            misfit(text)
        except (OSError, ValueError) as error:
            mistakes.append(f"{address} cannot be used: {error}")
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return texts
