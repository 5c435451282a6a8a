"""The order of the pages, and one page after the other from Markdown to HTML."""

import shutil
import time
import warnings
from collections.abc import Iterator
from html import escape
from pathlib import Path

import markdown

from site_builder.examples import run_page
from site_builder.links import check_links, to_html_links
from site_builder.notebooks import to_notebook
from site_builder.reference import api_blocks, cli_reference

NAV = {
    "Start": ["index.md", "start.md", "ideas.md", "choose.md", "reading.md"],
    "Tutorials": [
        "tutorials/without_pairs.md",
        "tutorials/images_and_captions.md",
        "tutorials/sensors.md",
        "tutorials/omics.md",
        "tutorials/counts.md",
        "tutorials/planning.md",
        "tutorials/any_model.md",
        "tutorials/fused.md",
    ],
    "Reference": ["api.md", "cli.md", "glossary.md", "faq.md", "limits.md"],
    "Background": ["theory.md", "reproduction/README.md", "benchmarks.md", "solvers.md", "architecture.md"],
}
ALSO = "reproduction/*.md"  # linked from the pages above
ASSETS = ("*.png", "*.svg", "*.json")
EXTENSIONS = ["tables", "fenced_code", "toc", "sane_lists", "codehilite"]
OPTIONS = {"codehilite": {"guess_lang": False, "css_class": "code"}, "toc": {"permalink": False}}


def build_site(docs: Path, target: Path) -> Iterator[str]:
    """Build all pages; yields a line a page. Raises on the first thing that is wrong."""
    warnings.simplefilter("error")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(docs / "style.css", target / "style.css")
    for pattern in ASSETS:
        for file in [*docs.glob(pattern), *docs.glob(f"reproduction/{pattern}")]:
            copy = target / file.relative_to(docs)
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(file, copy)
    titles = {page: title_of(docs / page) for page in all_pages(docs)}
    for page in titles:
        started = time.perf_counter()
        (target / page).parent.mkdir(exist_ok=True)
        (target / page).with_suffix(".html").write_text(render(docs, target, page, titles), encoding="utf-8")
        yield f"{page} ({time.perf_counter() - started:.1f} s)"
    wrong = check_links(target)
    if wrong:
        raise SystemExit("broken links:\n" + "\n".join(wrong))


def all_pages(docs: Path) -> list[str]:
    """The pages of the navigation, then those that they link to."""
    named = [page for pages in NAV.values() for page in pages]
    return named + [p for p in sorted(str(f.relative_to(docs)) for f in docs.glob(ALSO)) if p not in named]


def title_of(path: Path) -> str:
    """The first heading."""
    return next(line[2:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# "))


def render(docs: Path, target: Path, page: str, titles: dict[str, str]) -> str:
    """One page as HTML."""
    text = (docs / page).read_text(encoding="utf-8")
    if page == "api.md":
        text = api_blocks(text)
    if page == "cli.md":
        text += cli_reference()
    parts = run_page(text, page, (target / page).parent)
    text = "".join(part.markdown for part in parts)
    if page.startswith("tutorials/"):
        book = (target / page).with_suffix(".ipynb")
        book.write_text(to_notebook(parts), encoding="utf-8")
        title, rest = text.strip().split("\n", 1)
        text = f'{title}\n\n<p class="open"><a href="{book.name}" download>This page as a notebook</a></p>\n{rest}'
    body = markdown.markdown(text, extensions=EXTENSIONS, extension_configs=OPTIONS, output_format="html")
    body = body.replace("<table>", '<div class="wide" role="region" tabindex="0" aria-label="Table"><table>')
    body = body.replace("</table>", "</table></div>").replace(
        '<div class="code"><pre>', '<div class="code"><pre tabindex="0">'
    )
    up = "../" * page.count("/")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<title>{escape(titles[page])} · interplay</title><link rel="stylesheet" href="{up}style.css"></head><body>'
        f'<a class="skip" href="#content">Skip to the content</a><p class="bar"><a href="{up}index.html">interplay</a>'
        f'<a href="#pages">All pages</a></p>{navigation(page, titles, up)}'
        f'<main id="content" tabindex="-1">{to_html_links(body)}</main></body></html>\n'
    )


def navigation(page: str, titles: dict[str, str], up: str) -> str:
    """All pages; the open one is marked. Below the text on narrow screens."""
    groups = ""
    for group, pages in NAV.items():
        links = "".join(
            f'<li><a href="{up}{p.removesuffix(".md")}.html"{" aria-current=page" if p == page else ""}>'
            f"{escape(titles[p])}</a></li>"
            for p in pages
        )
        groups += f"<p>{group}</p><ul>{links}</ul>"
    home = f'<a class="home" href="{up}index.html">interplay</a>'
    return f'<nav id="pages" aria-label="Pages">{home}{groups}</nav>'
