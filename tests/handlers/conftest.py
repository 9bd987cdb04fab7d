"""What the tests of the functions share: the lines that a function logs."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools import Logger

Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Logged:
    """The lines logged so far; each is one JSON object, as in the function's log group."""
    stream = io.StringIO()
    monkeypatch.setattr(Logger().registered_handler, "stream", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
