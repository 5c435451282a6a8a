"""Links between pages: from Markdown to HTML, and each checked to lead somewhere, anchors included."""

import re
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r'(href|src)="([^"]+)"')


def to_html_links(body: str) -> str:
    """page.md#part becomes page.html#part; files of the repository outside docs/ become plain text."""
    body = re.sub(r'<a href="(?:\.\./)+(?!reproduction|tutorials)[A-Z][^"]*">(.*?)</a>', r"\1", body)
    return re.sub(r'href="(?!https?:)([^"#]+)\.md(#[^"]*)?"', lambda m: f'href="{m[1]}.html{m[2] or ""}"', body)


def check_links(site: Path) -> list[str]:
    """Every link or picture of every page that leads nowhere, as "page -> target"."""
    pages = {file: file.read_text(encoding="utf-8") for file in site.rglob("*.html")}
    anchors = {file: set(re.findall(r'\bid="([^"]+)"', text)) for file, text in pages.items()}
    wrong = []
    for file, text in pages.items():
        for _, target in LINK.findall(text):
            if target.startswith(("https://", "http://", "mailto:", "data:")):
                continue
            path, _, anchor = unquote(target).partition("#")
            found = (file.parent / path).resolve() if path else file
            if not found.is_file() or (anchor and anchor not in anchors.get(found, {anchor})):
                wrong.append(f"{file.relative_to(site)} -> {target}")
    return wrong
