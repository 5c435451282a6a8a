"""The report as a person meets it, in headless Chromium: three widths, dark, print, keyboard, accessibility."""

import pytest

from browser import DESKTOP, PHONE, TABLET, axe_source, executable, open_browser
from interplay.report.comparison import compare_documents
from interplay.report.comparison_page import render_comparison
from interplay.report.html import render
from report.documents import curve, document, share
from report.test_report_page import HOSTILE

if executable() is None:
    pytest.skip("no Chromium on this machine (chromium, google-chrome)", allow_module_level=True)

SMALL = (320, 640)


def comparison(one, other):
    return render_comparison(compare_documents(one, other))


DOCUMENTS = {
    "two modalities": lambda: render(document()),
    "three with curves": lambda: render(document(("image", "text", "audio")) | {"curves": [curve()]}),
    "hostile names": lambda: render(document(HOSTILE[:3], HOSTILE)),
    "long names": lambda: render(document(("electroencephalogram" * 4, "b" * 80), ("c" * 60, "d"))),
    "twenty modalities": lambda: render(document([f"sensor {i}" for i in range(20)], codes=3)),
    "fifty classes": lambda: render(document(classes=[f"class {i}" for i in range(50)], codes=12)),
    "comparison": lambda: comparison(document(), document() | {"guarantee": share(0.7, 0.75)}),
    "hostile comparison": lambda: comparison(document(HOSTILE[:2], HOSTILE), document(HOSTILE[:2], HOSTILE)),
}


@pytest.fixture(scope="module")
def browser():
    with open_browser() as opened:
        yield opened


def unfolded(name, browser, folder):
    """The browser with a report open, every <details> unfolded."""
    file = folder / "report.html"
    file.write_text(DOCUMENTS[name](), encoding="utf-8")
    browser.media()
    browser.size(*DESKTOP)
    browser.open(file)
    browser.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
    return browser


@pytest.fixture(params=DOCUMENTS, ids=list(DOCUMENTS))
def page(request, browser, tmp_path):
    return unfolded(request.param, browser, tmp_path)


def test_it_fits_loads_nothing_and_complains_of_nothing(page):
    for scheme in ("light", "dark"):
        page.media(scheme=scheme)
        for size in (DESKTOP, TABLET, PHONE, SMALL):
            page.size(*size)
            assert page.overflow() <= 0, f"wider than {size[0]} pixels in {scheme}"
    assert page.complaints() == []
    assert [url.partition(":")[0] for url in page.requests()] == ["file"]


def test_dark_is_dark_and_light_is_light(page):
    script = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    page.media(scheme="dark")
    assert page.ask(script) < 3 * 60
    page.media(scheme="light")
    assert page.ask(script) > 3 * 240


def test_it_prints(page):
    assert page.paper().startswith(b"%PDF-")
    page.media(kind="print", scheme="dark")
    assert page.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["two modalities", "three with curves", "hostile names", "comparison"])
def test_axe_finds_nothing_serious(name, scheme, browser, tmp_path):
    axe = axe_source()
    if axe is None:
        pytest.skip("axe-core is not installed (pip install axe-core-python)")
    page = unfolded(name, browser, tmp_path)
    page.media(scheme=scheme)
    assert page.accessibility(axe) == []


def test_the_keyboard_reaches_the_text_past_the_pictures(browser, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(render(document()), encoding="utf-8")
    browser.media()
    browser.open(file)
    for kind in ("keyDown", "keyUp"):
        browser.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert browser.ask("document.activeElement.textContent") == "Skip the pictures"
    assert browser.ask("document.activeElement.getBoundingClientRect().left") >= 0


def test_the_browser_itself_sees_what_is_wrong(browser, tmp_path):
    """The checks above can fail."""
    file = tmp_path / "bad.html"
    file.write_text('<html lang="en"><title>t</title><main><div style="width:3000px">x</div><img src="none.png">'
                    '<p style="color:#999;background:#aaa">grey</p><script>nothing()</script></main>')  # fmt: skip
    browser.size(*PHONE)
    browser.open(file)
    assert browser.overflow() > 2000
    assert any("nothing is not defined" in c for c in browser.complaints())
    assert len(browser.requests()) == 2
    if axe_source():
        assert {"image-alt", "color-contrast"} <= {v["rule"] for v in browser.accessibility(axe_source())}
