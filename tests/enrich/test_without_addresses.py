"""A line that could not be read is kept without its addresses, however it was made to be slow."""

import re
import time
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.ip_address import LONGEST, without_addresses

# What an address looks like, said plainly: this takes a time that grows with the square of a run of digits.
PLAINLY = re.compile(
    r"(?<![\w.])[0-9]{1,3}(\.[0-9]{1,3}){3}(?![\w.])|([0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F.]*|[0-9a-fA-F:]*::[0-9a-fA-F:.]*"
)


@given(st.text("1aF:.:: \tgé_\n", max_size=LONGEST))
def test_what_looks_like_an_address_is_hidden_and_all_else_kept(text: str) -> None:
    assert PLAINLY.sub("x", text) == without_addresses(text)


@given(
    st.lists(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), min_size=1),
    st.sampled_from(["compressed", "exploded"]),
    st.sampled_from([",", "\t", "|", " and ", "/"]),
)
def test_each_of_many_addresses_is_hidden(some: list[IPv4Address | IPv6Address], spelling: str, between: str) -> None:
    assert between.join("x" for _ in some) == without_addresses(between.join(getattr(it, spelling) for it in some))


@pytest.mark.parametrize("before", ["%20", "%2520", "ip%3D", "ip%253D", "%25", "=", ",%20"])
def test_an_address_is_hidden_whatever_escape_stands_before_it(before: str) -> None:
    left = [without_addresses(before + it) for it in ("192.0.2.7", "2001:db8::7")]
    assert [f"{before}x", "x"] == [left[0], left[1][-1]]


@pytest.mark.parametrize(
    "part", ["a", "1", "a" * 99 + ":", "00000:", ":", "::: ", "a:", "1.", "1.1.1.", "1:2:3:", ".", ":1:1 ", "ab.cd:"]
)
def test_a_line_made_to_be_slow_is_not(part: str) -> None:
    text, begun = (part * 200_000)[:200_000], time.process_time()
    without_addresses(text)
    assert time.process_time() - begun < 2
