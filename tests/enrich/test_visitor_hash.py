"""The visitor hash: equal for what is one visitor, different for all else, None without an address."""

import base64
import hashlib
import hmac

import pytest

from enrich.visitor_hash import hashed_address, visitor_hash


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8:0:0"),
        ("2001:0DB8:00AB:0001:1:2:3:4", "2001:db8:ab:1"),
        ("::1", "0:0:0:0"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7"),
        ("203.0.113", None),
        ("203.0.113.256", None),
        ("203.0.113.7:80", None),
        ("2001:db8::g", None),
        ("-", None),
        ("", None),
    ],
)
def test_the_whole_ipv4_or_the_64_of_ipv6_is_hashed(ip: str, expected: str | None) -> None:
    assert expected == hashed_address(ip)


def test_the_hash_is_base64url_of_the_first_16_bytes() -> None:
    digest = hmac.new(b"salt", b"blog\x00203.0.113.7\x00M\xc3\xbcller/1", hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(digest[:16])[:22].decode()
    assert expected == visitor_hash("salt", "blog", "203.0.113.7", "Müller/1")


def test_addresses_of_one_64_are_one_visitor() -> None:
    hashes = {visitor_hash("salt", "blog", f"2001:db8:1:2:{n}::1", "agent") for n in range(3)}
    assert 1 == len(hashes)


def test_salt_site_address_and_agent_each_make_another_visitor() -> None:
    hashes = {
        visitor_hash("salt", "blog", "203.0.113.7", "agent"),
        visitor_hash("pepper", "blog", "203.0.113.7", "agent"),
        visitor_hash("salt", "shop", "203.0.113.7", "agent"),
        visitor_hash("salt", "blog", "203.0.113.8", "agent"),
        visitor_hash("salt", "blog", "203.0.113.7", "another"),
    }
    assert 5 == len(hashes)


def test_what_is_no_address_has_no_hash() -> None:
    assert visitor_hash("salt", "blog", "unknown", "agent") is None
