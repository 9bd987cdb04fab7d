"""The data dictionary is up to date, and says something of each column."""

from pipeline.schema import ARROW
from pipeline.schema.columns import BAD_ROWS, EVENTS
from tests.columns_page import NOTHING, PAGE, TYPES, page, source


def test_the_page_of_columns_is_up_to_date(rewrite_golden: bool) -> None:  # noqa: FBT001 - a fixture
    if rewrite_golden:
        PAGE.write_text(page(), encoding="utf-8")
    assert page() == PAGE.read_text(encoding="utf-8"), "write it anew with --rewrite-golden, and read the difference"


def test_each_column_has_a_meaning_in_words() -> None:
    assert [] == [it.name for it in (*EVENTS, *BAD_ROWS) if len(it.meaning.split()) < 2 and it.meaning != "Unused"]


def test_each_type_has_a_name() -> None:
    assert set(ARROW) == set(TYPES)


def test_a_column_without_a_source_is_one_that_nothing_fills() -> None:
    unfilled = {it.name for it in EVENTS if source(it.name) == NOTHING}
    assert {"geo_city", "ip_isp", "br_type", "tr_total_base", "etl_tags"} <= unfilled
    assert set() == unfilled & {"page_group", "refr_term", "event_id", "failures", "raw_line"}
