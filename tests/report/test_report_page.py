"""Laws of the report page: same bytes, valid, escaped, complete, harmless, for any document."""

import contextlib
import copy
import itertools
import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from interplay.errors import InputError
from interplay.report.document import read_document
from interplay.report.html import render
from interplay.report.verdicts import judge_promise
from interplay.report.words import raw
from report.documents import document

VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = ('"><script>alert(1)</script>', "O'Neil & <b>co</b>", "نص عربي", "🙂 emoji")


class Page(HTMLParser):
    """Elements with attributes, text, and whether every tag was closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


DOCUMENTS = {
    "two modalities": lambda: document(),
    "no truth": lambda: document(truth=False),
    "three modalities": lambda: document(("image", "text", "audio")),
    "twenty modalities": lambda: document([f"sensor {i}" for i in range(20)], codes=4),
    "fifty classes": lambda: document(classes=[f"class {i}" for i in range(50)], codes=12),
    "hostile names": lambda: document(HOSTILE[:3], HOSTILE),
    "nulls": lambda: without_numbers(document()),
    "one code": lambda: document(codes=1),
}


@pytest.fixture(params=DOCUMENTS, ids=list(DOCUMENTS))
def twin(request):
    return DOCUMENTS[request.param]()


def without_numbers(value):
    """Every measured number gone, as after a computation that gave nan."""
    if isinstance(value, dict):
        return {k: v if k in ("tables", "rule", "settings") else without_numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_numbers(v) for v in value]
    return None if isinstance(value, int | float) else value


def paths(value, at=()):
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from paths(child, (*at, key))


def replaced(value, path, new):
    if not path:
        return new
    value = copy.copy(value)
    value[path[0]] = replaced(value[path[0]], path[1:], new)
    return value


def test_same_document_same_bytes(twin):
    again = json.loads(json.dumps(twin))
    assert render(twin).encode() == render(again).encode()


def test_small(twin):
    assert len(render(twin).encode()) < 1_000_000


def test_every_tag_is_closed_and_ids_are_unique(twin):
    page = Page(render(twin))
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert not [i for i, n in ids.items() if n > 1]
    referred = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert referred <= set(ids)


def test_nothing_is_loaded_or_run(twin):
    text = render(twin)
    page = Page(text)
    assert not {"script", "link", "iframe", "img", "object", "embed"} & {tag for tag, _ in page.elements}
    for _, attributes in page.elements:
        assert not [a for a in attributes if a.startswith("on") or a in ("src", "srcset", "xlink:href")]
        assert attributes.get("href", "#").startswith("#")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "@import" not in style
    assert set(re.findall(r"url\((.)", style)) <= {"#"}


def test_names_arrive_as_text():
    page = Page(render(document(HOSTILE[:3], HOSTILE)))
    for name in HOSTILE:
        assert " ".join(name.split()) in page.text
    assert "script" not in {tag for tag, _ in page.elements}


def test_all_numbers_are_on_the_page():
    twin = document(("image", "text", "audio"))
    text = Page(render(twin)).text
    estimates = [twin[k] for k in ("accuracy", "guarantee", "gain", "redundancy", "synergy", "total")]
    for key in ("unimodal", "unique", "information"):
        estimates += twin[key].values()
    for e in estimates:
        for value in (e["low"], e["high"], *e["ci"], *e["limits"]):
            assert raw(value) in text
    for rung in twin["ladder"]:
        assert raw(rung["accuracy"]) in text
        assert rung["assumption"] in text
    for sentence in (twin["verdict"], *twin["warnings"], *twin["assumptions"], *twin["next_steps"]):
        assert sentence in text
    for digest in twin["inputs"].values():
        assert digest in text


def test_a_negative_estimate_stays_negative_in_the_tables():
    twin = document()
    twin["synergy"] = {**twin["synergy"], "low": -0.0123, "ci": [-0.0456, 0.2]}
    text = Page(render(twin)).text
    assert "−0.0123" in text
    assert "−0.0456" in text


def test_missing_numbers_are_named(twin):
    text = Page(render(twin)).text
    assert not re.search(r"\b(nan|None|inf)\b", text)


def test_pictures_have_words(twin):
    page = Page(render(twin))
    pictures = [a for tag, a in page.elements if tag == "svg" and (a.get("role") == "img" or "aria-hidden" in a)]
    assert len(pictures) >= 8
    assert all(a.get("aria-label", "").strip() for a in pictures if a.get("role") == "img")


def test_headings_do_not_skip_levels(twin):
    levels = [int(tag[1]) for tag, _ in Page(render(twin)).elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_every_pair_has_a_row():
    names = [f"m{i}" for i in range(5)]
    text = Page(render(document(names))).text
    assert all(f"{a} + {b}" in text for i, a in enumerate(names) for b in names[i + 1 :])


@pytest.mark.parametrize("schema", ["interplay/result/2", None, 7])
def test_another_schema_is_refused(schema):
    with pytest.raises(InputError, match="interplay/result/1"):
        render({**document(), "schema": schema})


BAD = ["text", 3, [], {}, None, [1, "a"], {"low": []}, True, 1e308]


@pytest.mark.parametrize("at", range(len(BAD)), ids=[repr(b) for b in BAD])
def test_damage_is_refused_or_shown_but_never_a_crash(at):
    twin = document(codes=2)
    for path in list(paths(twin))[at % 4 :: 4]:
        with contextlib.suppress(InputError):
            render(replaced(twin, path, BAD[at]))


@pytest.mark.parametrize(
    ("fused", "kind"), [(0.95, "kept"), (0.918, "kept"), (0.912, "open"), (0.90, "broken")], ids=str
)
def test_the_promise_is_judged_by_the_numbers(fused, kind):
    twin = document()
    twin["truth"]["fused"] = fused
    promised = twin["guarantee"]["ci"][0]
    assert promised == pytest.approx(0.918)
    assert judge_promise(read_document(twin)).kind == ("kept" if fused >= promised else kind)


def test_no_truth_no_judgement():
    assert judge_promise(read_document(document(truth=False))) is None
