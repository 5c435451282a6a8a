"""The documentation: built with its examples, then looked at in headless Chromium as a reader would."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from browser import DESKTOP, PHONE, TABLET, axe_source, executable, open_browser
from report.documents import document

DOCS = Path(__file__).parent.parent / "docs"
pytest.importorskip("markdown", reason="the group docs is not installed (markdown)")
pytest.importorskip("matplotlib", reason="the group docs is not installed (matplotlib)")
sys.path.insert(0, str(DOCS))

from site_builder.build import all_pages, build_site  # noqa: E402
from site_builder.examples import run_examples, run_page  # noqa: E402
from site_builder.links import check_links, to_html_links  # noqa: E402
from site_builder.notebooks import to_notebook  # noqa: E402
from site_builder.reference import api_blocks, cli_reference  # noqa: E402

PAGES = all_pages(DOCS)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The whole site; every example runs."""
    folder = tmp_path_factory.mktemp("site")
    assert len(list(build_site(DOCS, folder))) == len(PAGES)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")
@pytest.mark.filterwarnings("error")
def test_every_page_can_be_read_at_any_width(site):
    with open_browser() as browser:
        for page in PAGES:
            file = (site / page).with_suffix(".html")
            browser.size(*DESKTOP)
            browser.open(file)
            for size in (DESKTOP, TABLET, PHONE):
                browser.size(*size)
                assert browser.overflow() <= 0, f"{page} is wider than {size[0]} pixels"
            assert browser.complaints() == [], page
            assert {url.partition(":")[0] for url in browser.requests()} == {"file"}, page
        if axe_source():
            for page in PAGES:
                for scheme in ("light", "dark"):
                    browser.media(scheme=scheme)
                    browser.open((site / page).with_suffix(".html"))
                    assert browser.accessibility(axe_source()) == [], page


@pytest.mark.slow
def test_examples_show_what_they_print(site):
    page = (site / "tutorials" / "without_pairs.html").read_text(encoding="utf-8")
    assert "promised at least" in page
    assert (site / "tutorials" / "without-pairs.svg").stat().st_size > 1000
    assert "Traceback" not in "".join(f.read_text(encoding="utf-8") for f in site.rglob("*.html"))


@pytest.mark.slow
def test_tutorials_are_notebooks_that_can_be_opened(site):
    books = sorted((site / "tutorials").glob("*.ipynb"))
    assert [b.stem for b in books] == sorted(p.stem for p in (DOCS / "tutorials").glob("*.md"))
    for book in books:
        told = json.loads(book.read_text(encoding="utf-8"))
        assert (told["nbformat"], told["nbformat_minor"]) == (4, 5)
        ids = [c["id"] for c in told["cells"]]
        assert len(set(ids)) == len(ids)
        code = [c for c in told["cells"] if c["cell_type"] == "code"]
        assert any(c["outputs"] for c in code), book
        assert f'href="{book.name}"' in book.with_suffix(".html").read_text(encoding="utf-8")


def test_a_notebook_says_what_its_page_says_when_its_cells_are_run(tmp_path):
    """Cells run in order in one namespace, as Jupyter does it, print what the site prints."""
    text = (
        "<!-- run -->\n# Title\n\nSee [there](x.md#a).\n\n```python\nimport interplay as ip\n"
        "t = ip.PairTables(pairs=[[3, 1], [1, 3]], first=[[3, 1], [1, 3]], second=[[2, 2], [2, 2]])\n```\n"
        "```python hidden\nn = t.shape\n```\n```sh\necho from the shell\n```\n```python\nprint(n)\n```\n"
    )
    book = json.loads(to_notebook(run_page(text, "page.md", tmp_path)))
    assert to_notebook(run_page(text, "page.md", tmp_path)) == to_notebook(run_page(text, "page.md", tmp_path))
    names = {}
    for cell in book["cells"]:
        source, printed = "".join(cell["source"]), io.StringIO()
        if cell["cell_type"] == "markdown":
            continue
        if source.startswith("%%bash\n"):
            lines = subprocess.run(["bash", "-c", source.split("\n", 1)[1]], capture_output=True, text=True, check=True)
            printed.write(lines.stdout)
        else:
            with contextlib.redirect_stdout(printed):
                exec(compile(source, "cell", "exec"), names)
        assert printed.getvalue() == "".join("".join(o["text"]) for o in cell["outputs"])
    assert "from the shell" in json.dumps(book)
    assert "[there](x.html#a)" in json.dumps(book)


def test_every_page_is_in_the_navigation():
    written = {str(p.relative_to(DOCS)) for p in DOCS.rglob("*.md")}
    assert written == set(PAGES)


def test_an_example_that_fails_or_warns_fails_the_build(tmp_path):
    for code in ("1 / 0", "import warnings; warnings.warn('x')", "raise SystemExit"):
        with pytest.raises((ZeroDivisionError, UserWarning, SystemExit)):
            run_examples(f"<!-- run -->\n```python\n{code}\n```\n", "page.md", tmp_path)
    with pytest.raises(RuntimeError, match="command not found"):
        run_examples("<!-- run -->\n```sh\nno-such-command-here\n```\n", "page.md", tmp_path)


def test_blocks_share_names_and_show_output(tmp_path):
    text = "<!-- run -->\n```python\na = 2\n```\n```python hidden\na = 3\n```\n```python\nprint(a)\n```\n"
    told = run_examples(text, "page.md", tmp_path)
    assert "a = 3" not in told
    assert "```text\n3\n```" in told
    assert "a = 2" in run_examples("```python\na = 2\n```\n", "page.md", tmp_path)


def test_broken_links_are_found(tmp_path):
    (tmp_path / "a.html").write_text('<h1 id="top">x</h1><a href="b.html#here">b</a><img src="no.png">'
                                     '<a href="#top">t</a><a href="#none">n</a>')  # fmt: skip
    (tmp_path / "b.html").write_text('<p id="there">y</p>')
    assert check_links(tmp_path) == ["a.html -> b.html#here", "a.html -> no.png", "a.html -> #none"]
    assert to_html_links('<a href="x.md#part">') == '<a href="x.html#part">'


def test_the_references_are_made_from_the_code():
    api = api_blocks((DOCS / "api.md").read_text(encoding="utf-8"))
    import interplay

    assert all(f"### {name}\n" in api for name in interplay.__all__)
    for wrong in ("interplay.nothing", "interplay.no_module.name"):
        with pytest.raises((AttributeError, ModuleNotFoundError)):
            api_blocks(f"::: {wrong}")
    from interplay.cli.parsers import COMMANDS

    told = cli_reference()
    assert all(f"## interplay {name}\n" in told for name in COMMANDS)
    assert "--require" in told


@pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")
def test_the_screenshots_of_the_docs_can_be_taken(tmp_path):
    """RETAKE=interplay-demo/result.json makes those of docs/ again: `make screenshots`."""
    from screenshots import SHOTS, retake, take

    again = os.environ.get("RETAKE")
    for picture in retake(Path(again)) if again else take(document(), tmp_path):
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size > 10_000
    assert all((DOCS / name).exists() for name in SHOTS)


def test_the_screenshots_of_the_docs_show_the_report_as_it_is():
    from screenshots import look

    told = json.loads((DOCS / "screenshots.json").read_text(encoding="utf-8"))
    assert told["page"] == look(), "reports look otherwise now: run `make screenshots`"
