"""A double of the KeyValueStore's API: one store, its versions, AWS's limits, signatures and permissions checked.

boto3 puts the account before the endpoint's host, and no name below localhost is known everywhere. So the double is
also its own proxy, which any host may be asked for: `place` says so to whatever runs with it. The emulator has this API
too, but takes every resource for `*`, so that a role of one store alone is refused; its policies it judges rightly.
"""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import RLock, Thread
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.salts.sigv4a import Signed, is_signed

ARN = "arn:aws:cloudfront::123456789012:key-value-store/11111111-2222-3333-4444-555555555555"
HOST = "kvs.example.com"
ACCESS_KEY, SECRET = "AKIDEXAMPLE", "of the test alone"  # AWS's own example of a name

Answer = tuple[int, dict[str, Any]]


class Refusal(NamedTuple):
    """How AWS says no."""

    status: int
    code: str
    message: str

    @property
    def answer(self) -> Answer:
        return self.status, {"__type": self.code, "Message": self.message}


UNSIGNED = Refusal(403, "AccessDeniedException", "the signature does not match")
FORBIDDEN = Refusal(403, "AccessDeniedException", "no policy allows it")
CONFLICT = Refusal(409, "ConflictException", "the store has changed")
PRECONDITION = Refusal(400, "ValidationException", "Pre-Condition failed")
INVALID = Refusal(400, "ValidationException", "over a limit")
FAILED = Refusal(500, "InternalServerException", "the answer is lost")


def may_by_role(iam: Any, role: str, store: str) -> Callable[[str], bool]:  # noqa: ANN401, boto3 has no types
    """Whether that role (an ARN) may do an action on that store, by the policies that IAM has of it."""

    def may(action: str) -> bool:
        asked = {
            "PolicySourceArn": role,
            "ActionNames": [f"cloudfront-keyvaluestore:{action}"],
            "ResourceArns": [store],
        }
        (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
        return bool(result["EvalDecision"] == "allowed")

    return may


class Store:
    """The store `arn`, served until the block ends to who `may`; where no secret is known any signature will do."""

    def __init__(
        self, arn: str = ARN, *, may: Callable[[str], bool] = lambda _: True, secret: str | None = SECRET
    ) -> None:
        self.arn, self._may, self._secret = arn, may, secret
        self.items: dict[str, str] = {}
        self.calls: list[str] = []
        self.outdated = CONFLICT
        """How an update is refused that names an old version."""
        self.before_update: Callable[[], None] = lambda: None
        """What another run does after each list and before the update."""
        self.lost_answers = 0
        """How many updates land without their answer coming back."""
        self.etag = "version 1"
        self._versions = count(2)
        self._lock = RLock()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def place(self) -> dict[str, str]:
        """With these variables the product's own code talks to this store, and to no other service through it."""
        return {
            "AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE": f"http://{HOST}",
            "HTTP_PROXY": f"http://127.0.0.1:{self._server.server_port}",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def put(self, items: Mapping[str, str | None]) -> None:
        """Put and drop (None), as somebody else does."""
        with self._lock:
            self.items |= {key: value for key, value in items.items() if value is not None}
            for key in (key for key, value in items.items() if value is None):
                self.items.pop(key, None)
            self.etag = f"version {next(self._versions)}"

    def answer(self, request: Signed) -> Answer:
        """What the API says."""
        if request.headers["host"] != f"{self.arn.split(':')[4]}.{HOST}" or not is_signed(request, self._secret):
            return UNSIGNED.answer
        route = f"{request.method} {unquote(request.path)}".replace(self.arn, "ARN")
        version = request.headers.get("if-match", "")
        answers = {
            "GET /key-value-stores/ARN": ("DescribeKeyValueStore", self.described),
            "GET /key-value-stores/ARN/keys": ("ListKeys", lambda: self.listed(parse_qs(request.query))),
            "POST /key-value-stores/ARN/keys": ("UpdateKeys", lambda: self.updated(version, json.loads(request.body))),
        }
        if route not in answers:
            return Refusal(404, "ResourceNotFoundException", route).answer
        name, answer = answers[route]
        self.calls.append(name)
        if not self._may(name):
            return FORBIDDEN.answer
        if name == "UpdateKeys":
            self.before_update()
        with self._lock:
            return answer()

    def described(self) -> Answer:
        size = sum(len(key) + len(value) for key, value in self.items.items())
        return 200, {"ItemCount": len(self.items), "TotalSizeInBytes": size, "KvsARN": self.arn, "Created": 0}

    def listed(self, query: dict[str, list[str]]) -> Answer:
        limit, begin = (
            int(query.get(name, [default])[0]) for name, default in (("MaxResults", "10"), ("NextToken", "0"))
        )
        if limit > 50:
            return INVALID.answer
        page = sorted(self.items.items())[begin : begin + limit]
        rest = {"NextToken": str(begin + limit)} if begin + limit < len(self.items) else {}
        return 200, {"Items": [{"Key": key, "Value": value} for key, value in page], **rest}

    def updated(self, version: str, asked: dict[str, list[dict[str, str]]]) -> Answer:
        if version != self.etag:
            return self.outdated.answer
        changes = {it["Key"]: it.get("Value") for items in asked.values() for it in items}
        if not 1 <= len(changes) <= 50 or any(is_too_long(*it) for it in changes.items()):
            return INVALID.answer
        self.put(changes)
        self.lost_answers -= 1
        return FAILED.answer if self.lost_answers >= 0 else self.described()


def is_too_long(key: str, value: str | None) -> bool:
    return len(key.encode()) > 512 or len((value or "").encode()) > 1024


def handler(store: Store) -> type[BaseHTTPRequestHandler]:
    """One request to the store."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do(self) -> None:
            url = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            request = Signed(self.command, url.path, url.query, headers, body)
            status, answer = store.answer(request)
            self.send(status, json.dumps(answer).encode())

        def send(self, status: int, body: bytes) -> None:
            self.send_response_only(status)
            for name, value in (("ETag", store.etag), ("Content-Length", str(len(body))), ("Connection", "close")):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do  # noqa: N815, the base's names

        def log_message(self, *_: object) -> None:
            pass

    return Handler
