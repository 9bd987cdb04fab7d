"""The fields that CloudFront is asked to deliver (standard logging v2), in order.

None of them can hold a visitor's address: no `c-ip`, no `x-forwarded-for`, no cookies (guarantee G3). The country and
the network are resolved at the edge, the visitor's hash is what the edge function logs.
Source: CloudFront developer guide, "Standard logging reference".
"""

DELIVERED: tuple[str, ...] = (
    "timestamp(ms)",
    "x-edge-request-id",
    "x-edge-location",
    "x-host-header",
    "cs-method",
    "cs-protocol",
    "cs-uri-stem",
    "cs-uri-query",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "c-country",
    "asn",
    "x-edge-result-type",
    "time-taken",
    "viewer-request-log-data",
)
