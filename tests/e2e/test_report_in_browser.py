"""The report in a real browser: nothing for axe to find, no request, no sideways scrolling, whatever titles hold."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from pipeline.commands import firn
from pipeline.lake import replace
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.sqlite_catalog import open_lake

pytestmark = pytest.mark.e2e

MIDNIGHT = datetime(2026, 10, 1, tzinfo=UTC).replace(tzinfo=None)
TITLES = (
    "Home",
    "</title><script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">",
    "ohneWorttrennung" * 40,
    "\u202eright to left",
)
SITES = ("blog", "a-site-with-a-name-that-is-longer-than-a-phone-is-wide.example.com", "sitewithoutahyphen" * 20)
WIDTHS = {"desk": 1200, "phone": 360}
Scheme = Literal["light", "dark"]
Violations = Callable[[Page], list[str]]


class Batch(NamedTuple):
    events: pa.Table
    bad_rows: pa.Table


def page_views() -> Iterator[dict[str, Any]]:
    """A few a day on each site, in a month."""
    for number, (day, site, title, hour) in enumerate(product(range(31), SITES, TITLES, range(3))):
        moment = MIDNIGHT + timedelta(days=day, hours=8 + hour)
        yield {
            "app_id": site,
            "event": "page_view",
            "event_id": str(number),
            "page_title": title,
            "page_urlpath": f"/{len(title)}/{'deep/' * 60}",
            "collector_tstamp": moment,
            "derived_tstamp": moment,
            "network_userid": f"{day} {hour % 2}",
            "channel": "referral" if hour else "ai_assistant",
            "refr_source": None if hour else "ChatGPT",
            "refr_urlhost": "example.com" if hour else "chatgpt.com",
            "geo_country": "DE",
            "dvce_type": "Mobile",
            "mkt_campaign": title if hour else None,
            "mkt_source": "newsletter" if hour else None,
            "raw_object": "a.gz",
            "raw_line": number,
        }


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Of a month, and of an empty lake."""
    folder = tmp_path_factory.mktemp("reports")
    batch = Batch(pa.Table.from_pylist(list(page_views()), EVENTS_SCHEMA), BAD_ROWS_SCHEMA.empty_table())
    replace(open_lake(folder / "month" / "lake"), ["a.gz"], [batch])
    for name in ("month", "empty"):
        result = CliRunner().invoke(firn, ["report", "--data", str(folder / name)])
        assert 0 == result.exit_code, result.output
    return {name: folder / name / "report.html" for name in ("month", "empty")}


@pytest.mark.parametrize("name", ["month", "empty"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_read_it(  # noqa: PLR0913, PLR0917, three parameters and three fixtures
    chromium: Browser, violations: Violations, reports: dict[str, Path], name: str, scheme: Scheme, width: str
) -> None:
    context = chromium.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": WIDTHS[width], "height": 800}
    )
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda it: requests.append(it.url))
    page.goto(reports[name].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
    assert [] == violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    assert page.title().startswith("Firn report")
    assert [] == [it for it in requests if not it.startswith(("file:", "data:"))]
    assert 1 == len([it for it in requests if it.startswith("file:")])
    context.close()


def test_its_policy_refuses_what_it_does_not_need(page: Page, reports: dict[str, Path]) -> None:
    """Without `bypass_csp`, as a reader has it: all styles hold, and a script that got in would not run."""
    complaints: list[str] = []
    page.on("console", lambda it: complaints.append(it.text))
    page.goto(reports["month"].as_uri())
    assert [] == complaints
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'document.title = 1'}))")
    assert page.title().startswith("Firn report")
    assert any("Content Security Policy" in it for it in complaints)
