"""The HTML around a page of the report: no scripts, no network, one style for all pages."""

from importlib.resources import files

from interplay.report import svg
from interplay.report.words import esc

POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # the browser itself forbids every load


def page(title: str, body: str) -> str:
    """A whole page. title: plain text; body: HTML."""
    head = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{esc(title)}</title><style>{_style()}</style></head>"
    )
    return f"{head}<body>{svg.patterns()}{body}</body></html>\n"


def _style() -> str:
    return files("interplay.report").joinpath("style.css").read_text(encoding="utf-8")
