"""docs/deploy.md says what the program says."""

import re

import pytest

from infra import dry
from infra.config import KEYS, REQUIRED, ROOT

PAGE = (ROOT / "docs/deploy.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `firn:")]


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_explained_with_its_default(key: str) -> None:
    (row,) = [it for it in ROWS if f"`firn:{key}`" in it]
    default = "asked for" if key in REQUIRED else KEYS[key].default
    assert default in row.split("|")[3]


def test_the_list_of_what_would_be_created_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    dry.main([])
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    shown = PAGE.partition("$ make deploy-dry\n")[2].partition("```")[0]
    told, count = shown.splitlines(), re.compile(r"^\d+")  # a new question changes the count
    assert [lines[0], "…", lines[-2]] == told[:3]
    assert count.sub("", lines[-1]) == count.sub("", told[-1])
