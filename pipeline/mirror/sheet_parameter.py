"""The name of an SSM parameter in; the web app that its value describes out.

The value is a SecureString: `{"url": "https://script.google.com/macros/s/…/exec", "secret": "…"}`.
"""

import json

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import UserError
from pipeline.mirror.web_app import WebApp

MEND = (
    "set firn:sheetUrl and firn:sheetSecret to the two values that setting up the spreadsheet gives, and run pulumi up."
)


def sheet_of(name: str) -> WebApp:
    """The web app of that parameter; raises UserError where there is none, or it holds something else."""
    try:
        answer = boto3.client("ssm").get_parameter(Name=name, WithDecryption=True)
    except (ClientError, BotoCoreError) as error:
        raise _unusable(name, f"cannot be read ({_reason(error)})") from error
    return web_app(name, answer["Parameter"]["Value"])


def web_app(name: str, value: str) -> WebApp:
    """The web app that the parameter's value describes; no message of ours repeats any of it."""
    try:
        described = json.loads(value)
        url, secret = described["url"], described["secret"]
    except (ValueError, TypeError, KeyError) as error:
        raise _unusable(name, "does not hold a url and a secret as JSON") from error
    if not (isinstance(url, str) and url.startswith(("https://", "http://")) and isinstance(secret, str) and secret):
        raise _unusable(name, "does not hold the url and the secret of a web app")
    return WebApp(url, secret)


def _reason(error: ClientError | BotoCoreError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else str(error)


def _unusable(name: str, fault: str) -> UserError:
    return UserError(f"The sheet's parameter {name} {fault}: {MEND}")
