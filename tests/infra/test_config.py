"""What is wrong with a deployment is said before anything is created: all of it at once, each with its key."""

from pathlib import Path

import pytest

from infra.config import ROOT, Config, answered_paths, checked
from infra.dry import stand_ins
from pipeline.errors import UserError
from pipeline.settings import Settings, load

EMAIL = {"email": "owner@example.com"}
SITE = '[sites.blog]\nhosts = ["blog.example.com"]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one site, its zips built."""
    return written(tmp_path, SITE)


def written(project: Path, text: str) -> Path:
    (project / "firn.toml").write_text(text)
    (project / "dist").mkdir(exist_ok=True)
    stand_ins(project / "dist", project / "firn.toml")
    return project


def told(project: Path, values: dict[str, str], stack: str = "dev") -> list[str]:
    with pytest.raises(UserError) as error:
        checked(stack, values, project)
    first, *mistakes = str(error.value).split("\n")
    assert "Nothing was deployed; mend this first:" == first
    return [it.strip() for it in mistakes]


def test_what_is_right_is_the_settings(project: Path) -> None:
    assert load(project / "firn.toml") == checked("dev", EMAIL, project)


def test_the_example_can_be_deployed(tmp_path: Path) -> None:
    example = (ROOT / "firn.toml").read_text()
    assert {"blog", "shop", "docs", "demo"} == set(checked("dev", EMAIL, written(tmp_path, example)).rules.sites)


@pytest.mark.parametrize("stack", ["my.site", "Prod", "a_b", "9", "a" * 21])
def test_a_stack_whose_buckets_could_not_be_named_is_refused(project: Path, stack: str) -> None:
    (mistake,) = told(project, EMAIL, stack)
    assert mistake.startswith(f"stack: {stack!r} would stand in the names of buckets")


MISTAKES = [
    ({}, "firn:email: is missing; run `pulumi config set firn:email …` with the address that alarms are mailed to"),
    ({"email": "me"}, "firn:email: 'me' is not the address that alarms are mailed to"),
    ({"emial": "a@example.com", **EMAIL}, "firn:emial: there is no such key; did you mean email?"),
    ({"keepData": "no", **EMAIL}, "firn:keepData: 'no' is not true or false"),
    ({"rawDays": "3", **EMAIL}, "firn:rawDays: '3' is not for how many days raw logs are kept, 4 or more"),
    (
        {"domain": "a.example.com", **EMAIL},
        "firn:domain: says nothing without firn:zone or firn:certificate: set that too",
    ),
    ({"zone": "Z0", **EMAIL}, "firn:zone: says nothing without firn:domain: set that too"),
    (
        {"domain": "a.example.com", "certificate": "arn:aws:acm:eu-west-1:123456789012:certificate/a", **EMAIL},
        (
            "firn:certificate: 'arn:aws:acm:eu-west-1:123456789012:certificate/a' is not the ARN of a certificate in "
            "us-east-1, the one region that CloudFront takes them from"
        ),
    ),
    (
        {"domain": "a.example.com", "zone": "Z0", "distribution": "E0", **EMAIL},
        "firn:distribution: contradicts firn:domain: remove one of them with `pulumi config rm`",
    ),
    (
        {"sheetUrl": "https://script.google.com/macros/s/a/exec", **EMAIL},
        "firn:sheetUrl: says nothing without firn:sheetSecret: set that too",
    ),
]


@pytest.mark.parametrize(("values", "mistake"), MISTAKES, ids=[mistake for _, mistake in MISTAKES])
def test_a_mistake_in_pulumis_configuration_is_told_with_its_key(
    project: Path, values: dict[str, str], mistake: str
) -> None:
    assert [mistake] == told(project, values)


def test_a_secret_is_not_repeated(project: Path) -> None:
    values = {"sheetUrl": "https://script.google.com/macros/s/a/exec", "sheetSecret": "too short", **EMAIL}
    assert ["firn:sheetSecret: this is not the secret that the sheet's setup() showed"] == told(project, values)


SETTINGS_MISTAKES = [
    ("", "firn.toml: sites: names no site, so that nothing could be counted: add a table [sites.NAME]"),
    (
        f'{SITE}[sites.news]\nhosts = ["Blog.example.com"]',
        "firn.toml: sites: the host blog.example.com stands there twice: leave it to one site",
    ),
    (
        f'{SITE}[collector]\npixel_paths = ["/i"]',
        (
            "firn.toml: collector.pixel_paths: the edge function answers /i, /ice.png, /s/e: "
            "write the same paths here and in PIXEL_PATHS of tracker/edge/function.js"
        ),
    ),
]


@pytest.mark.parametrize(("text", "mistake"), SETTINGS_MISTAKES, ids=["no site", "a host twice", "other paths"])
def test_what_only_a_deployment_needs_is_asked_for(tmp_path: Path, text: str, mistake: str) -> None:
    assert [mistake] == told(written(tmp_path, text), EMAIL)


def test_every_host_may_be_two_sites(tmp_path: Path) -> None:
    assert {"a", "b"} == set(checked("dev", EMAIL, written(tmp_path, "[sites.a]\n[sites.b]\n")).rules.sites)


def test_the_edge_functions_paths_are_those_by_default() -> None:
    assert list(Settings().rules.pixel_paths) == answered_paths()


def test_what_the_settings_may_not_hold_is_told_with_the_rest(tmp_path: Path) -> None:
    project = written(tmp_path, '[sites.blog]\ntime_zone = "Europe/Berln"\n')
    assert [
        "firn:email: is missing; run `pulumi config set firn:email …` with the address that alarms are mailed to",
        "firn.toml holds what it may not:",
        "sites.blog.time_zone: 'Europe/Berln' is no time zone; did you mean Europe/Berlin?",
    ] == told(project, {})


def test_settings_that_are_not_there_are_named(project: Path) -> None:
    (mistake,) = [it for it in told(project, {"settings": "own.toml", **EMAIL}) if "own.toml" in it]
    assert mistake.startswith("Cannot read the settings ")


def test_zips_that_are_not_built_are_named(project: Path) -> None:
    (project / "dist/salts.zip").unlink()
    assert ["firn:artefacts: dist/salts.zip is not there: run `make artefacts`"] == told(project, EMAIL)


@pytest.mark.parametrize("damage", ["other settings", "no zip"])
def test_zips_of_other_settings_are_not_deployed(project: Path, damage: str) -> None:
    if damage == "no zip":
        (project / "dist/mirror.zip").write_bytes(b"PK")
        names = ["mirror"]
    else:
        (project / "firn.toml").write_text(SITE + "# a remark\n")
        names = ["enrich", "mirror", "salts"]
    assert [
        f"firn:artefacts: dist/{name}.zip holds another firn.toml: run `make artefacts` again" for name in names
    ] == told(project, EMAIL)


def with_schemas(project: Path, folder: str) -> Path:
    """The project, with a schema of the owner's own in that folder."""
    schema = project / folder / "com.example/order/jsonschema/1-0-0"
    schema.parent.mkdir(parents=True)
    schema.write_text('{"type": "object"}')
    return written(project, f'{SITE}[schemas]\nfolder = "{folder}"\n')


def test_zips_of_other_schemas_are_not_deployed(tmp_path: Path) -> None:
    project = with_schemas(tmp_path, "schemas")
    checked("dev", EMAIL, project)
    (project / "schemas/com.example/order/jsonschema/1-0-0").write_text('{"type": "array"}')
    name = "schemas/com.example/order/jsonschema/1-0-0"
    assert [
        f"firn:artefacts: dist/{it}.zip holds another {name}: run `make artefacts` again"
        for it in ("enrich", "mirror", "salts")
    ] == told(project, EMAIL)


def test_schemas_that_would_not_travel_are_named(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(UserError, match=r"firn\.toml: schemas\.folder: '\.\./there' would not travel with the file"):
        with_schemas(tmp_path / "here", "../there")


def test_names_of_two_stacks_differ() -> None:
    one, other = (Config(stack, "123456789012", "eu-west-1", Settings(), {}) for stack in ("my-a", "my-b"))
    assert ("firn-my-a", "firn_my_a") == (one.prefix, one.database)
    assert not {one.prefix, one.database} & {other.prefix, other.database}
