"""AWS's signature for all regions at once (SigV4A), checked: a request in, out whether its sender knew the secret.

The steps are in AWS's guide: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
The key pair follows from the access key: https://docs.aws.amazon.com/general/latest/gr/signing_aws_api_requests.html
"""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from itertools import count
from typing import NamedTuple
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<key>[^/]+)/(?P<scope>\S+), "
    r"SignedHeaders=(?P<headers>\S+), Signature=(?P<signature>\w+)"
)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Signed(NamedTuple):
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def is_signed(request: Signed, secret: str | None) -> bool:
    """Whether the request is signed with this secret, its host, date and regions included; None: with any."""
    found = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if not found or not {"host", "x-amz-date", "x-amz-region-set"} <= set(found["headers"].split(";")):
        return False
    if secret is None:
        return True
    canonical = sha256(canonical_request(request, found["headers"].split(";")).encode()).hexdigest()
    text = "\n".join((ALGORITHM, request.headers["x-amz-date"], found["scope"], canonical))
    public = key_pair(found["key"], secret).public_key()
    try:
        public.verify(bytes.fromhex(found["signature"]), text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def canonical_request(request: Signed, names: list[str]) -> str:
    """The request as it is signed; a path is encoded once more than it is sent."""
    lines = (f"{name}:{' '.join(request.headers[name].split())}\n" for name in names)
    parameters = "&".join(sorted(request.query.split("&")))
    digest = sha256(request.body).hexdigest()
    return "\n".join((request.method, quote(request.path), parameters, "".join(lines), ";".join(names), digest))


def key_pair(access_key: str, secret: str) -> ec.EllipticCurvePrivateKey:
    """The key pair of an access key: the first of a row of hashes that is a number below the curve's order."""
    for counter in count(1):
        context = ALGORITHM.encode() + b"\0" + access_key.encode() + bytes([counter])
        fixed = (1).to_bytes(4, "big") + context + (256).to_bytes(4, "big")
        number = int.from_bytes(hmac.digest(f"AWS4A{secret}".encode(), fixed, "sha256"), "big")
        if number <= ORDER - 2:
            return ec.derive_private_key(number + 1, ec.SECP256R1())
    raise AssertionError
