"""What the tables of columns, parameters and enrichments promise each other."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import yaml

from enrich import ENRICHMENTS, enriched
from enrich.rules import Rules
from enrich.words import plain
from pipeline import protocol
from pipeline.access_log.fields import FIELDS
from pipeline.protocol import FROM_LOG
from pipeline.protocol.parameters import PARAMETERS
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.schema.columns import EVENTS
from pipeline.transform import Given, transform

SNOWPLOW = Path(__file__).parent / "tables" / "snowplow_columns.yaml"
OF_THE_PROTOCOL = {"unknown_schemas"}
OF_THE_TRANSFORM = {"etl_tstamp", "v_etl", "failures", "raw_object"}
NOT_YET_FILLED = {
    *("geo_region", "geo_city", "geo_zipcode", "geo_latitude", "geo_longitude", "geo_region_name", "geo_timezone"),
    *("ip_isp", "ip_organization", "ip_domain", "ip_netspeed"),
    *("br_type", "br_renderengine", "os_manufacturer"),
    *("tr_total_base", "tr_tax_base", "tr_shipping_base", "ti_price_base", "base_currency", "etl_tags"),
}
BY_ADDRESS = {"ip", "c_ip"}


def sent_columns() -> set[str]:
    return {column for it in PARAMETERS for column in it.columns}


def made_columns() -> list[str]:
    return [column for step in ENRICHMENTS for column in step.writes]


def protocols_own() -> set[str]:
    """The columns that the protocol hands over of no requests at all."""
    return set(protocol.events(no_requests(), Rules())[0].column_names)


def no_requests() -> pa.Table:
    texts = {name: pa.array([], pa.string()) for name in (*FIELDS, "text")}
    return pa.table(texts | {"line": pa.array([], pa.int64()), "collector_tstamp": pa.array([], pa.timestamp("ms"))})


def test_the_first_131_columns_are_snowplows() -> None:
    expected = [tuple(it) for it in yaml.safe_load(SNOWPLOW.read_text(encoding="utf-8"))]
    assert 131 == len(expected)
    assert expected == [(it.name, it.kind, it.limit) for it in EVENTS[:131]]


def test_no_column_stands_twice() -> None:
    assert [] == [name for name, times in Counter(it.name for it in EVENTS).items() if times > 1]


def test_each_column_has_one_source() -> None:
    ours = OF_THE_PROTOCOL | OF_THE_TRANSFORM
    sources = Counter([*sent_columns(), *FROM_LOG, *made_columns(), *ours, *NOT_YET_FILLED])
    assert {it.name: 1 for it in EVENTS} == {it.name: sources[it.name] for it in EVENTS}


def test_no_parameter_stands_twice() -> None:
    assert [] == [name for name, times in Counter(it.name for it in PARAMETERS).items() if times > 1]


def test_what_a_column_is_sent_as_fits_its_type() -> None:
    types = {it.name: it.type for it in EVENTS_SCHEMA}
    assert [] == [
        it.name for it in PARAMETERS if any(types.get(name, it.kind.type) != it.kind.type for name in it.columns)
    ]


def test_the_log_fields_that_fill_columns_are_read() -> None:
    assert set() == set(FROM_LOG.values()) - set(FIELDS) - {"line", "collector_tstamp"}


def test_each_step_reads_what_is_there_before_it() -> None:
    there, missing = protocols_own() | {"salt"}, []
    for step in ENRICHMENTS:
        missing += [(step.name, name) for name in step.reads if name not in there]
        there |= set(step.writes)
    assert [] == missing


def test_no_step_writes_over_a_column() -> None:
    assert [] == [name for name in made_columns() if name in protocols_own()]
    assert len(made_columns()) == len(set(made_columns()))


def test_the_address_is_hidden_after_all_that_reads_it() -> None:
    readers = [step.name for step in ENRICHMENTS if BY_ADDRESS & set(step.reads)]
    assert "ip_address" == readers[-1]


def test_whole_addresses_are_no_columns_of_the_lake() -> None:
    assert set() == BY_ADDRESS & set(EVENTS_SCHEMA.names)


def test_no_events_have_all_columns_and_no_failures() -> None:
    sent, _ = protocol.events(no_requests(), Rules())
    events, failures = enriched(sent.append_column("salt", pa.nulls(0, pa.string())), Rules())
    assert ([], set()) == (failures, set(made_columns()) - set(events.column_names))
    expected = {name: EVENTS_SCHEMA.field(name).type for name in made_columns() if name in EVENTS_SCHEMA.names}
    assert expected == {name: plain(events[name].combine_chunks()).type for name in expected}


def test_a_log_without_data_has_the_schemas_or_nothing() -> None:
    for log in (b"", b"\n", b"#Version: 1.0\n#Fields: date time\n"):
        batches = list(transform([log], Given()))
        assert 0 == sum(it.lines for it in batches)
        assert {EVENTS_SCHEMA} >= {it.events.schema for it in batches}
        assert {BAD_ROWS_SCHEMA} >= {it.bad_rows.schema for it in batches}


def test_an_id_that_is_made_for_an_event_betrays_no_address() -> None:
    header = "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query"
    lines = [
        f"2026-11-24\t10:30:0{second}\t{ip}\tGET\t/i\te=pv"
        for second, ip in [(0, "192.0.2.1"), (0, "192.0.2.2"), (1, "-")]
    ]
    (batch,) = transform(["\n".join([header, *lines, ""]).encode()], Given())
    first, second, later = batch.events["event_id"].to_pylist()
    assert (True, False) == (first == second, first == later)
