"""What the owner decided: firn.toml and Pulumi's own configuration, as one value; or all that is wrong with them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

import pulumi
import pulumi_aws as aws

from infra.owned import owned
from pipeline.errors import UserError
from pipeline.places import shipped
from pipeline.settings import Settings, load, nearest

ROOT = Path(__file__).parents[1]
ARTEFACTS = ("enrich", "mirror", "salts")
SHIPPED = "pipeline/shipped/"
OURS = f"{SHIPPED}queries/"
# The stack's name stands in the names of buckets (63 characters, and log delivery takes no dots) and of roles (64).
STACK = re.compile(r"[a-z][a-z0-9-]{0,19}")
PIXEL_PATHS_OF_THE_FUNCTION = re.compile(r"^const PIXEL_PATHS = \[(.+)\];$", re.MULTILINE)


class Key(NamedTuple):
    """A key of Pulumi's configuration: what it must be, in words and as a pattern, and what holds without it."""

    form: str
    pattern: str
    default: str = ""


KEYS = {
    "email": Key("the address that alarms are mailed to", r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "settings": Key("the path of your firn.toml, from the project's folder", r".+", "firn.toml"),
    "artefacts": Key("the folder of the functions' zips, from the project's folder", r".+", "dist"),
    "domain": Key("a host of yours, such as analytics.example.com", r"([a-z0-9-]+\.)+[a-z]+"),
    "zone": Key("the id of the domain's Route 53 zone, such as Z0123456789ABC", r"Z[A-Z0-9]+"),
    "certificate": Key(
        "the ARN of a certificate in us-east-1, the one region that CloudFront takes them from",
        r"arn:aws:acm:us-east-1:\d{12}:certificate/.+",
    ),
    "distribution": Key("the id of your own distribution, such as E0123456789ABC", r"E[A-Z0-9]+"),
    "sheetUrl": Key("the web app's address, https://script.google.com/macros/s/…/exec", r"https://\S+/exec"),
    "sheetSecret": Key("the secret that the sheet's setup() showed", r"\S{16,}"),
    "keepData": Key("true or false", r"true|false", "true"),
    "rawDays": Key("for how many days raw logs are kept, 4 or more", r"[4-9]|[1-9]\d{1,3}", "90"),
    "scanGigabytes": Key("how much one query may read, in whole gigabytes", r"[1-9]\d{0,4}", "100"),
    "budgetDollars": Key("the account's monthly cost above which you are mailed", r"[1-9]\d{0,5}", "5"),
}
REQUIRED = ("email",)
SECRETS = ("sheetSecret",)
# Which key says nothing without one of the others, and which two contradict each other.
NEEDS = {
    "domain": ("zone", "certificate"),
    "zone": ("domain",),
    "certificate": ("domain",),
    "sheetUrl": ("sheetSecret",),
    "sheetSecret": ("sheetUrl",),
}
EXCLUDES = (("zone", "certificate"), ("distribution", "domain"))


@dataclass(frozen=True)
class Config:
    """All that the program needs to know; a key of KEYS that was not set and has no default is "" here."""

    stack: str
    account: str
    region: str
    settings: Settings
    values: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """The value of that key of KEYS."""
        return self.values.get(key, KEYS[key].default)

    @property
    def prefix(self) -> str:
        """What every name in the account begins with, so that two stacks fit in one."""
        return f"firn-{self.stack}"

    @property
    def database(self) -> str:
        """The name of the Glue database, in which Athena takes no hyphen."""
        return self.prefix.replace("-", "_")

    @property
    def keeps_data(self) -> bool:
        """Whether `pulumi destroy` leaves the raw logs and the lake."""
        return self["keepData"] == "true"

    def artefact(self, name: str) -> Path:
        """The zip of that name."""
        return ROOT / self["artefacts"] / f"{name}.zip"


def from_pulumi() -> Config:
    """The configuration of the stack that is being deployed; raises RunError, which Pulumi prints as it is."""
    bag = pulumi.Config("firn")
    values = {key: value for key in KEYS if (value := bag.get(key)) is not None}
    try:
        settings = checked(pulumi.get_stack(), values | unknown(), ROOT, in_clear(values))
    except UserError as error:
        raise pulumi.RunError(str(error)) from None
    account, region = aws.get_caller_identity().account_id, aws.get_region().region
    return Config(pulumi.get_stack(), account, region, settings, values)


def unknown() -> dict[str, str]:
    """What stands in Pulumi's configuration under our name and is no key of ours."""
    known = {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
    ours = {key.removeprefix("firn:"): value for key, value in known.items() if key.startswith("firn:")}
    return {key: value for key, value in ours.items() if key not in KEYS}


def in_clear(values: Mapping[str, str]) -> list[str]:
    """The secrets that stand in the stack's file for everybody to read."""
    return [key for key in SECRETS if key in values and not pulumi.runtime.config.is_config_secret(f"firn:{key}")]


def checked(stack: str, values: Mapping[str, str], root: Path, readable: Sequence[str] = ()) -> Settings:
    """The settings, when all is right with them, with the values and with the files they name.

    Raises:
        UserError: names every mistake with its key.
    """
    path = root / values.get("settings", KEYS["settings"].default)
    folder = root / values.get("artefacts", KEYS["artefacts"].default)
    found = [*of_the_stack(stack), *of_the_values(values), *of_the_files(folder)]
    found += [f"firn:{key}: stands in clear; run `pulumi config set --secret firn:{key} …` instead" for key in readable]
    try:
        settings = load(path)
        found += [*of_the_settings(path.name, settings), *of_the_zips(folder, path)]
    except UserError as error:
        found.append(str(error).replace("\n  ", "\n    "))
    if found:
        raise UserError("Nothing was deployed; mend this first:\n" + "\n".join(f"  {it}" for it in found))
    return settings


def of_the_stack(stack: str) -> Iterator[str]:
    """What is wrong with the stack's name."""
    if not STACK.fullmatch(stack):
        yield (
            f"stack: {stack!r} would stand in the names of buckets, where logs are delivered to none with a dot: "
            "take a lower-case letter, then up to 19 of lower-case letters, digits and hyphens"
        )


def of_the_values(values: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with Pulumi's configuration."""
    for key, value in values.items():
        if key not in KEYS:
            yield f"firn:{key}: there is no such key{nearest(key, list(KEYS))}"
        elif not re.fullmatch(KEYS[key].pattern, value):
            shown = "this" if key == "sheetSecret" else repr(value)
            yield f"firn:{key}: {shown} is not {KEYS[key].form}"
    for key in REQUIRED:
        if key not in values:
            yield f"firn:{key}: is missing; run `pulumi config set firn:{key} …` with {KEYS[key].form}"
    for key, others in NEEDS.items():
        if key in values and not any(other in values for other in others):
            yield f"firn:{key}: says nothing without {' or '.join(f'firn:{other}' for other in others)}: set that too"
    for one, other in EXCLUDES:
        if one in values and other in values:
            yield f"firn:{one}: contradicts firn:{other}: remove one of them with `pulumi config rm`"


def of_the_files(folder: Path) -> Iterator[str]:
    """Which of the files to be deployed are not there."""
    for name in ARTEFACTS:
        if not (folder / f"{name}.zip").is_file():
            yield f"firn:artefacts: {folder.name}/{name}.zip is not there: run `make artefacts`"
    if not shipped("tracker/dist/main.js").is_file():
        yield "tracker/dist/main.js is not there: run `make setup`"


def of_the_zips(folder: Path, settings: Path) -> Iterator[str]:
    """Which of the zips hold other settings, or other schemas, than stand there now."""
    there = {(name, it.read_bytes()) for name, it in owned(settings).items()}
    for path in (folder / f"{name}.zip" for name in ARTEFACTS):
        if path.is_file() and (others := there ^ travelling(path)):
            name = min(name for name, _ in others)
            yield f"firn:artefacts: {folder.name}/{path.name} holds another {name}: run `make artefacts` again"


def travelling(artefact: Path) -> set[tuple[str, bytes]]:
    """What of the owner's a function will go by; nothing where the zip cannot be read."""
    try:
        with ZipFile(artefact) as archive:
            names = [it for it in archive.namelist() if it.startswith(SHIPPED) and not it.startswith(OURS)]
            return {(it.removeprefix(SHIPPED), archive.read(it)) for it in names}
    except BadZipFile:
        return set()


def of_the_settings(name: str, settings: Settings) -> Iterator[str]:
    """What a laptop may do without, and a deployment may not."""
    rules = settings.rules
    if not rules.sites:
        yield f"{name}: sites: names no site, so that nothing could be counted: add a table [sites.NAME]"
    hosts = Counter(host for site in rules.sites.values() for host in site.hosts if host != "*")
    for host in (host for host, times in hosts.items() if times > 1):
        yield f"{name}: sites: the host {host} stands there twice: leave it to one site"
    if sorted(rules.pixel_paths) != sorted(answered_paths()):
        yield (
            f"{name}: collector.pixel_paths: the edge function answers {', '.join(answered_paths())}: "
            "write the same paths here and in PIXEL_PATHS of tracker/edge/function.js"
        )


def answered_paths() -> list[str]:
    """The paths at which the edge function answers with a pixel."""
    found = PIXEL_PATHS_OF_THE_FUNCTION.search(shipped("tracker/edge/function.js").read_text(encoding="utf-8"))
    assert found, "function.js says its PIXEL_PATHS in one line"  # noqa: S101 (its form is ours)
    return [path.strip(" '") for path in found[1].split(",")]
