"""The pictures of the report that the documentation shows: docs/report*.png, from the demo's result.

docs/screenshots.json keeps what the page of a fixed result hashed to when they were made, and a test compares it:
whoever changes how a report looks runs `make screenshots`, in which the tests make them again.
"""

import hashlib
import json
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))

from browser import PHONE, open_browser  # noqa: E402
from interplay.report.html import render  # noqa: E402
from report.documents import document  # noqa: E402

SHOTS = {
    "report.png": ((1280, 900), "light"),
    "report-phone.png": (PHONE, "light"),
    "report-dark.png": ((1280, 900), "dark"),
}


def look() -> str:
    """What tells whether reports look as they did: the hash of the page of a fixed result."""
    return hashlib.sha256(render(document()).encode()).hexdigest()


def take(result: dict, folder: Path) -> list[Path]:
    """The pictures of one result, in `folder`."""
    page = folder / "screenshot.html"
    page.write_text(render(result), encoding="utf-8")
    with open_browser() as browser:
        for name, (size, scheme) in SHOTS.items():
            browser.size(*size)
            browser.media(scheme=scheme)
            browser.open(page)
            browser.picture(folder / name)
    page.unlink()
    return [folder / name for name in SHOTS]


def retake(result: Path) -> list[Path]:
    """The pictures in docs/ made again from the demo's result.json, and the hash beside them."""
    pictures = take(json.loads(result.read_text(encoding="utf-8")), DOCS)
    (DOCS / "screenshots.json").write_text(json.dumps({"page": look()}) + "\n", encoding="utf-8")
    return pictures
