"""The web app's end: rows arrive in the spreadsheet once, and whatever else is answered is one sentence."""

import io
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import date
from email.message import Message
from typing import Any
from urllib.error import HTTPError, URLError

import pandas as pd
import pyarrow as pa
import pytest

from pipeline.errors import UserError
from pipeline.mirror.tabs import TABS
from pipeline.mirror.web_app import WebApp, payload, signed
from pipeline.twin.edge import node
from tests.mirror import double
from tests.mirror.double import Double

DAILY = TABS[0]


def frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    made: pd.DataFrame = pa.Table.from_pylist(rows).to_pandas(types_mapper=pd.ArrowDtype)
    return made


ROWS = frame([{"date": date(2026, 7, 1), "site": "blog", "visitors": 7, "top_page": "=1+1", "load_time_ms": None}])
SHOWN = [["date", "site", "visitors", "top_page", "load_time_ms"], ["2026-07-01", "blog", "7", "=1+1", ""]]


@pytest.fixture(scope="module")
def one_double() -> Iterator[Double]:
    with double.running() as it:
        yield it


@pytest.fixture
def app(one_double: Double) -> WebApp:
    return WebApp(one_double.url, one_double.secret, pause=lambda _: None)


class Answers:
    """An opener that answers posts from a list, and remembers the pauses between them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: object) -> None:
        self.left, self.pauses = list(answers), list[float]()
        monkeypatch.setattr(urllib.request, "urlopen", self.urlopen)
        self.app = WebApp("https://script.example.com/exec", "secret", lambda: 1_782_907_200.5, self.pauses.append)

    def urlopen(self, _request: object, **_settings: object) -> io.BytesIO:
        answer = self.left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return io.BytesIO((answer if isinstance(answer, str) else json.dumps(answer)).encode())


def http_error(status: int) -> HTTPError:
    return HTTPError("https://script.example.com/exec", status, "", Message(), io.BytesIO())


def test_a_tab_is_posted_as_it_is_named_with_its_key_columns_and_rows() -> None:
    expected = {
        "tab": "daily",
        "key": ["site", "date"],
        "columns": ["date", "site", "visitors", "top_page", "load_time_ms"],
        "rows": [["2026-07-01", "blog", 7, "'=1+1", None]],
    }
    assert expected == json.loads(payload(DAILY, ROWS))


def test_the_signature_is_the_hmac_of_the_time_stamp_and_the_payload() -> None:
    # What `printf '1.{}' | openssl dgst -sha256 -hmac key` says.
    expected = "1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224"
    assert {"timestamp": 1, "payload": "{}", "signature": expected} == signed("{}", "key", 1)


@pytest.mark.parametrize("first", [{"ok": False, "retry": True}, http_error(503), http_error(429), URLError("lost")])
def test_what_may_go_better_is_tried_again_after_a_pause(monkeypatch: pytest.MonkeyPatch, first: object) -> None:
    answers = Answers(monkeypatch, first, first, {"ok": True})
    answers.app.upsert(DAILY, ROWS)
    assert ([5, 15], []) == (answers.pauses, answers.left)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"ok": False, "retry": True, "error": "Another run is writing: wait."}, "Another run is writing: wait."),
        (TimeoutError("timed out"), "The sheet's web app cannot be reached (timed out): check firn:sheetUrl, "),
        (URLError(ConnectionRefusedError(111, "Connection refused")), "The sheet's web app cannot be reached ([Errno "),
        (http_error(500), "The sheet's web app is not to be had now (HTTP 500): run the mirror again later."),
    ],
)
def test_trying_again_ends(monkeypatch: pytest.MonkeyPatch, answer: object, sentence: str) -> None:
    answers = Answers(monkeypatch, answer, answer, answer)
    with pytest.raises(UserError) as caught:
        answers.app.upsert(DAILY, ROWS)
    assert str(caught.value).startswith(sentence)
    assert [] == answers.left


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"ok": False, "error": "The signature is wrong: mend it."}, "The signature is wrong: mend it."),
        ({"ok": False}, "no reason given."),
        ({"ok": "yes"}, "no reason given."),
        ([1], "The sheet's web app answered with a page (without a title) and not with JSON: "),
        ("", "The sheet's web app answered with a page (without a title) and not with JSON: "),
        (
            "<html><TITLE>\n Sign in -\n Accounts</TITLE>",
            "The sheet's web app answered with a page (Sign in - Accounts) and not with JSON: open the spreadsheet to ",
        ),
        (
            http_error(404),
            "The sheet's web app is not there (HTTP 404): open the spreadsheet to see that neither it nor its ",
        ),
        (http_error(403), "The sheet's web app is not there (HTTP 403): "),
    ],
)
def test_what_will_not_go_better_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, answer: object, sentence: str
) -> None:
    answers = Answers(monkeypatch, answer)
    with pytest.raises(UserError) as caught:
        answers.app.upsert(DAILY, ROWS)
    assert str(caught.value).startswith(sentence)
    assert "secret" not in str(caught.value)
    assert [] == answers.pauses


def test_nothing_is_posted_for_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(monkeypatch).app.upsert(DAILY, ROWS[:0])


@pytest.mark.e2e
def test_rows_arrive_in_the_spreadsheet_and_again_change_nothing(app: WebApp, one_double: Double) -> None:
    for _ in range(2):
        app.upsert(DAILY, ROWS)
        assert SHOWN == one_double.tab("daily")


@pytest.mark.e2e
@pytest.mark.parametrize("way", ["busy", "overloaded", "lost"])
def test_what_went_wrong_for_a_moment_ends_in_the_same_rows(app: WebApp, one_double: Double, way: str) -> None:
    before = len(one_double.posts)
    one_double.answers_next(way)
    app.upsert(DAILY, ROWS)
    assert 2 == len(one_double.posts) - before
    assert ["2026-07-01"] == [row[0] for row in one_double.tab("daily")[1:]]


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("error", "The sheet's web app answered with a page (Error) and not with JSON: "),
        ("signIn", "The sheet's web app answered with a page (Sign in - Google Accounts) and not with JSON: "),
        ("deleted", "The sheet's web app is not there (HTTP 404): "),
    ],
)
def test_a_page_is_told_and_not_asked_for_again(app: WebApp, one_double: Double, way: str, sentence: str) -> None:
    before = len(one_double.posts)
    one_double.answers_next(way)
    with pytest.raises(UserError) as caught:
        app.upsert(DAILY, ROWS)
    assert str(caught.value).startswith(sentence)
    assert 1 == len(one_double.posts) - before


@pytest.mark.e2e
def test_a_wrong_secret_is_told_with_the_mend(one_double: Double) -> None:
    with pytest.raises(UserError) as caught:
        WebApp(one_double.url, "another").upsert(DAILY, ROWS)
    assert "The signature is wrong: set firn:sheetSecret to the secret that setup() names." == str(caught.value)


@pytest.mark.e2e
def test_the_spreadsheets_script_passes_its_own_tests() -> None:
    tests = double.PROGRAM.parent / "code.test.mjs"
    run: Any = subprocess.run([node(), "--test", tests], capture_output=True, text=True, check=False)  # noqa: S603
    assert 0 == run.returncode, run.stdout
