"""A KeyValueStore for each test, to which the product's own code talks."""

from collections.abc import Iterator

import boto3
import pytest

from pipeline.salts import key_value_store
from tests.salts.store import ACCESS_KEY, SECRET, Store


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with Store() as it:
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "eu-central-1"}
        for name, value in {**it.place, **keys, "FIRN_KEY_VALUE_STORE": it.arn}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers the keys of the test before
        monkeypatch.setattr(key_value_store, "PAUSE", 0)
        yield it
