"""What an owner may write into `firn.toml`, and what they are told of what they may not."""

import tomllib
from pathlib import Path

import pytest

from enrich.rules import Campaigns, Filters, IpAddress, PageGroups, Rules, Site
from pipeline.errors import UserError
from pipeline.settings import Gathering, Settings, load, settings

EXAMPLE = Path(__file__).parents[1] / "firn.toml"


def told(text: str) -> list[str]:
    """The mistakes in these settings, one a line."""
    with pytest.raises(UserError) as error:
        settings("firn.toml", tomllib.loads(text))
    first, *mistakes = str(error.value).split("\n")
    assert first == "firn.toml holds what it may not:"
    return [it.strip() for it in mistakes]


def test_without_a_file_the_defaults_hold() -> None:
    assert Settings() == load(None)


def test_an_empty_file_changes_no_default() -> None:
    assert Settings() == settings("firn.toml", {})


def test_the_default_rules_are_the_designs() -> None:
    rules = Rules()
    assert ("drop", 2, 5, "day") == (*vars(rules.ip_address).values(), rules.visitor)
    assert ("/i", "/ice.png", "/s/e") == rules.pixel_paths
    assert (("utm_medium",), ("utm_source",), ("utm_term",), ("utm_content",), ("utm_campaign",)) == (
        *(rules.campaigns.medium, rules.campaigns.source, rules.campaigns.term),
        *(rules.campaigns.content, rules.campaigns.campaign),
    )
    assert (False, True, ()) == (rules.campaigns.keep_click_ids, rules.filters.bots, rules.filters.own_visits)


def test_the_example_is_right_and_says_what_holds_without_it() -> None:
    rules = load(EXAMPLE).rules
    assert "demo" in rules.sites
    assert (Rules().ip_address, Rules().visitor, Rules().pixel_paths) == (
        rules.ip_address,
        rules.visitor,
        rules.pixel_paths,
    )
    assert Rules().campaigns == rules.campaigns
    assert Gathering() == load(EXAMPLE).enrich


def test_every_setting_arrives_in_the_rules() -> None:
    text = """
        sites.blog = {hosts = ["Example.com", "*.example.com"], time_zone = "Europe/Berlin"}
        sites.other = {}
        privacy = {ip_address = "mask", ipv4_octets = 1, ipv6_segments = 8, visitor = "none"}
        referrers.internal_domains = ["*.example.net"]
        collector.pixel_paths = ["/pixel"]
        campaigns = {keep_click_ids = true, source = ["ref", "utm_source"], term = [], click_ids = {own = "Own"}}
        filters = {bots = false, own_visits = ["?me"]}
        page_groups = {patterns = ["/product/*", "/docs/**"], ids = false, query = ["p"]}
    """
    expected = Rules(
        sites={"blog": Site(("example.com", "*.example.com"), "Europe/Berlin"), "other": Site()},
        pixel_paths=("/pixel",),
        ip_address=IpAddress("mask", 1, 8),
        visitor="none",
        internal_domains=("*.example.net",),
        campaigns=Campaigns(source=("ref", "utm_source"), term=(), click_ids={"own": "Own"}, keep_click_ids=True),
        filters=Filters(bots=False, own_visits=("?me",)),
        page_groups=PageGroups(("/product/*", "/docs/**"), ids=False, query=("p",)),
    )
    assert expected == settings("firn.toml", tomllib.loads(text)).rules


def test_how_the_deployment_gathers_is_no_rule() -> None:
    gathered = settings("firn.toml", {"enrich": {"window_seconds": 20, "batch_size": 5}})
    assert Gathering(20, 5) == gathered.enrich
    assert Rules().digest == gathered.rules.digest


MISTAKES = [
    ('privcy.visitor = "day"', "privcy: there is no such setting; did you mean privacy?"),
    ('privacy.vistor = "day"', "privacy.vistor: there is no such setting; did you mean visitor?"),
    ("sites.blog.host = []", "sites.blog.host: there is no such setting; did you mean hosts?"),
    ('sites.blog.zzz = ""', "sites.blog.zzz: there is no such setting"),
    ('sites.hosts.timezone = ""', "sites.hosts.timezone: there is no such setting; did you mean time_zone?"),
    (
        'sites.blog.time_zone = "Europe/Berln"',
        "sites.blog.time_zone: 'Europe/Berln' is no time zone; did you mean Europe/Berlin?",
    ),
    ('sites.blog.time_zone = ""', "sites.blog.time_zone: '' is no time zone"),
    (
        'sites.blog.hosts = ["https://example.com"]',
        "sites.blog.hosts.0: 'https://example.com' is no host: write example.com, *.example.com or *",
    ),
    ('sites.blog.hosts = ["a", "b*"]', "sites.blog.hosts.1: 'b*' is no host: write example.com, *.example.com or *"),
    (
        'collector.pixel_paths = ["i"]',
        "collector.pixel_paths.0: 'i' is no path: begin it with / and leave out the query",
    ),
    (
        'collector.pixel_paths = ["/i?a"]',
        "collector.pixel_paths.0: '/i?a' is no path: begin it with / and leave out the query",
    ),
    ('filters.own_visits = ["me=1"]', "filters.own_visits.0: 'me=1' is no mark: write ?name=value or ?name"),
    (
        'page_groups.patterns = ["product"]',
        "page_groups.patterns.0: 'product' is no pattern: write /product/* or /docs/**",
    ),
    (
        'page_groups.patterns = ["/**/x"]',
        "page_groups.patterns.0: '/**/x' is no pattern: write /product/* or /docs/**",
    ),
    ('filters.own_visits = ["?"]', "filters.own_visits.0: '?' is no mark: write ?name=value or ?name"),
]


@pytest.mark.parametrize(("text", "mistake"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_is_told_with_its_key_and_the_mend(text: str, mistake: str) -> None:
    assert [mistake] == told(text)


def test_the_schemas_folder_stands_beside_the_settings(tmp_path: Path) -> None:
    folder = tmp_path / "schemas" / "org.example" / "a" / "jsonschema"
    folder.mkdir(parents=True)
    (folder / "1-0-0").write_text('{"type": "string"}', encoding="utf-8")
    (folder / "README").write_text("no schema", encoding="utf-8")
    (tmp_path / "firn.toml").write_text('schemas.folder = "schemas"', encoding="utf-8")
    rules = load(tmp_path / "firn.toml").rules
    assert {"iglu:org.example/a/jsonschema/1-0-0": '{"type": "string"}'} == rules.schemas
    assert Rules().digest != rules.digest


def test_a_schemas_folder_that_cannot_be_used_is_told_with_all_its_mistakes(tmp_path: Path) -> None:
    folder = tmp_path / "org.example" / "a" / "jsonschema"
    folder.mkdir(parents=True)
    settings_file = tmp_path / "firn.toml"
    settings_file.write_text('schemas.folder = "."', encoding="utf-8")
    with pytest.raises(UserError, match=r"schemas\.folder: .* holds no schema"):
        load(settings_file)
    for version, text in (("1-0-0", "{"), ("1-0-1", "[]"), ("1-0-2", "{}")):
        (folder / version).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"jsonschema/1-0-0 cannot be used: .*; .*/1-0-1 cannot be used: no JSON obj"):
        load(settings_file)


WRONG_KINDS = [
    ('privacy.ip_address = "hide"', "privacy.ip_address"),
    ("privacy.ipv4_octets = 5", "privacy.ipv4_octets"),
    ("privacy.ipv4_octets = 0", "privacy.ipv4_octets"),
    ('privacy.ipv4_octets = "2"', "privacy.ipv4_octets"),
    ("privacy.ipv4_octets = true", "privacy.ipv4_octets"),
    ("privacy.ipv6_segments = 9", "privacy.ipv6_segments"),
    ("privacy.visitor = 1", "privacy.visitor"),
    ('filters.bots = "yes"', "filters.bots"),
    ("sites.blog.hosts = []", "sites.blog.hosts"),
    ('sites.blog.hosts = "example.com"', "sites.blog.hosts"),
    ("sites = []", "sites"),
    ('sites.blog = "example.com"', "sites.blog"),
    ("collector.pixel_paths = []", "collector.pixel_paths"),
    ("campaigns.click_ids.own = 1", "campaigns.click_ids.own"),
    ("campaigns.medium = [1]", "campaigns.medium.0"),
    ("privacy = 2026-11-24", "privacy"),
    ("enrich.window_seconds = 0", "enrich.window_seconds"),
    ("enrich.window_seconds = 301", "enrich.window_seconds"),
    ("enrich.batch_size = 0", "enrich.batch_size"),
    ("enrich.batch_size = 10001", "enrich.batch_size"),
    ("schemas.folder = 1", "schemas.folder"),
    ('page_groups.ids = "no"', "page_groups.ids"),
]


@pytest.mark.parametrize(("text", "key"), WRONG_KINDS, ids=[text for text, _ in WRONG_KINDS])
def test_a_value_of_the_wrong_kind_is_told_under_its_key(text: str, key: str) -> None:
    (mistake,) = told(text)
    assert key == mistake.partition(": ")[0]


def test_all_mistakes_are_told_at_once() -> None:
    text = 'privacy.vistor = 1\nprivacy.ipv4_octets = 9\nsites.a.hosts = ["b/"]\nsites.b.hosts = ["c/"]'
    assert {"privacy.vistor", "privacy.ipv4_octets", "sites.a.hosts.0", "sites.b.hosts.0"} == {
        it.partition(": ")[0] for it in told(text)
    }


@pytest.mark.parametrize("content", [b"[sites", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "firn.toml"
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"^firn.toml is no TOML: .+; mend that place and run again\.$"):
        load(file)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_named_with_the_way_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"^Cannot read the settings .+; name another file with --settings\.$"):
        load(tmp_path / name)


def test_rules_that_differ_have_another_digest() -> None:
    some = [Rules(), Rules(visitor="none"), Rules(sites={"a": Site()}), Rules(sites={"a": Site(("a",))})]
    assert len(some) == len({it.digest for it in some})
    assert Rules(sites={"a": Site(), "b": Site()}).digest == Rules(sites={"b": Site(), "a": Site()}).digest


def test_the_order_of_click_ids_is_a_decision_too() -> None:
    one, other = Campaigns(click_ids={"a": "A", "b": "B"}), Campaigns(click_ids={"b": "B", "a": "A"})
    assert Rules(campaigns=one).digest != Rules(campaigns=other).digest
