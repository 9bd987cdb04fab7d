#!/usr/bin/env python3
"""A report in, the picture of its first screen out: `report_picture.py firn-data/report.html docs/report.png`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTH, BELOW = 1200, 12


def main(report: str, picture: str) -> None:
    """Take it, in light colours, down to the end of the first site's chart."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": WIDTH, "height": WIDTH}, color_scheme="light")
        page.goto(Path(report).resolve().as_uri())
        height = page.evaluate("document.querySelector('.days').getBoundingClientRect().bottom") + BELOW
        page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        chromium.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
