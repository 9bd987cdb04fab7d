"""The sheet as an Apps Script web app (`apps_script/Code.gs`): a tab's frame in, one signed POST out, its answer read.

The app cannot set a status, and answers a POST with a redirect that is to be fetched with GET, as urllib does. A post
that is sent again changes nothing, hence it is, when its answer is lost or another run holds the sheet's lock.
"""

import hashlib
import hmac
import json
import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError

import pandas as pd

from pipeline.errors import UserError
from pipeline.mirror.rows import Cell, rows
from pipeline.mirror.tabs import Tab

TIMEOUT_SECONDS = 60  # the app itself waits 30 for its lock
PAUSES_SECONDS = (5, 15)
TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,80})", re.IGNORECASE)


class NotNow(Exception):  # noqa: N818 (it is no error as long as another attempt is left)
    """Why there is no answer yet, and what to do if there is none in the end."""


@dataclass(frozen=True)
class WebApp:
    """The end that posts to the web app at `url`, signed with the secret that its `setup` made."""

    url: str
    secret: str
    now: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep

    def upsert(self, tab: Tab, frame: pd.DataFrame) -> None:
        """Bring the tab up to date; an empty frame is not sent. Raises UserError where the app does not do it."""
        if len(frame):
            self._post_patiently(payload(tab, frame))

    def _post_patiently(self, text: str) -> None:
        for seconds in PAUSES_SECONDS:
            try:
                return self._post(text)
            except NotNow:
                self.pause(seconds)
        try:
            return self._post(text)
        except NotNow as error:
            raise UserError(str(error)) from error

    def _post(self, text: str) -> None:
        """One attempt; raises NotNow where another one may help, UserError where none will."""
        body = json.dumps(signed(text, self.secret, int(self.now() * 1000))).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})  # noqa: S310 (see sheet_parameter)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
                check(response.read().decode("utf-8", "replace"))
        except HTTPError as error:
            error.close()
            raise refused(error.code) from error
        except (URLError, OSError, HTTPException) as error:
            raise NotNow(
                f"The sheet's web app cannot be reached ({getattr(error, 'reason', error)}): "
                f"check firn:sheetUrl, and run the mirror again."
            ) from error


def payload(tab: Tab, frame: pd.DataFrame) -> str:
    """What the app is to do, as JSON: the tab, its key, its columns, and the rows as lists."""
    columns = [str(name) for name in frame.columns]
    cells = [[_plain(row[name]) for name in columns] for row in rows(frame)]
    return json.dumps({"tab": tab.name, "key": list(tab.key), "columns": columns, "rows": cells}, allow_nan=False)


def signed(text: str, secret: str, milliseconds: int) -> Mapping[str, object]:
    """The body: the app sees no headers, and takes it within five minutes of the time stamp."""
    signature = hmac.new(secret.encode(), f"{milliseconds}.{text}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": milliseconds, "payload": text, "signature": signature}


def check(answered: str) -> None:
    """Return if the app says that it has done it."""
    answer = _json(answered)
    if answer is None:
        raise UserError(
            f"The sheet's web app answered with a page ({_title(answered)}) and not with JSON: open the spreadsheet "
            f"to see that it was not deleted, deploy its script as a web app for anyone, set firn:sheetUrl to the URL "
            f"that ends in /exec, and run pulumi up."
        )
    if answer.get("ok") is True:
        return
    said = str(answer.get("error") or "no reason given").rstrip(".")
    raise NotNow(f"{said}.") if answer.get("retry") is True else UserError(f"{said}.")


def refused(status: int) -> Exception:
    """The web app's front answers a status only where it does not reach the script."""
    if status == 429 or status >= 500:  # noqa: PLR2004 (HTTP's own)
        return NotNow(f"The sheet's web app is not to be had now (HTTP {status}): run the mirror again later.")
    return UserError(
        f"The sheet's web app is not there (HTTP {status}): open the spreadsheet to see that neither it nor its "
        f"deployment was deleted, set firn:sheetUrl to the deployment's URL, and run pulumi up."
    )


def _json(text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _title(page: str) -> str:
    found = TITLE.search(page)
    return " ".join(found[1].split()) if found else "without a title"


def _plain(cell: Cell) -> str | int | float | None:
    return float(cell) if isinstance(cell, Decimal) else cell
