"""`firn.toml` → Settings; every mistake in it is told at once, each with its key and the mend.

The keys and their meaning stand in the example, `firn.toml` in the project's root.
"""

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo

from enrich.rules import Campaigns, Filters, IpAddress, PageGroups, Rules, Site
from pipeline.errors import UserError
from pipeline.schemas_folder import schemas_in

HOST = re.compile(r"\*|(\*\.)?[^*/:\s]+")


@dataclass(frozen=True)
class Gathering:
    """How the enrich function gathers raw objects into one run: for how long at most, in seconds, and how many."""

    window_seconds: int = 300
    batch_size: int = 100


@dataclass(frozen=True)
class Settings:
    """All that the owner decided."""

    rules: Rules = field(default_factory=Rules)
    enrich: Gathering = field(default_factory=Gathering)


def load(path: Path | None) -> Settings:
    """The settings in the file, or the defaults where there is none.

    Raises:
        UserError: the file cannot be read, or holds what it may not hold.
    """
    return settings(path.name, read(path), path.parent) if path else Settings()


def read(path: Path) -> dict[str, Any]:
    """The file as TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"Cannot read the settings {path}: {error.strerror}; name another file with --settings."
        ) from error
    except ValueError as error:
        raise UserError(f"{path.name} is no TOML: {error}; mend that place and run again.") from error


def settings(name: str, tables: dict[str, Any], folder: Path = Path()) -> Settings:
    """The settings that the tables of the file `name` hold; what they name is looked for in `folder`."""
    try:
        return File.model_validate(tables, context={"folder": folder}).settings()
    except ValidationError as error:
        mistakes = "\n".join(f"  {mistake(it)}" for it in error.errors())  # type: ignore[arg-type] # a TypedDict is a dict
        raise UserError(f"{name} holds what it may not:\n{mistakes}") from error


def mistake(it: dict[str, Any]) -> str:
    """One mistake: the key, what is wrong with it, and of a word that is nearly right the right one."""
    key = ".".join(str(part) for part in it["loc"])
    if it["type"] == "extra_forbidden":
        return f"{key}: there is no such setting{nearest(str(it['loc'][-1]), siblings(it['loc']))}"
    return f"{key}: {it['msg'].removeprefix('Value error, ')}"


def nearest(word: str, words: list[str]) -> str:
    """A question that offers the nearest of the words, if any is near."""
    near = difflib.get_close_matches(word, words, 1)
    return f"; did you mean {near[0]}?" if near else ""


def siblings(place: tuple[Any, ...]) -> list[str]:
    """The settings that could stand at that place."""
    model: type[BaseModel] = File
    for part in place[:-1]:
        inner = model.model_fields[part].annotation if part in model.model_fields else SiteTable
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else SiteTable
    return list(model.model_fields)


def is_zone(name: str) -> str:
    """A time zone's name, as IANA spells it."""
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone{nearest(name, sorted(available_timezones()))}")
    return name


def is_path(path: str) -> str:
    """A path as a request has it."""
    if not path.startswith("/") or "?" in path:
        raise ValueError(f"{path!r} is no path: begin it with / and leave out the query")
    return path


def is_host(host: str) -> str:
    """A host, `*.` and a host, or `*`."""
    if not HOST.fullmatch(host):
        raise ValueError(f"{host!r} is no host: write example.com, *.example.com or *")
    return host.lower()


def is_mark(mark: str) -> str:
    """A mark in the page's query."""
    if not mark.startswith("?") or len(mark) == 1 or "&" in mark:
        raise ValueError(f"{mark!r} is no mark: write ?name=value or ?name")
    return mark


def is_pattern(pattern: str) -> str:
    """A pattern of paths."""
    if not pattern.startswith("/") or "**" in pattern.removesuffix("/**") or "?" in pattern:
        raise ValueError(f"{pattern!r} is no pattern: write /product/* or /docs/**")
    return pattern


def schemas(folder: str, info: ValidationInfo) -> dict[str, str]:
    """The schemas in the folder, which stands beside the settings."""
    if not isinstance(folder, str):
        raise ValueError("it is no path")  # noqa: TRY004 - pydantic's kind of refusal
    return schemas_in((info.context or {})["folder"] / folder)


Zone = Annotated[str, AfterValidator(is_zone)]
PixelPath = Annotated[str, AfterValidator(is_path)]
Host = Annotated[str, AfterValidator(is_host)]
Mark = Annotated[str, AfterValidator(is_mark)]
Pattern = Annotated[str, AfterValidator(is_pattern)]
Schemas = Annotated[dict[str, str], BeforeValidator(schemas)]


class Table(BaseModel):
    """A table of the file: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SiteTable(Table):
    """`[sites.NAME]`."""

    hosts: Annotated[list[Host], Field(min_length=1)] = ["*"]
    time_zone: Zone = "UTC"


class PrivacyTable(Table):
    """`[privacy]`."""

    ip_address: Literal["drop", "mask", "keep"] = "drop"
    ipv4_octets: Annotated[int, Field(ge=1, le=4)] = 2
    ipv6_segments: Annotated[int, Field(ge=1, le=8)] = 5
    visitor: Literal["day", "none"] = "day"


class ReferrersTable(Table):
    """`[referrers]`."""

    internal_domains: list[Host] = []


class CollectorTable(Table):
    """`[collector]`."""

    pixel_paths: Annotated[list[PixelPath], Field(min_length=1)] = list(Rules().pixel_paths)


class CampaignsTable(Table):
    """`[campaigns]`."""

    keep_click_ids: bool = False
    medium: list[str] = list(Campaigns().medium)
    source: list[str] = list(Campaigns().source)
    term: list[str] = list(Campaigns().term)
    content: list[str] = list(Campaigns().content)
    campaign: list[str] = list(Campaigns().campaign)
    click_ids: dict[str, str] = dict(Campaigns().click_ids)


class FiltersTable(Table):
    """`[filters]`."""

    bots: bool = True
    own_visits: list[Mark] = []


class EnrichTable(Table):
    """`[enrich]`, within what an event source mapping of SQS takes: more than ten objects need a window."""

    window_seconds: Annotated[int, Field(ge=1, le=300)] = Gathering().window_seconds
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = Gathering().batch_size


class PageGroupsTable(Table):
    """`[page_groups]`."""

    patterns: list[Pattern] = []
    ids: bool = True
    query: list[str] = []


class SchemasTable(Table):
    """`[schemas]`."""

    folder: Schemas = {}


class File(Table):
    """The whole file."""

    sites: dict[str, SiteTable] = {}
    privacy: PrivacyTable = PrivacyTable()
    referrers: ReferrersTable = ReferrersTable()
    collector: CollectorTable = CollectorTable()
    campaigns: CampaignsTable = CampaignsTable()
    filters: FiltersTable = FiltersTable()
    enrich: EnrichTable = EnrichTable()
    page_groups: PageGroupsTable = PageGroupsTable()
    schemas: SchemasTable = SchemasTable()

    def settings(self) -> Settings:
        """The same as the values that the rest of the house uses."""
        privacy, campaigns, groups = self.privacy, self.campaigns, self.page_groups
        return Settings(
            Rules(
                sites={name: Site(tuple(it.hosts), it.time_zone) for name, it in self.sites.items()},
                pixel_paths=tuple(self.collector.pixel_paths),
                ip_address=IpAddress(privacy.ip_address, privacy.ipv4_octets, privacy.ipv6_segments),
                visitor=privacy.visitor,
                internal_domains=tuple(self.referrers.internal_domains),
                campaigns=Campaigns(
                    medium=tuple(campaigns.medium),
                    source=tuple(campaigns.source),
                    term=tuple(campaigns.term),
                    content=tuple(campaigns.content),
                    campaign=tuple(campaigns.campaign),
                    click_ids=campaigns.click_ids,
                    keep_click_ids=campaigns.keep_click_ids,
                ),
                filters=Filters(self.filters.bots, tuple(self.filters.own_visits)),
                page_groups=PageGroups(tuple(groups.patterns), groups.ids, tuple(groups.query)),
                schemas=self.schemas.folder,
            ),
            Gathering(self.enrich.window_seconds, self.enrich.batch_size),
        )
