"""The salts function as Lambda calls it: its settings, its environment, its one line of log."""

import io
import json
from pathlib import Path

import pytest

from pipeline.handlers import salts
from pipeline.salts import salt_list
from pipeline.settings import load
from tests.salts.store import Store

SETTINGS = """
[sites.blog]
hosts = ["example.com"]
time_zone = "Europe/Berlin"
[sites.shop]
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "firn.toml"
    path.write_text(SETTINGS)
    monkeypatch.setattr(salts, "shipped", lambda name: tmp_path / name)
    return path


@pytest.mark.usefixtures("settings")
def test_a_run_answers_and_logs_its_numbers_and_no_salt(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.StringIO()
    monkeypatch.setattr(salts.logger.registered_handler, "stream", printed)
    answer = salts.handler({}, None)
    line = json.loads(printed.getvalue())
    assert {"sites": 2, "written": 2, "dropped": 0} == {name: line[name] for name in ("sites", "written", "dropped")}
    assert answer == {name: line[name] for name in answer}
    assert 0 <= answer["milliseconds"]
    held = [salt for value in store.items.values() for _, salt in salt_list(value)]
    assert 6 == len(held)
    assert not [salt for salt in held if salt in printed.getvalue() + json.dumps(answer)]


def test_a_site_without_a_time_zone_has_the_days_of_utc(settings: Path) -> None:
    assert {"blog": "Europe/Berlin", "shop": "UTC"} == salts.time_zones(settings)


def test_where_visitors_are_not_told_apart_every_salt_is_dropped(settings: Path, store: Store) -> None:
    salts.handler({}, None)
    settings.write_text(f'{SETTINGS}[privacy]\nvisitor = "none"')
    assert 2 == salts.handler({}, None)["dropped"]
    assert {} == store.items


def test_the_settings_that_the_function_reads_are_those_that_deploying_checks() -> None:
    example = Path(__file__).parents[2] / "firn.toml"
    sites = load(example).rules.sites
    assert {name: site.time_zone for name, site in sites.items()} == salts.time_zones(example)
