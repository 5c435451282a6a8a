"""Curves, rankings and range maps: what is drawn is what the document says."""

import re
import time

import pytest

from interplay.report.curves import curves
from interplay.report.document import read_document
from interplay.report.heat import read_knowledge
from interplay.report.html import render
from interplay.report.numbers import modalities_table
from interplay.report.ranges import range_maps
from interplay.report.sections import method_card
from interplay.report.verdicts import gather, remedy
from report.documents import curve, document, share
from report.test_report_page import Page


def test_a_curve_is_drawn_listed_and_sorted():
    told = curve()
    told["points"].reverse()
    twin = document() | {"curves": [told]}
    text = Page(render(twin)).text
    assert "What would change the answer" in text
    assert [p.at for p in read_document(twin).curves[0].points] == [2, 4, 8]
    for point in told["points"]:
        assert f"{point['low']:.6g}" in text


@pytest.mark.parametrize(
    "points", [[], [{"at": 1, "low": 0.5}], [{"at": None}, {"at": 2}], [{"at": 1}, {"at": 2}]], ids=range(4)
)
def test_curves_with_little_in_them(points):
    page = Page(render(document() | {"curves": [curve() | {"points": points}]}))
    assert "nan" not in page.text.split()


def test_equal_numbers_make_a_flat_curve():
    points = [{"at": n, "low": 0.5, "high": 0.5} for n in (1, 2)]
    assert "NaN" not in render(document() | {"curves": [curve() | {"points": points}]})


def test_modalities_are_ranked_with_their_best_partner():
    twin = document(("a", "b", "c"))
    twin["unimodal"] = {"a": share(0.6), "b": share(0.8), "c": share(0.7)}
    for pair, low in zip(twin["pairs"], (0.7, 0.9, 0.8), strict=True):  # a+b, a+c, b+c
        pair["guarantee"] = share(low)
    text = Page(modalities_table(read_document(twin))).text
    assert re.findall(r"([abc]) (\d) \d", text) == [("b", "1"), ("c", "2"), ("a", "3")]
    assert "b 1 80.0% (78.9 to 81.1%) c ≥ 78.9%" in text
    assert modalities_table(read_document(document())) == ""


@pytest.mark.parametrize("classes", [("no", "yes"), ("a", "b", "c")], ids=len)
def test_ranges_are_those_of_the_cells(classes):
    """With two classes one grid is enough, that of the rarer class."""
    document_ = read_document(document(classes=classes, codes=3))
    known = read_knowledge(document_.pairs[0], document_.classes)
    page = range_maps(known)
    titles = re.findall(r"<title>([\d.]+)% to ([\d.]+)%</title>", page)
    shown = [int(known.first.sum(0).argmin())] if len(classes) == 2 else range(3)
    expected = [(known.low[i, j, k], known.high[i, j, k]) for k in shown for i in range(3) for j in range(3)]
    for (low, high), (a, b) in zip(titles, expected, strict=True):
        assert float(low) == pytest.approx(100 * a, abs=0.051)
        assert float(high) == pytest.approx(100 * b, abs=0.051)
    assert ("<details" in page) is (len(classes) > 2)


def test_a_curve_of_widths_starts_at_zero_and_one_without_a_picture_says_why():
    points = [{"at": n, "low": w, "high": w + 0.01, "ci": None} for n, w in ((0, 0.2), (50, 0.1))]
    wide = {"title": "If labelled", "note": "why", "x_label": "labels", "unit": "probability", "shows": "width"}
    page = curves(read_document(document() | {"curves": [wide | {"points": points}]}))
    assert ">0%<" in page
    assert "at worst" in page
    page = curves(read_document(document() | {"curves": [wide | {"points": points[:1]}]}))
    assert "why" in page
    assert '<svg class="heat-svg"' not in page


def test_the_method_card_says_how_far_solvers_can_be_off():
    page = method_card(read_document(document()))
    assert "2.0e−09 bits" in page
    assert "4.0e−06" in page
    assert "solvers.union" in page
    assert "the best in fixed steps" in page
    assert "Certificates" not in method_card(read_document(document() | {"certificates": None}))


def test_five_modalities_are_fast_and_small():
    twin = document([f"modality {i}" for i in range(5)], [f"class {i}" for i in range(10)], codes=20)
    started = time.process_time()
    page = render(twin)
    assert time.process_time() - started < 2
    assert len(page.encode()) < 1_000_000


@pytest.mark.parametrize(
    ("warning", "words"),
    [
        ("image: dropped 3 constant and 0 duplicate columns.", "carry nothing new"),
        ("image: 7 of 500 labelled rows are also among the pairs; pass groups", "not two samples"),
        ("image and text: the samples disagree about p(image)", "one population"),
        ("the plug-in best accuracy 0.9 is inflated by chance", "rely on the confidence interval"),
        ("something that nobody foresaw", ""),
    ],
)
def test_warnings_say_what_they_mean(warning, words):
    assert words in remedy(warning)
    assert bool(remedy(warning)) is bool(words)


def test_a_warning_about_many_pairs_is_one_sentence():
    told = [f"s{i} and s9: they disagree." for i in range(5)] + ["alone.", "x: other."]
    assert gather(told) == ("s0 and s9; s1 and s9; s2 and s9 and 2 more: they disagree.", "alone.", "x: other.")
    assert gather(["a: b", "b: b"]) == ("a; b: b",)
    page = Page(render(document() | {"warnings": told})).text
    assert page.count("they disagree") == 1
