"""Before any of these tests imports the program: the provider is loaded where its own warnings are let through."""

from tests.infra import schema

__all__ = ["schema"]
