"""The sheet's web app on this machine: the real Code.gs among fakes, behind HTTP that behaves like Google's."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any, NamedTuple

from pipeline.twin.edge import node

PROGRAM = Path(__file__).parent / "apps_script" / "double.mjs"


class Double(NamedTuple):
    """A running web app: the two values that an owner copies, and where a test looks into the spreadsheet."""

    url: str
    secret: str
    double: str

    def answers_next(self, *ways: str) -> None:
        """Let the next posts be answered in these ways, one each; their names stand in double.mjs."""
        self._asked(json.dumps(ways).encode())

    def tab(self, name: str) -> list[list[str]]:
        """What a person sees in that tab, row by row, its header first; nothing where there is no such tab."""
        rows: list[list[str]] = self._asked()["tabs"].get(name, [])
        return rows

    @property
    def posts(self) -> list[dict[str, Any]]:
        """Every body that was posted."""
        return [json.loads(it) for it in self._asked()["posts"]]

    def _asked(self, body: bytes | None = None) -> dict[str, Any]:
        with urllib.request.urlopen(urllib.request.Request(self.double, body), timeout=10) as response:  # noqa: S310
            state: dict[str, Any] = json.load(response)
            return state


@contextmanager
def running() -> Iterator[Double]:
    """A web app of its own, with an empty spreadsheet, that ends with the `with`."""
    with Popen([node(), PROGRAM], stdin=PIPE, stdout=PIPE, text=True) as process:  # noqa: S603 (our own program)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Double(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(10)
