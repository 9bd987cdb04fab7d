"""Before any of these tests imports the program: the provider is loaded where its own warnings are let through."""

from tests.infra import schema
from tests.infra.fixtures import salts_store, stack

__all__ = ["salts_store", "schema", "stack"]
