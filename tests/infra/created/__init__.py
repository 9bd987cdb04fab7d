"""How each type of resource that the program may ask for is created on the emulator, by type."""

from collections.abc import Mapping

from tests.infra.created import compute, edge, storage, watch
from tests.infra.wanted import Creator

CREATORS: Mapping[str, Creator] = {**storage.CREATORS, **compute.CREATORS, **edge.CREATORS, **watch.CREATORS}
