"""The device's, the sender's and CloudFront's times → when it happened.

Source: Snowplow's derived timestamp.
"""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from enrich.step import Failure

TIME = pa.timestamp("ms")
FIRST_MS, END_MS = 0, 4_102_444_800_000  # 1970 and 2100
OUTSIDE = "not between 1970 and 2100; collector_tstamp stands instead"


class Times(NamedTuple):
    """`derived_tstamp`, a column of times."""

    derived_tstamp: pa.Array


def derived_tstamp(
    collector_tstamp: pa.Array, dvce_created_tstamp: pa.Array, dvce_sent_tstamp: pa.Array, true_tstamp: pa.Array
) -> tuple[Times, list[Failure]]:
    """The true time where the tracker knows it; else CloudFront's, less what passed between event and sending."""
    created, sent, collector = (it.cast(pa.int64()) for it in (dvce_created_tstamp, dvce_sent_tstamp, collector_tstamp))
    waited = pc.if_else(pc.less(created, sent), pc.subtract(sent, created), 0)
    derived = pc.coalesce(true_tstamp, pc.subtract(collector, pc.coalesce(waited, 0)).cast(TIME))
    outside = pc.and_(
        pc.or_(pc.less(derived, pa.scalar(FIRST_MS, TIME)), pc.greater_equal(derived, pa.scalar(END_MS, TIME))),
        pc.not_equal(derived, collector_tstamp),
    )
    derived = pc.if_else(outside, collector_tstamp, derived)
    return Times(derived), failures(outside, true_tstamp, dvce_created_tstamp)


def failures(outside: pa.Array, true_tstamp: pa.Array, dvce_created_tstamp: pa.Array) -> list[Failure]:
    """A failure for each time that is out of the ages, of the parameter that told it."""
    rows = pc.indices_nonzero(outside)
    of_ttm = true_tstamp.take(rows).is_valid()
    told = pc.if_else(of_ttm, true_tstamp.take(rows), dvce_created_tstamp.take(rows)).cast(pa.int64())
    return [
        Failure(row, "derived_tstamp", "ttm" if true else "dtm", None if value is None else str(value), OUTSIDE)
        for row, true, value in zip(rows.to_pylist(), of_ttm.to_pylist(), told.to_pylist(), strict=True)
    ]
